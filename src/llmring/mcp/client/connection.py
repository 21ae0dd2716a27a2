"""Hold the connection to one server: one task opens it, waits, and closes it; calls of any other task go through it meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final, TypeVar

import attrs
import mcp

from llmring.mcp.client.faults import CLOSED, TIMED_OUT, fault, told
from llmring.mcp.client.listing import all_pages
from llmring.mcp.client.offers import ServerInfo
from llmring.mcp.client.opening import Opening
from llmring.mcp.client.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp.types import Tool

    from llmring.exceptions import MCPError
    from llmring.mcp.client.settings import Settings
    from llmring.mcp.client.sources import Source

T = TypeVar("T")

_ENDED: Final = "Connection closed"
"""The SDK's words for a connection that is no more."""
_SETTLE: Final = 1.0
"""Seconds to wait for the last words of a server that has ended."""


class Connection:
    """One server of a client's."""

    def __init__(self, source: Source, settings: Settings, changed: Callable[[], None]) -> None:
        """Be ready to connect to *source*; tell by *changed* that its tools are others than before."""
        self.source = source
        self.name = source.name
        self.tail = Tail(source.secrets)
        self.tools: list[Tool] = []
        self.warnings: list[str] = []
        self.info = ServerInfo(name=source.name, transport=Opening.kind_of(source), status="new")
        self._settings = settings
        self._changed = changed
        self._task: asyncio.Task[None] | None = None
        self._opening: Opening | None = None
        self._ready: asyncio.Future[mcp.Client] | None = None
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving = False
        self._lost: MCPError | None = None
        self._stale = False
        self._closed = False

    # --- for callers ---------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether the server has been reached and not been lost since."""
        return self.info.status == "connected"

    async def ready(self) -> mcp.Client:
        """Give the connected client; connect where that has not been done, failed, or was undone by the server's end.

        Raises:
            MCPError: the server cannot be reached.

        """
        while True:
            if self._closed:
                raise fault(self.name, "is closed; connect() again")
            if self._loop is not None and self._loop is not asyncio.get_running_loop():
                raise fault(self.name, "belongs to another event loop; connect in each")
            if self._opening and self._opening.ended:
                self.lose(None)
            if self._task is None or self._task.done():
                self._begin()
            elif self._leaving:
                await asyncio.wait([self._task])
                continue
            assert self._ready is not None  # noqa: S101 - it is set where the task begins
            return await asyncio.shield(self._ready)

    async def ask(self, what: Callable[[mcp.Client], Awaitable[T]], seconds: float | None = None) -> T:
        """Ask the server *what* is to be asked; *seconds* are only for the words of the error.

        Raises:
            MCPError: it cannot be reached, ended meanwhile, took too long, or answered an error or nonsense.

        """
        for forgotten in (False, True):
            client = await self.ready()
            try:
                return await what(client)
            except mcp.MCPError as error:
                if forgotten or self._opening is None or not self._opening.forgot(error.message):
                    raise await self._failed(error, seconds) from None
                self.lose(fault(self.name, "has forgotten the session"))  # and has done nothing yet
            except (RuntimeError, ValueError) as error:
                raise fault(self.name, f"answered what cannot be used: {told(error)}", self.tail) from error
        raise AssertionError  # the second time leaves in every case

    async def _failed(self, error: mcp.MCPError, seconds: float | None) -> MCPError:
        """Say what an error of the SDK's means; where the connection has ended, wait for the reason."""
        if error.code == TIMED_OUT:
            limit = self._settings.timeout if seconds is None else seconds
            return fault(self.name, f"did not answer within {limit:g} s", self.tail, error.code)
        if error.code != CLOSED or error.message != _ENDED:  # the code alone is that of one stream of several, too
            return fault(self.name, f"answered an error: {error.message}", self.tail, error.code)
        self.lose(None)
        if self._task:
            await asyncio.wait([self._task], timeout=_SETTLE)
        return self._lost or fault(self.name, "ended while it was asked", self.tail, error.code)

    def lose(self, error: MCPError | None) -> None:
        """Note that the connection is of no use any more, and why."""
        if not self._leaving:
            self._lost = error
            self._leaving = True
            self._wake.set()

    def stale(self) -> None:
        """Note that the server has changed its tools."""
        self._stale = True
        self._wake.set()

    async def close(self) -> None:
        """End the connection, and what was started for it."""
        self._closed = True
        self._leaving = True
        self._wake.set()
        if self._task:
            if self._ready and not self._ready.done():
                self._task.cancel()
            await asyncio.wait([self._task])

    # --- the owner -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._leaving = self._stale = False
        self._lost = None
        self._wake.clear()
        self.tail.clear()
        self._loop = asyncio.get_running_loop()
        self._ready = ready = self._loop.create_future()
        ready.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be waiting for it
        self._task = asyncio.create_task(self._own(ready), name=f"MCP server {self.name}")

    async def _own(self, ready: asyncio.Future[mcp.Client]) -> None:
        """Open the connection, keep it, and close it: all in this task, as the SDK needs."""
        self._opening = opening = Opening(self.source, self._settings, self)
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._settings.connect_timeout):
                    client = await opening.open(stack)
                    await stack.enter_async_context(opening.listening(client))
                    await self._take(client)
                if not ready.done():
                    ready.set_result(client)
                await self._keep(client)
        except BaseException as error:
            self._note(ready, error)
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
        else:
            self._note(ready, None)

    async def _take(self, client: mcp.Client) -> None:
        """Learn what the server is and offers."""
        known = client.server_info
        assert self._opening is not None  # noqa: S101 - it was opened
        self.info = ServerInfo(
            name=self.name,
            transport=self._opening.kind,
            status="connected",
            protocol=client.protocol_version,
            title=(known.title or known.name) if known else None,
            version=known.version if known else None,
            instructions=client.instructions,
            capabilities=client.server_capabilities.model_dump(by_alias=True, exclude_none=True, mode="json"),
        )
        await self._list(client)

    async def _list(self, client: mcp.Client) -> None:
        if client.server_capabilities.tools is not None:
            self.warnings.clear()
            self.tools = await all_pages(client.list_tools, "tools", self.name)
            self._changed()

    async def relist(self, seconds: float | None = None) -> None:
        """Ask for the tools again.

        Raises:
            MCPError: the server does not answer.

        """
        await self.ask(self._list, seconds)

    async def _keep(self, client: mcp.Client) -> None:
        """Wait until the connection is to end; ask for tools that have changed meanwhile."""
        while not self._leaving:
            await self._wake.wait()
            self._wake.clear()
            if self._stale and not self._leaving:
                self._stale = False
                try:
                    async with asyncio.timeout(self._settings.timeout):
                        await self._list(client)
                except (mcp.MCPError, RuntimeError, ValueError, TimeoutError) as error:
                    self.warnings.append(f"The tools of {self.name} have changed, but cannot be listed: {told(error)}")

    def _note(self, ready: asyncio.Future[mcp.Client], error: BaseException | None) -> None:
        """Note how the connection ended; whoever waits for it is told."""
        self._leaving = True
        assert self._opening is not None  # noqa: S101 - it was opened
        self._lost = None if self._closed else self._lost or self._opening.explain(error)
        status = "closed" if self._closed else "lost" if ready.done() else "failed"
        self.info = attrs.evolve(self.info, status=status, error=self._lost)
        if not ready.done():
            ready.set_exception(self._lost or fault(self.name, "was closed before it was connected"))
