"""The tools of all servers of a client: named apart, asked for again when they have changed, and called."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from llmring.exceptions import MCPError
from llmring.mcp.client.calling import call_tool
from llmring.mcp.client.fleet import Fleet
from llmring.mcp.client.holdings import Holdings
from llmring.mcp.client.tools import AwaitedTool, described, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp import types

    from llmring.mcp.client.connection import Connection
    from llmring.mcp.client.places import Source
    from llmring.mcp.client.results import MCPResult
    from llmring.mcp.client.settings import OnProgress, Settings
    from llmring.mcp.client.tools import MCPTool


class Catalogue:
    """What the servers of one client offer, their tools first."""

    def __init__(self, sources: Sequence[Source], settings: Settings) -> None:
        """Be ready to connect to *sources*."""
        self._settings = settings
        self._tools: list[AwaitedTool] | None = None
        self.fleet = Fleet(sources, settings, self._forget)
        self.holdings = Holdings(self.fleet)

    def _forget(self) -> None:
        self._tools = None

    @property
    def tools(self) -> list[MCPTool]:
        """All tools, named apart."""
        if self._tools is None:
            offers = [(each, tool) for each in self.fleet.connections.values() for tool in each.tools]
            named = names([(each.name, tool.name) for each, tool in offers], several=len(self.fleet.connections) > 1)
            self._tools = [self._tool(each, tool, name) for (each, tool), name in zip(offers, named, strict=True)]
        return list(self._tools)

    def _tool(self, connection: Connection, offered: types.Tool, name: str) -> AwaitedTool:
        hints = offered.annotations
        return AwaitedTool(
            tool=described(offered, name, connection.name),
            server=connection.name,
            original_name=offered.name,
            title=offered.title or (hints.title if hints else None),
            annotations=hints.model_dump(by_alias=True, exclude_none=True, exclude={"title"}) if hints else {},
            output_schema=offered.output_schema,
            call=partial(call_tool, connection, self._settings, offered.name),
        )

    async def relist(self) -> None:
        """Ask for the tools again."""
        await self.fleet.of_all(lambda each: each.relist(), self.fleet.usable("tools"))

    async def call(
        self, name: str, arguments: dict[str, Any] | None, *, server: str | None, timeout: float | None, on_progress: OnProgress | None
    ) -> MCPResult:
        """Call the tool *name*."""
        found = self._found(name, server)
        if found is None:
            named = self.fleet.connections.get(server) if server is not None else None
            await self.fleet.of_all(lambda each: each.relist(), [named] if named else self.fleet.usable("tools"))
            found = self._found(name, server)
        if found is None:
            raise self.fleet.unknown("tool", name, [tool.name for tool in self.tools if server in {None, tool.server}], server)
        connection = self.fleet.connections[found.server]
        return await call_tool(connection, self._settings, found.original_name, arguments or {}, timeout=timeout, on_progress=on_progress)

    def _found(self, name: str, server: str | None) -> MCPTool | None:
        tools = [tool for tool in self.tools if server in {None, tool.server}]
        exact = [tool for tool in tools if tool.name == name]
        own = exact or [tool for tool in tools if tool.original_name == name]
        if len(own) > 1:
            raise MCPError(f"Several servers have a tool {name!r}: {', '.join(tool.server for tool in own)}; name one by server=.")
        return own[0] if own else None
