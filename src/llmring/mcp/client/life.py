"""Live through one connection to a server: a single task opens it, keeps it, and closes it; what is asked over it is asked elsewhere."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import attrs
import mcp

from llmring.exceptions import MCPError
from llmring.mcp.client.faults import fault, leaves, told
from llmring.mcp.client.hearing import listening
from llmring.mcp.client.opening import Opening

if TYPE_CHECKING:
    from llmring.mcp.client.connection import Connection
    from llmring.mcp.client.settings import Settings


class Life:
    """A connection's time from its opening to its end."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        """Begin to connect; *connection* is told of the server and of the end."""
        self._connection = connection
        self._settings = settings
        self._wake = asyncio.Event()
        self._stale = False
        self.leaving = False
        """Whether it is over, or about to be."""
        self.lost: MCPError | None = None
        """Why, where nobody wanted it."""
        self.loop = asyncio.get_running_loop()
        self.opening = Opening(connection.source, settings, connection, self)
        self.ready: asyncio.Future[mcp.Client] = self.loop.create_future()
        """The connected client, or why there is none."""
        self.task = self.loop.create_task(self._own(), name=f"MCP server {connection.name}")
        for each in (self.ready, self.task):
            each.add_done_callback(_seen)

    # --- for the connection --------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether the server, a child of ours, has ended by itself."""
        return self._connection.connected and self.opening.ended

    def lose(self, error: MCPError | None) -> None:
        """Note that the connection is of no use any more, and why."""
        if not self.leaving:
            self.lost = error
            self.leave()

    def leave(self) -> None:
        """Begin to end."""
        self.leaving = True
        self._wake.set()

    def stale(self) -> None:
        """Note that the server has changed its tools."""
        self._stale = True
        self._wake.set()

    async def close(self) -> None:
        """End it, and what was started for it."""
        self.leave()
        if not self.ready.done():
            self.task.cancel()
        await asyncio.wait([self.task])

    # --- the task ------------------------------------------------------------------------------------

    async def _own(self) -> None:
        """Open, keep and close, all in this task, as the SDK needs; only a fault of the server's ends here."""
        try:
            await self._live()
        except BaseException as error:  # noqa: BLE001 - each is noted, and those that are no fault go on
            self._note(error)
            for each in leaves(error):
                if not isinstance(each, Exception):  # cancelled, or the program is to end: that does not go by groups
                    raise each from error.__cause__
        else:
            self._note(None)

    async def _live(self) -> None:
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(self._settings.connect_timeout):
                client = await self.opening.open(stack)
                await stack.enter_async_context(listening(client, self.stale))
                await self._connection.learn(client, self.opening.kind)
            if not self.ready.done():
                self.ready.set_result(client)
            await self._keep(client)

    async def _keep(self, client: mcp.Client) -> None:
        """Wait until the connection is to end; ask for tools that have changed meanwhile."""
        while not self.leaving:
            await self._wake.wait()
            self._wake.clear()
            if self._stale and not self.leaving:
                self._stale = False
                try:
                    async with asyncio.timeout(self._settings.timeout):
                        await self._connection.list_tools(client)
                except (mcp.MCPError, MCPError, RuntimeError, ValueError, TimeoutError) as error:
                    self._connection.warn(f"The tools of {self._connection.name} have changed, but cannot be listed: {told(error)}")

    def _note(self, error: BaseException | None) -> None:
        """Note how the connection ended; whoever waits for it is told."""
        connection = self._connection
        self.leaving = True
        self.lost = None if connection.closed else self.lost or self.opening.explain(error)
        status = "closed" if connection.closed else "lost" if self.ready.done() else "failed"
        connection.info = attrs.evolve(connection.info, status=status, error=self.lost)
        if not self.ready.done():
            self.ready.set_exception(self.lost or fault(connection.name, "was closed before it was connected"))


def _seen(done: asyncio.Future[Any]) -> None:
    """Look at what a future holds: nobody else may be waiting for it."""
    if not done.cancelled():
        done.exception()
