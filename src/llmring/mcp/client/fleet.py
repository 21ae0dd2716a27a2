"""The connections of one client: made, asked and ended together; one that fails leaves the rest alone."""

from __future__ import annotations

import asyncio
import time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS

from llmring.exceptions import MCPError
from llmring.mcp.client.connection import Connection
from llmring.mcp.client.listing import all_pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import mcp

    from llmring.mcp.client.offers import ServerInfo
    from llmring.mcp.client.places import Source
    from llmring.mcp.client.settings import Settings

T = TypeVar("T")


class Fleet:
    """The servers of one client in one event loop."""

    def __init__(self, sources: Sequence[Source], settings: Settings, changed: Callable[[], None]) -> None:
        """Be ready to connect to *sources*; tell by *changed* that one of them has other tools than before."""
        self.connections = {source.name: Connection(source, settings, changed) for source in sources}

    async def connect(self) -> None:
        """Connect to every server.

        Raises:
            MCPError: none can be reached.

        """
        await self.of_all(lambda each: each.ready(), list(self.connections.values()))

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(each.close() for each in self.connections.values()))

    def abandon(self) -> None:
        """End what was started, without the event loop, which is closed; this blocks for a moment."""
        for each in self.connections.values():
            each.abandon()

    async def of_all(self, ask: Callable[[Connection], Awaitable[T]], connections: Sequence[Connection]) -> list[T]:
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

    def usable(self, capability: str) -> list[Connection]:
        """Give the connections to servers that were reached and have *capability*."""
        return [
            each for each in self.connections.values() if each.info.status in {"connected", "lost"} and capability in each.info.capabilities
        ]

    async def listed(self, capability: str, method: str, key: str) -> list[tuple[str, Any]]:
        """Have all servers with *capability* list, by the SDK's *method*, what is under *key*; give each with the server's name."""

        async def ask(each: Connection) -> list[tuple[str, Any]]:
            found = await each.ask(lambda client: all_pages(getattr(client, method), key, each.name))
            return [(each.name, item) for item in found]

        return [pair for pairs in await self.of_all(ask, self.usable(capability)) for pair in pairs]

    @property
    def servers(self) -> dict[str, ServerInfo]:
        """How they are."""
        return {name: each.info for name, each in self.connections.items()}

    @property
    def warnings(self) -> list[str]:
        """What was left out, and who."""
        failed = [each.info.error.message for each in self.connections.values() if each.info.status == "failed" and each.info.error]
        return failed + [warning for each in self.connections.values() for warning in each.warnings]

    def unknown(self, what: str, name: str, known: Sequence[str], server: str | None) -> MCPError:
        """Make the error that says that no server has a *what* of this *name*, among those that are *known*."""
        if server is not None and server not in self.connections:
            return MCPError(f"There is no MCP server {server!r}; there are {', '.join(self.connections)}.", server=server)
        near = get_close_matches(name, known, 3) or list(known)[:10]
        hint = f"; there are {', '.join(near)}" if near else ""
        return MCPError(f"No MCP server has a {what} {name!r}{hint}.", server=server)

    async def ping(self) -> dict[str, float]:
        """Ask every connected server for a sign of life."""

        async def ask(each: Connection) -> tuple[str, float]:
            began = time.monotonic()
            await each.ask(_ping)
            return each.name, time.monotonic() - began

        return dict([await ask(each) for each in self.connections.values() if each.info.status in {"connected", "lost"}])


async def _ping(client: mcp.Client) -> None:
    if client.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
        await client.session.send_ping()
    else:  # there is no ping any more; this is as cheap
        await client.session.send_discover(client.protocol_version)
