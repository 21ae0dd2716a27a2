"""Where the connections of a client live: in one event loop of one process, with which they end; others may only look at them."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from llmring.exceptions import MCPError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from llmring.mcp.client.catalogue import Catalogue


class Home:
    """The running event loop, and what is connected in it."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Have *catalogue* live here."""
        self.catalogue = catalogue
        self._loop = asyncio.get_running_loop()
        self._pid = os.getpid()
        self._guard: AsyncGenerator[None, None] | None = _guard(catalogue)
        self._closing = False

    async def settle(self) -> None:
        """Have what is connected closed with the event loop, by its ``shutdown_asyncgens()``."""
        if self._guard is not None:
            await anext(self._guard)

    @property
    def habitable(self) -> bool:
        """Whether the running event loop is the one, and nobody is about to close what is connected."""
        return not self._closing and self._pid == os.getpid() and self._loop is asyncio.get_running_loop()

    def look(self) -> Catalogue:
        """Give what is connected, to be looked at.

        Raises:
            MCPError: it belongs to the process that this one was forked from.

        """
        if self._pid != os.getpid():
            raise MCPError("The MCP client was connected before this process was forked; connect a new one in the child.")
        return self.catalogue

    def use(self) -> Catalogue:
        """Give what is connected, to be asked.

        Raises:
            MCPError: it belongs to another event loop, or process.

        """
        found = self.look()
        if self._loop is not asyncio.get_running_loop():
            raise MCPError("The MCP client belongs to another event loop; connect one in each.")
        return found

    async def close(self) -> None:
        """Close what is connected; where its event loop was closed without that, end it by force. A forked child leaves it to its parent.

        Raises:
            MCPError: it belongs to another event loop, which may still run.

        """
        if self._pid != os.getpid():
            return
        if self._loop is not asyncio.get_running_loop():
            if not self._loop.is_closed():
                raise MCPError("The MCP client belongs to another event loop, which has not ended; close it there.")
            await asyncio.to_thread(self.catalogue.fleet.abandon)
            return
        self._closing = True
        await self.catalogue.fleet.close()
        guard, self._guard = self._guard, None
        if guard is not None:
            await guard.aclose()


async def _guard(catalogue: Catalogue) -> AsyncGenerator[None, None]:
    """Live as long as the loop, whose ``shutdown_asyncgens()`` then closes what is open."""
    try:
        yield
    finally:
        await catalogue.fleet.close()
