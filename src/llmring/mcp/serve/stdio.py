"""Serve a client over stdin and stdout, until it closes them or a signal comes."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp.server.stdio import stdio_server

from llmring.mcp.serve.signals import SIGNALS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from mcp.server import Server

CHUNK = 65536
AHEAD = 16
"""Chunks that are read before they are wanted; a client that sends more waits."""
GRACE = 5.0
"""Seconds until the program ends all the same, should the client no longer read what it is sent."""


class Lines:
    """The lines that come at the descriptor *source*, read by a thread that nobody has to wait for."""

    def __init__(self, source: int) -> None:
        """Start reading."""
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD)
        threading.Thread(target=self._read, args=(source,), name="llmring-stdin", daemon=True).start()

    @property
    def waiting(self) -> int:
        """How many chunks have been read and are not wanted yet."""
        return self._queue.qsize()

    def _read(self, source: int) -> None:
        while True:
            self._room.acquire()
            try:
                data = os.read(source, CHUNK)
                self._loop.call_soon_threadsafe(self._queue.put_nowait, data or None)
            except (OSError, RuntimeError):  # closed: the descriptor, or the loop
                return
            if not data:
                return

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield line by line."""
        begun: list[bytes] = []
        while (data := await self._queue.get()) is not None:
            self._room.release()
            *lines, rest = data.split(b"\n")
            for line in lines:
                yield b"".join((*begun, line)).decode("utf-8", "replace")
                begun.clear()
            begun.append(rest)


async def serve_stdio(server: Server[Any], *, closing: Callable[[], Awaitable[None]]) -> None:
    """Serve *server* until stdin ends, then call *closing*; what else writes to stdout meanwhile goes to stderr."""
    loop = asyncio.get_running_loop()
    with anyio.CancelScope() as scope:

        def stop() -> None:
            scope.cancel()
            loop.call_later(GRACE, os._exit, 0)

        try:
            for number in SIGNALS:
                loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows: Ctrl-C interrupts the loop itself
            pass
        try:
            await _serve(server)
        finally:
            with anyio.CancelScope(shield=True):
                await closing()


async def _serve(server: Server[Any]) -> None:
    lines = cast("anyio.AsyncFile[str]", Lines(0))
    try:
        async with stdio_server(stdin=lines) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    except* (BrokenPipeError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        pass  # the client has gone
