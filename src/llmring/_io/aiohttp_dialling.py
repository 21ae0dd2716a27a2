"""How aiohttp connects: by our own dialling and TLS, bounded by phase and deadline, and known to us until it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from contextvars import ContextVar
from math import inf
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import aiohttp

from llmring._io import wire_errors as wire
from llmring._io.backend_aio import begin
from llmring._io.dialling_aio import dial

if TYPE_CHECKING:
    import socket

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

    from llmring._core.timeouts import Waits
    from llmring._io.limits import PoolLimits
    from llmring._io.tls import TLS

_AGES: Final = 24 * 3600.0
"""Stands for *no limit* where asyncio wants a number."""


class Trip:
    """How far one request has come."""

    __slots__ = ("dialling", "transport", "waits")

    def __init__(self, waits: Waits) -> None:
        """Begin without a connection, under *waits*."""
        self.waits = waits
        self.dialling = False
        self.transport: asyncio.Transport | None = None

    def overdue(self) -> wire.TimeoutException:
        """Say what the request was waiting for when its time was up."""
        if self.transport is not None:
            kind = wire.WriteTimeout if self.transport.get_write_buffer_size() else wire.ReadTimeout
        else:
            kind = wire.ConnectTimeout if self.dialling else wire.PoolTimeout
        return kind()

    def hang_up(self) -> None:
        """Close the connection now, whatever is still to be sent."""
        if self.transport is not None:
            self.transport.abort()


TRIP: Final[ContextVar[Trip]] = ContextVar("TRIP")
"""The request on whose behalf aiohttp asks for a connection."""


class Connector(aiohttp.BaseConnector):
    """The connections of one event loop."""

    def __init__(self, limits: PoolLimits, tls: TLS) -> None:
        """Open nothing yet."""
        super().__init__(limit=limits.max_connections, keepalive_timeout=limits.keepalive_seconds)
        self._most_idle = limits.max_keepalive
        self._tls = tls
        self._sockets: WeakKeyDictionary[ResponseHandler, socket.socket] = WeakKeyDictionary()

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Connection:
        """Give a connection, old or new, and tell the trip of it."""
        trip = TRIP.get()
        trip.dialling, trip.transport = False, None
        connection = await super().connect(req, traces, timeout)
        trip.transport = connection.transport
        return connection

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> ResponseHandler:  # noqa: ARG002 - the parent's signature
        trip = TRIP.get()
        trip.dialling = True
        left = begin(trip.waits.limits()["connect"])
        try:
            async with asyncio.timeout(None if left == inf else left):
                return await self._dial(req.url.raw_host, req.port, left, secure=req.is_ssl())
        except TimeoutError:
            raise wire.ConnectTimeout from None

    async def _dial(self, host: str, port: int, left: float, *, secure: bool) -> ResponseHandler:
        """Connect to the first address of *host* that answers."""
        try:
            sock = await dial(host, port)
        except TimeoutError:
            raise
        except (OSError, UnicodeError) as error:
            raise wire.ConnectError(str(error)) from error
        try:
            protocol = await self._speak(sock, host, left, secure=secure)
        except BaseException:
            sock.close()
            raise
        self._sockets[protocol] = sock
        return protocol

    async def _speak(self, sock: socket.socket, host: str, left: float, *, secure: bool) -> ResponseHandler:
        """Have aiohttp speak over *sock*, inside TLS where that is wanted."""
        loop = asyncio.get_running_loop()
        if not secure:
            return (await loop.create_connection(self._factory, sock=sock))[1]
        context = self._tls.context or await asyncio.to_thread(self._tls.build)
        name = host.rstrip(".")
        try:
            made = await loop.create_connection(
                self._factory, sock=sock, ssl=context, server_hostname=name, ssl_handshake_timeout=min(left, _AGES)
            )
        except TimeoutError:
            raise
        except (OSError, ssl.CertificateError) as error:
            raise wire.ConnectError(f"TLS: {error}") from error
        return made[1]

    def _release(self, key: Any, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        """Take a connection back, unless as many are idle as may be."""
        full = sum(map(len, self._conns.values())) >= self._most_idle
        super()._release(key, protocol, should_close=should_close or full)

    def hang_up(self) -> None:
        """Close every connection without a farewell."""
        for protocol in list(self._sockets):
            if protocol.transport is not None:
                protocol.transport.abort()

    def abandon(self) -> None:
        """Let go of every socket without the loop, which is closed or was left behind by a fork."""
        for sock in list(self._sockets.values()):
            with contextlib.suppress(OSError):
                os.close(sock.detach())

    def __del__(self, _warnings: object = None) -> None:
        """Say and touch nothing: what is still open belongs to a loop that is gone."""
