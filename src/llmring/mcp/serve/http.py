"""Run a guarded application until a signal comes; calls under way may then end, listening streams are cut."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from llmring.exceptions import ConfigurationError
from llmring.mcp.serve.signals import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from types import FrameType

    from llmring.mcp.serve.guard import Guard

GRACE = 10.0
"""Seconds that calls under way have to end."""


def listen(host: str, port: int) -> socket.socket:
    """Take *port* at *host*, a free one where 0.

    Raises:
        ConfigurationError: nothing can listen there.

    """
    try:
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigurationError(f"cannot listen at {host}:{port}: {reason}; choose another port, or 0 for a free one") from None


async def serve_http(
    app: Guard, at: socket.socket, *, on_ready: Callable[[], None], on_wait: Callable[[int], None], closing: Callable[[], Awaitable[None]]
) -> bool:
    """Serve *app* at the socket *at* until a signal, then call *closing*; tell whether it had to be cut short by a second signal.

    *on_ready* is called once it serves, *on_wait* with the number of calls that it waits for at the end.
    """
    config = uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, server_header=False, ws="none", lifespan="on")
    config.timeout_graceful_shutdown = 1
    server = _Server(config, app, on_ready, on_wait)
    try:
        await server.serve(sockets=[at])
    finally:
        await closing()
    return server.force_exit


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, guard: Guard, on_ready: Callable[[], None], on_wait: Callable[[int], None]) -> None:
        super().__init__(config)
        self._guard, self._ready, self._wait = guard, on_ready, on_wait
        self._until: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut what still listens, without a word about each that was cut."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Keep the signals for the time of serving; unlike the parent, raise none again: to be told to end is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield  # only the main thread is told of signals
            return
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take no more calls, and end when those under way have; a second signal ends at once.

        The parent's own is not called: sse-starlette has hooked it to end the streams of every server of the process, for good.
        """
        del sig, frame
        if self._guard.closing:
            self.should_exit = self.force_exit = True
        self._guard.closing = True

    async def on_tick(self, counter: int) -> bool:
        """Look, ten times a second, whether it is time to end."""
        if self._guard.closing:
            if self._until is None:
                self._until = time.monotonic() + GRACE
                if self._guard.busy:
                    self._wait(self._guard.busy)
            if not self._guard.busy or time.monotonic() >= self._until:
                self.should_exit = True
        return await super().on_tick(counter)
