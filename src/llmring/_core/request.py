"""A request after normalising: one form, whatever the caller wrote; what ``fit`` adapts and ``encode`` renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

from llmring._base import new_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.message import Message
    from llmring._gen.tool import Tool

ToolChoice = Literal["auto", "none", "required", "function"]


class Texts(tuple["Message", ...]):
    """A conversation of nothing but texts: no message has parts, calls, a name or metadata, so nobody needs to look for any.

    Whatever changes a conversation makes a plain tuple of it.
    """

    __slots__ = ()


@attrs.frozen(kw_only=True)
class ResponseFormat:
    """The form that the answer must have."""

    kind: Literal["json_object", "json_schema"]
    name: str = "response"
    schema: dict[str, Any] | None = None
    strict: bool | None = None
    description: str | None = None
    type: Any = None
    """The Python type to build from the answer, where one was asked for."""


@attrs.frozen(kw_only=True)
class NormalRequest:
    """What one chat call asks for, free of the caller's spelling."""

    messages: tuple[Message, ...]
    """Never empty; content is text or a list of parts (no mappings), calls are ``ToolCall``, tool messages carry the tool's name."""
    options: Mapping[str, Any] = attrs.field(factory=new_dict)
    """Parameters by their unified names, only those that were set; without tools, tool choice and response format."""
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    tool_name: str | None = None
    """The tool to call where *tool_choice* is ``function``."""
    response_format: ResponseFormat | None = None
    extra: Mapping[str, Any] = attrs.field(factory=new_dict)
    """``extra_params``: keys of the body, last of all."""
    headers: Mapping[str, str] = attrs.field(factory=new_dict)
    """``extra_headers``."""
    stream: bool = False
    worded: bool = False
    """Whether what a tool gave is put into words where the model does not take it; nobody chose what a tool gives."""
    quirks: Mapping[str, Any] = attrs.field(factory=new_dict)
    """Where the provider's dialect of its protocol differs (``quirks`` of its spec entry)."""
