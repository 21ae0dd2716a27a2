"""Open the way to a server with the SDK, and explain why it could not be opened or has ended."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import mcp
from mcp import types

from llmring import MCPError, __version__
from llmring.mcp.client.faults import end, fault, leaves, told
from llmring.mcp.client.hearing import Hearing
from llmring.mcp.client.listing import Sifted
from llmring.mcp.client.places import Address, Command

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from llmring.mcp.client.connection import Connection
    from llmring.mcp.client.http import Reached
    from llmring.mcp.client.life import Life
    from llmring.mcp.client.places import Source
    from llmring.mcp.client.settings import Settings
    from llmring.mcp.client.stdio import Stdio


class Opening:
    """One try to reach a server, and what came of it."""

    def __init__(self, source: Source, settings: Settings, connection: Connection, life: Life) -> None:
        """Be ready to open *source* for *connection*, within the bounds of *settings*; *life* is told when it is over."""
        self._source = source
        self._settings = settings
        self._connection = connection
        self._life = life
        self._hearing = Hearing(source.name, settings, life.stale)
        self._child: Stdio | None = None
        self._reached: Reached | None = None

    @staticmethod
    def kind_of(source: Source) -> str:
        """Name the transport to *source*."""
        match source:
            case Command():
                return "stdio"
            case Address():
                return "sse" if source.kind == "sse" else "http"
            case _:
                return "memory"

    @property
    def kind(self) -> str:
        """The transport that is used."""
        return self._reached.kind if self._reached else self.kind_of(self._source)

    @property
    def ended(self) -> bool:
        """Whether the server, a child of ours, has ended by itself."""
        return self._child is not None and self._child.ended

    def forgot(self, words: str) -> bool:
        """Tell whether a server has forgotten the session, where its error says *words*."""
        return self._reached is not None and self._reached.forgot(words)

    async def open(self, stack: AsyncExitStack) -> mcp.Client:
        """Connect, to be closed with *stack*."""
        settings, source = self._settings, self._source
        match source:
            case Command():
                from llmring.mcp.client.stdio import Stdio

                self._child = Stdio(source, self._connection.tail, settings.max_result_bytes, self._over)
                return await stack.enter_async_context(self._client(self._sifted(self._child)))
            case Address():
                from llmring.mcp.client.http import Reached

                self._reached = Reached(source, settings.max_result_bytes, settings.connect_timeout)
                stack.push_async_callback(self._reached.leave)
                return await self._dial(stack, self._reached)
            case _:
                return await stack.enter_async_context(self._client(source.server))

    async def _dial(self, stack: AsyncExitStack, reached: Reached) -> mcp.Client:
        """Try streamable HTTP first, and events where a server speaks only these."""
        if reached.kind == "sse":
            return await stack.enter_async_context(self._client(self._sifted(reached.events())))
        try:
            return await stack.enter_async_context(self._client(self._sifted(reached.streamable())))
        except (mcp.MCPError, RuntimeError, BaseExceptionGroup) as error:
            if not reached.speaks_events_only or any(isinstance(each, asyncio.CancelledError) for each in leaves(error)):
                raise
            refused = reached.refused
            try:
                return await stack.enter_async_context(self._client(self._sifted(reached.events())))
            except (mcp.MCPError, RuntimeError, BaseExceptionGroup) as second:
                reached.kind, reached.refused = "http", refused
                raise error from second

    def _client(self, server: Any) -> mcp.Client:
        settings = self._settings
        return mcp.Client(
            server,
            read_timeout_seconds=settings.timeout,
            client_info=types.Implementation(name="llmring", version=__version__),
            mode=settings.mode,
            cache=None,
            **self._hearing.callbacks(),
        )

    @asynccontextmanager
    async def _sifted(self, transport: Any) -> AsyncGenerator[Any]:
        async with transport as (reading, writing):
            yield Sifted(reading, self._connection.warn), writing

    def _over(self, why: str) -> None:
        """Hear from the child that it has said all, or too much."""
        self._life.lose(end(self._source.name, why, self._connection.tail) if why else None)

    def abandon(self) -> None:
        """End a child at once, without the event loop."""
        if self._child is not None:
            self._child.abandon()

    # --- failure ------------------------------------------------------------------------------------

    def explain(self, error: BaseException | None) -> MCPError:
        """Say why the connection has ended, be it by *error* or not."""
        name, tail = self._source.name, self._connection.tail
        ours = [each for each in leaves(error) if isinstance(each, MCPError)] if error else []
        if ours:
            return ours[0]
        if self._child is not None and self._child.code is not None:
            return end(name, f"ended with exit code {self._child.code}", tail)
        if isinstance(error, TimeoutError):
            return end(name, f"did not come to a connection within {self._settings.connect_timeout:g} s (connect_timeout)", tail)
        if self._reached is not None and self._reached.refused is not None and not self._connection.connected:
            return fault(name, f"answered HTTP {self._reached.refused}")
        why = f": {told(error)}" if error else ""
        return end(name, f"{'was lost' if self._connection.connected else 'cannot be reached'}{why}", tail)
