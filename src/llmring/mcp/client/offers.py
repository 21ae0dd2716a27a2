"""What servers say of themselves and offer, as values; nothing here talks to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

if TYPE_CHECKING:
    from llmring.exceptions import MCPError


@attrs.frozen(kw_only=True)
class ServerInfo:
    """A server of a client's, and how it is."""

    name: str
    """The client's name for it: the key in a configuration, else made from command or address."""
    transport: str
    """``stdio``, ``http``, ``sse`` or ``memory``; ``http`` stands for either kind until one has answered."""
    status: Literal["new", "connected", "failed", "lost", "closed"]
    """``lost`` servers, which ended by themselves, are connected again at the next use."""
    error: MCPError | None = None
    """Why it failed or was lost."""
    protocol: str | None = None
    """The version of the protocol that both sides speak."""
    title: str | None = None
    """The server's own name."""
    version: str | None = None
    """The server's own version."""
    instructions: str | None = None
    """What the server says of its use, for a model."""
    capabilities: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """What it can do, in the protocol's words."""


@attrs.frozen(kw_only=True)
class Resource:
    """Something that a server lets read."""

    server: str
    uri: str
    name: str
    title: str | None = None
    description: str | None = None
    media_type: str | None = None
    size: int | None = None
    """Bytes, where the server tells."""


@attrs.frozen(kw_only=True)
class ResourceTemplate:
    """A form of address that a server fills."""

    server: str
    template: str
    """An RFC 6570 template, e.g. ``file:///{path}``."""
    name: str
    title: str | None = None
    description: str | None = None
    media_type: str | None = None


@attrs.frozen(kw_only=True)
class PromptArgument:
    """What a prompt wants to know."""

    name: str
    description: str | None = None
    required: bool = False


@attrs.frozen(kw_only=True)
class Prompt:
    """A prompt that a server writes."""

    server: str
    name: str
    title: str | None = None
    description: str | None = None
    arguments: list[PromptArgument] = attrs.field(factory=list[PromptArgument])


@attrs.frozen(kw_only=True)
class Elicitation:
    """A server's question to the user: a form by *schema*, or a page to visit at *url*."""

    server: str
    message: str
    schema: dict[str, Any] | None = None
    """JSON Schema of the answer: an object of plain values."""
    url: str | None = None


@attrs.frozen(kw_only=True)
class Progress:
    """How far a call has come."""

    server: str
    tool: str
    """The tool's name as the server knows it."""
    progress: float
    total: float | None = None
    message: str | None = None


@attrs.frozen(kw_only=True)
class LogMessage:
    """A line of a server's log, sent over the protocol."""

    server: str
    level: str
    data: Any
    logger: str | None = None
