"""The tools of servers: their names among several servers, their schemas, and how they are called."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring.exceptions import ToolError
from llmring.schemas import Part, Tool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from mcp.types import Tool as Offered

    from llmring.mcp.client.results import MCPResult

_LONGEST: Final = 64
"""Letters of a name that every provider takes."""
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_-]+")
_MARK: Final = 8
"""Letters of the hash that ends a shortened name."""


@attrs.frozen(kw_only=True, eq=False)
class MCPTool:
    """A tool of a server; called with its arguments by name, it gives what a model is told, or raises `ToolError`.

    Of an `MCPClient` the call is awaited; of a `SyncMCPClient` it is not.
    """

    tool: Tool
    """What a model is told of it."""
    server: str
    """The client's name for the server."""
    original_name: str
    """The name that the server knows it by."""
    title: str | None = None
    annotations: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """Hints of the server's, which need not be true: ``readOnlyHint``, ``destructiveHint``, ``idempotentHint``, ``openWorldHint``."""
    output_schema: dict[str, Any] | None = None
    """JSON Schema of structured results, where the server has one."""
    call: Callable[[dict[str, Any]], Any] = attrs.field(repr=False)
    """Calls it; given the arguments, gives the `MCPResult` or its promise."""

    @property
    def name(self) -> str:
        """The name that a model knows it by."""
        return self.tool.name

    def __call__(self, /, **arguments: Any) -> Any:
        """Call the tool."""
        raise NotImplementedError


@attrs.frozen(kw_only=True, eq=False)
class AwaitedTool(MCPTool):
    """A tool whose call is awaited."""

    call: Callable[[dict[str, Any]], Awaitable[MCPResult]] = attrs.field(repr=False)

    async def __call__(self, /, **arguments: Any) -> str | list[Part]:
        """Call the tool.

        Raises:
            ToolError: the tool says that it failed.
            MCPError: the server does not answer, or has no such tool any more.

        """
        return told(await self.call(arguments))


@attrs.frozen(kw_only=True, eq=False)
class BlockingTool(MCPTool):
    """A tool whose call blocks."""

    call: Callable[[dict[str, Any]], MCPResult] = attrs.field(repr=False)

    def __call__(self, /, **arguments: Any) -> str | list[Part]:
        """Call the tool.

        Raises:
            ToolError: the tool says that it failed.
            MCPError: the server does not answer, or has no such tool any more.

        """
        return told(self.call(arguments))


def told(result: MCPResult) -> str | list[Part]:
    """Give what a model is told of *result*.

    Raises:
        ToolError: it is a failure.

    """
    if result.is_error:
        raise ToolError(result.text or "The tool failed and does not say why.")
    return result.told


def names(offers: Iterable[tuple[str, str]], *, several: bool) -> list[str]:
    """Name the tools of *offers*, pairs of server and tool: uniquely, legally for every provider, led by the server where *several* are."""
    taken: set[str] = set()
    found: list[str] = []
    for server, tool in offers:
        name = _legal(f"{server}__{tool}" if several else tool)
        again = 1
        unique = name
        while unique in taken:
            again += 1
            unique = f"{name[: _LONGEST - len(str(again)) - 1]}_{again}"
        taken.add(unique)
        found.append(unique)
    return found


def _legal(name: str) -> str:
    legal = _FOREIGN.sub("_", name)
    if not (legal[:1].isalpha() or legal.startswith("_")):  # Gemini insists
        legal = f"_{legal}"
    if len(legal) <= _LONGEST:
        return legal
    mark = hashlib.sha256(name.encode()).hexdigest()[:_MARK]
    return f"{legal[: _LONGEST - _MARK - 1]}_{mark}"


def described(offered: Offered, name: str, server: str) -> Tool:
    """Describe a tool as *server* has *offered* it, by *name*; its schema is brought into what each provider takes."""
    return Tool(
        name=name,
        description=offered.description or offered.title,
        parameters=dict(offered.input_schema),
        origin=f"the MCP server {server}",
    )
