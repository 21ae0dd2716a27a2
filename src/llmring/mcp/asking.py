"""What both enhanced models are made of: the model, the words before each conversation, functions, and the bounds of each run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from llmring.exceptions import RequestError
from llmring.schemas import Message
from llmring.tools import describe_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmring.schemas import Tool

    Messages = Sequence[Message | Mapping[str, Any]] | str

F = TypeVar("F", bound="Callable[..., Any]")


class Asking:
    """How a model is asked."""

    def __init__(self, model: str, system: str | None, options: Mapping[str, Any]) -> None:
        """Ask *model*, with *system* before each conversation and *options* where a call has no others."""
        self.model = model
        self._system = system
        self._options = dict(options)
        self._functions: dict[str, Callable[..., Any]] = {}

    def register(self, function: F) -> F:
        """Let the model call *function* as well.

        Raises:
            RequestError: it cannot be described, or another one has its name.

        """
        name = describe_tool(function).name
        if name in self._functions:
            raise RequestError(f"there is a tool {name!r} already; give this one another name", path="tool.name")
        self._functions[name] = function
        return function

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """The functions that were registered."""
        return list(self._functions.values())

    def described(self, offered: Sequence[Any]) -> list[Tool]:
        """Describe the tools that servers have *offered*, and the functions."""
        return [*(tool.tool for tool in offered), *map(describe_tool, self.functions)]

    def messages(self, messages: Messages) -> Messages:
        """Give *messages* with the words before them, unless they have some of their own."""
        if self._system is None:
            return messages
        first = Message(role="system", content=self._system)
        if isinstance(messages, str):
            return [first, Message(role="user", content=messages)]
        own = bool(messages) and _role(messages[0]) in {"system", "developer"}
        return messages if own else [first, *messages]

    def options(self, offered: Sequence[Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Give the options of a call that was *given* some, with the tools that servers have *offered* and all others."""
        tools = [*offered, *self.functions, *(given.get("tools") or ())]
        return {**self._options, **given, "tools": tools}


def _role(message: Any) -> Any:
    return message.role if isinstance(message, Message) else cast("Mapping[str, Any]", message).get("role")


def sources(path: Any, url: str | None, servers: Sequence[Any], client: Any) -> list[Any]:
    """Give all servers that were named, in whichever way.

    Raises:
        RequestError: *servers* is but one server, or there is a *client* with others already.

    """
    if isinstance(servers, (str, bytes)):
        raise RequestError("servers must be a list of servers; give one alone as mcp_server_path or mcp_server_url", path="servers")
    named = [each for each in (path, url) if each is not None] + list(servers)
    if named and client is not None:
        raise RequestError("give either a client or servers to connect to, not both", path="client")
    return named
