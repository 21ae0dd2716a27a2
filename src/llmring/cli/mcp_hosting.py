"""The servers of a conversation: connected in the background while the user types, waited for once they are needed, left in the end."""

from __future__ import annotations

import asyncio
import contextlib
from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from llmring.cli.mcp_input import Input
    from llmring.cli.mcp_page import Page
    from llmring.mcp import MCPClient, MCPTool


class Hosting:
    """The servers, and how they are."""

    def __init__(self, client: MCPClient | None, page: Page, typing: Callable[[], Input | None], *, tools: bool) -> None:
        """Host the servers of *client*, whose *tools* the model may have or not; show on *page*, and where the user is *typing*."""
        self._client = client
        self._page = page
        self._typing = typing
        self._given = tools
        self._opening: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Connect in the background, and leave the servers in the end."""
        if self._client is not None:
            self._opening = asyncio.create_task(self._connect(self._client))
        try:
            yield
        finally:
            if self._opening is not None and self._client is not None:
                self._opening.cancel()
                await asyncio.gather(self._opening, return_exceptions=True)
                await self._client.close()

    async def _connect(self, client: MCPClient) -> None:
        await asyncio.sleep(0.05 if self._typing() else 0)  # the prompt comes first: loading the SDK takes a moment
        await asyncio.to_thread(import_module, "mcp")
        try:
            await client.connect()
        finally:
            if (shown := self._typing()) is not None:
                shown.refresh()

    async def served(self) -> MCPClient:
        """Wait until the servers are connected.

        Raises:
            UsageError: there are none.
            LLMRingError: none can be reached.

        """
        if self._client is None or self._opening is None:
            raise click.UsageError("there are no servers: --server names one")
        if self._opening.done() and self._opening.exception() is not None:
            self._opening = asyncio.create_task(self._connect(self._client))
        with self._page.waiting("the servers are started; Ctrl-C stops"):
            await asyncio.shield(self._opening)
        return self._client

    async def tools(self) -> Mapping[str, MCPTool]:
        """Give the tools that the model may have, by name; wait for the servers, where there are some."""
        if self._client is None or not self._given:
            return {}
        client = await self.served()
        return {tool.name: tool for tool in client.tools}

    def state(self) -> list[str]:
        """Tell in few words how they are."""
        if self._client is None or self._opening is None:
            return []
        if not self._opening.done():
            return ["servers start"]
        if self._opening.cancelled() or self._opening.exception() is not None:
            return ["no server answers: /tools tells why"]
        lost = [name for name, server in self._client.servers.items() if server.status != "connected"]
        count = len(self._client.tools)
        return [f"{count} tools" if self._given else "no tools", *(f"{name} is not there: /tools tells why" for name in lost)]
