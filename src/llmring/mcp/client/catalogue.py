"""All servers of a client at once: their connections, and what they offer together; one that fails leaves the rest alone."""

from __future__ import annotations

import asyncio
import time
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS

from llmring.exceptions import MCPError
from llmring.mcp.client.calling import call_tool
from llmring.mcp.client.connection import Connection
from llmring.mcp.client.entries import fits, prompt, resource, template
from llmring.mcp.client.faults import fault
from llmring.mcp.client.listing import all_pages
from llmring.mcp.client.results import prompt_of, resource_of
from llmring.mcp.client.tools import AwaitedTool, described, names

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import mcp
    from mcp import types

    from llmring.mcp.client.offers import Prompt, Resource, ResourceTemplate, ServerInfo
    from llmring.mcp.client.results import MCPPrompt, MCPResult
    from llmring.mcp.client.settings import OnProgress, Settings
    from llmring.mcp.client.sources import Source
    from llmring.mcp.client.tools import MCPTool

T = TypeVar("T")


class Catalogue:
    """The servers of one client in one event loop."""

    def __init__(self, sources: Sequence[Source], settings: Settings) -> None:
        """Be ready to connect to *sources*."""
        self._settings = settings
        self._connections = {source.name: Connection(source, settings, self._forget) for source in sources}
        self._tools: list[AwaitedTool] | None = None

    # --- all of them ---------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect to every server.

        Raises:
            MCPError: none can be reached.

        """
        await self._of_all(lambda each: each.ready(), list(self._connections.values()))

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(each.close() for each in self._connections.values()))

    def abandon(self) -> None:
        """End what was started, without the event loop, which is closed; this blocks for a moment."""
        for each in self._connections.values():
            each.abandon()

    async def _of_all(self, ask: Callable[[Connection], Awaitable[T]], connections: Sequence[Connection]) -> list[T]:
        """Ask all *connections* at once; what some fail at is in their `info`.

        Raises:
            MCPError: all of them fail.

        """
        found = await asyncio.gather(*(ask(each) for each in connections), return_exceptions=True)
        faults = [each for each in found if isinstance(each, BaseException)]
        for error in faults:
            if not isinstance(error, MCPError) or len(faults) == len(found):
                raise error
        return [each for each in found if not isinstance(each, BaseException)]

    def _usable(self, capability: str) -> list[Connection]:
        """Give the connections to servers that were reached and have *capability*."""
        return [
            each
            for each in self._connections.values()
            if each.info.status in {"connected", "lost"} and capability in each.info.capabilities
        ]

    async def _listed(self, capability: str, method: str, key: str) -> list[tuple[str, Any]]:
        async def ask(each: Connection) -> list[tuple[str, Any]]:
            found = await each.ask(lambda client: all_pages(getattr(client, method), key, each.name))
            return [(each.name, item) for item in found]

        return [pair for pairs in await self._of_all(ask, self._usable(capability)) for pair in pairs]

    def _forget(self) -> None:
        self._tools = None

    @property
    def servers(self) -> dict[str, ServerInfo]:
        """How they are."""
        return {name: each.info for name, each in self._connections.items()}

    @property
    def warnings(self) -> list[str]:
        """What was left out, and who."""
        failed = [each.info.error.message for each in self._connections.values() if each.info.status == "failed" and each.info.error]
        return failed + [warning for each in self._connections.values() for warning in each.warnings]

    # --- tools ---------------------------------------------------------------------------------------

    @property
    def tools(self) -> list[MCPTool]:
        """All tools, named apart."""
        if self._tools is None:
            offers = [(each, tool) for each in self._connections.values() for tool in each.tools]
            named = names([(each.name, tool.name) for each, tool in offers], several=len(self._connections) > 1)
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
        await self._of_all(lambda each: each.relist(), self._usable("tools"))

    async def call(
        self, name: str, arguments: dict[str, Any] | None, *, server: str | None, timeout: float | None, on_progress: OnProgress | None
    ) -> MCPResult:
        """Call the tool *name*."""
        found = self._found(name, server)
        if found is None:
            await self._of_all(
                lambda each: each.relist(), [self._connections[server]] if server in self._connections else self._usable("tools")
            )
            found = self._found(name, server)
        if found is None:
            raise self._unknown("tool", name, [tool.name for tool in self.tools if server in {None, tool.server}], server)
        connection = self._connections[found.server]
        return await call_tool(connection, self._settings, found.original_name, arguments or {}, timeout=timeout, on_progress=on_progress)

    def _found(self, name: str, server: str | None) -> MCPTool | None:
        tools = [tool for tool in self.tools if server in {None, tool.server}]
        exact = [tool for tool in tools if tool.name == name]
        own = exact or [tool for tool in tools if tool.original_name == name]
        if len(own) > 1:
            raise MCPError(f"Several servers have a tool {name!r}: {', '.join(tool.server for tool in own)}; name one by server=.")
        return own[0] if own else None

    def _unknown(self, what: str, name: str, known: Sequence[str], server: str | None) -> MCPError:
        if server is not None and server not in self._connections:
            return MCPError(f"There is no MCP server {server!r}; there are {', '.join(self._connections)}.", server=server)
        near = get_close_matches(name, known, 3) or list(known)[:10]
        hint = f"; there are {', '.join(near)}" if near else ""
        return MCPError(f"No MCP server has a {what} {name!r}{hint}.", server=server)

    # --- resources and prompts -----------------------------------------------------------------------

    async def resources(self) -> list[Resource]:
        """List what can be read."""
        return [resource(*each) for each in await self._listed("resources", "list_resources", "resources")]

    async def templates(self) -> list[ResourceTemplate]:
        """List the forms of what can be read."""
        return [template(*each) for each in await self._listed("resources", "list_resource_templates", "resource_templates")]

    async def prompts(self) -> list[Prompt]:
        """List the prompts."""
        return [prompt(*each) for each in await self._listed("prompts", "list_prompts", "prompts")]

    async def read(self, uri: str, server: str | None) -> MCPResult:
        """Read a resource."""
        connection = await self._one("resources", server, "resource", uri, self._readers)
        return await self._made(connection, lambda client: client.read_resource(uri), resource_of)

    async def prompt(self, name: str, arguments: dict[str, str] | None, server: str | None) -> MCPPrompt:
        """Have a prompt written."""
        connection = await self._one("prompts", server, "prompt", name, self._writers)
        given = {key: str(value) for key, value in (arguments or {}).items()}
        return await self._made(connection, lambda client: client.get_prompt(name, given), prompt_of)

    async def _made(self, connection: Connection, ask: Callable[[mcp.Client], Awaitable[Any]], make: Callable[[Any], T]) -> T:
        found = await connection.ask(ask)
        try:
            return make(found)
        except ValueError as error:
            raise fault(connection.name, f"answered what cannot be used: {error}", connection.tail) from None

    async def _one(
        self, capability: str, server: str | None, what: str, name: str, owners: Callable[[str], Awaitable[dict[str, list[str]]]]
    ) -> Connection:
        """Give the connection to *server*, or else to the one that has *name*."""
        if server in self._connections:
            return self._connections[server]
        usable = self._usable(capability)
        if server is None and len(usable) == 1:
            return usable[0]
        known = await owners(name) if server is None else {}
        having = known.get(name, [])
        if len(having) == 1:
            return self._connections[having[0]]
        if having:
            raise MCPError(f"Several servers have the {what} {name!r}: {', '.join(having)}; name one by server=.")
        raise self._unknown(what, name, list(known), server)

    async def _readers(self, uri: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in await self.resources():
            found.setdefault(each.uri, []).append(each.server)
        if uri not in found:
            for form in await self.templates():
                if fits(form.template, uri):
                    found.setdefault(uri, []).append(form.server)
        return found

    async def _writers(self, _: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in await self.prompts():
            found.setdefault(each.name, []).append(each.server)
        return found

    async def ping(self) -> dict[str, float]:
        """Ask every connected server for a sign of life."""

        async def ask(each: Connection) -> tuple[str, float]:
            began = time.monotonic()
            await each.ask(_ping)
            return each.name, time.monotonic() - began

        return dict([await ask(each) for each in self._connections.values() if each.info.status in {"connected", "lost"}])


async def _ping(client: mcp.Client) -> None:
    if client.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
        await client.session.send_ping()
    else:  # there is no ping any more; this is as cheap
        await client.session.send_discover(client.protocol_version)
