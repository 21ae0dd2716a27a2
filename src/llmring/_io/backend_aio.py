"""The asyncio network under all calls: each wait bounded by phase and by deadline, closing never a wait."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import time
from collections import deque
from math import inf
from typing import TYPE_CHECKING, Any, Final, Self, cast
from weakref import WeakSet

from llmring._core.timeouts import Deadline
from llmring._io import wire_errors as wire
from llmring._io.dialling_aio import dial
from llmring._io.polling import has_bytes

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

    from llmring._io.tls import TLS

_HEAD_END: Final = b"\r\n\r\n"
_FULL: Final = 256 * 1024
"""Bytes held for a slow reader before the peer is made to wait."""


class Inbox(asyncio.Protocol):
    """What one connection has received, and whether it can take more."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.chunks: deque[bytes] = deque()
        self.held = 0
        self.ended = False
        self.failure: Exception | None = None
        self.paused: asyncio.Transport | None = None
        self.stuffed = False
        self.reader: asyncio.Future[bool] | None = None
        self.writer: asyncio.Future[bool] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, to hold the peer back when its bytes are not read."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep *data* and wake the reader."""
        self.chunks.append(data)
        self.held += len(data)
        if self.held > _FULL and self.paused is None and self.transport is not None:
            self.transport.pause_reading()
            self.paused = self.transport
        _wake(self.reader)

    def eof_received(self) -> None:
        """Tell the reader that no more will come; the connection closes by itself."""
        self.ended = True
        _wake(self.reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake everyone: nothing more comes or goes."""
        self.ended = True
        self.failure = exc or self.failure
        self.transport = self.paused = None
        _wake(self.reader)
        _wake(self.writer)

    def pause_writing(self) -> None:
        """Have writers wait."""
        self.stuffed = True

    def resume_writing(self) -> None:
        """Let writers go on."""
        self.stuffed = False
        _wake(self.writer)

    def take(self, max_bytes: int) -> bytes:
        """Give the oldest chunk, or as much of it as is wanted."""
        data = self.chunks.popleft()
        if len(data) > max_bytes:
            self.chunks.appendleft(data[max_bytes:])
            data = data[:max_bytes]
        self.held -= len(data)
        if self.paused is not None and self.held <= _FULL // 2:
            self.paused.resume_reading()
            self.paused = None
        return data


class LoopStream:
    """One connection of one event loop."""

    def __init__(self, sock: socket.socket, transport: asyncio.Transport, inbox: Inbox, tls: TLS, *, gather: bool) -> None:
        """Take over the connection; *gather* sends a request's head together with its body, in one packet."""
        self._sock = sock
        self._transport = transport
        self._inbox = inbox
        self._tls = tls
        self._gather = gather
        self._held = b""
        self._hung_up = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for bytes and give at most *max_bytes* of them; none at the end."""
        if self._held:
            await self._release(timeout)
        inbox = self._inbox
        left = seconds_left(timeout)
        if left <= 0:
            raise wire.ReadTimeout
        if not inbox.chunks:
            if not inbox.ended:
                inbox.reader = asyncio.get_running_loop().create_future()
                try:
                    in_time = await _within(inbox.reader, left)
                finally:
                    inbox.reader = None
                if not in_time:
                    raise wire.ReadTimeout
            if not inbox.chunks:
                return self._at_the_end()
        return inbox.take(max_bytes)

    def _at_the_end(self) -> bytes:
        if self._inbox.failure is not None:
            raise wire.ReadError(str(self._inbox.failure)) from self._inbox.failure
        if self._hung_up:
            raise wire.ReadError("the connection was closed here")
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of *buffer*, except that a request's head waits for what follows it."""
        if not buffer:
            return
        if self._held:
            buffer, self._held = self._held + buffer, b""
        elif self._gather and buffer.endswith(_HEAD_END):
            self._held = buffer
            return
        await self._send(buffer, timeout)

    async def _release(self, timeout: float | None) -> None:
        """Send a head that nothing followed."""
        buffer, self._held = self._held, b""
        # A server may have answered and closed before it read everything: then its answer is what counts.
        with contextlib.suppress(wire.WriteError):
            await self._send(buffer, timeout)

    async def _send(self, buffer: bytes, timeout: float | None) -> None:
        inbox = self._inbox
        if inbox.ended or self._transport.is_closing():
            raise wire.WriteError("the connection was closed")
        self._transport.write(buffer)
        while inbox.stuffed and not inbox.ended:
            inbox.writer = asyncio.get_running_loop().create_future()
            try:
                in_time = await _within(inbox.writer, seconds_left(timeout))
            finally:
                inbox.writer = None
            if not in_time:
                raise wire.WriteTimeout
        if inbox.failure is not None:
            raise wire.WriteError(str(inbox.failure)) from inbox.failure

    async def aclose(self) -> None:
        """Hang up without waiting for anything, so that no cancellation can come in between."""
        self.hang_up()

    def hang_up(self) -> None:
        """Close now; the loop lets go of the socket in its next round."""
        self._hung_up = True
        self._transport.abort()
        self._inbox.ended = True
        _wake(self._inbox.reader)
        _wake(self._inbox.writer)

    def abandon(self) -> None:
        """Let go of the socket without its loop, which is closed or was left behind by a fork."""
        with contextlib.suppress(OSError):
            os.close(self._sock.detach())

    async def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> Self:
        """Speak TLS from here on, also inside the TLS of an https proxy."""
        loop = asyncio.get_running_loop()
        left = seconds_left(timeout)
        try:
            async with asyncio.timeout(None if left == inf else left):
                context = await self._context(ssl_context)
                transport = await loop.start_tls(
                    self._transport, self._inbox, context, server_hostname=server_hostname, ssl_handshake_timeout=min(left, _AGES)
                )
        except TimeoutError:
            self.hang_up()
            raise wire.ConnectTimeout from None
        except (OSError, ssl.CertificateError) as error:
            self.hang_up()
            raise wire.ConnectError(f"TLS: {error}") from error
        except BaseException:
            self.hang_up()
            raise
        if transport is None:
            raise wire.ConnectError("TLS: the connection was closed during the handshake")
        self._inbox.transport = transport
        self._transport = transport
        return self

    async def _context(self, given: ssl.SSLContext) -> ssl.SSLContext:
        if not self._tls.stands_in(given):
            return given
        return self._tls.context or await asyncio.to_thread(self._tls.build)

    def get_extra_info(self, info: str) -> object:
        """Answer what the pool asks of a connection."""
        match info:
            case "is_readable":
                # A server may have hung up since the loop last looked.
                return self._inbox.ended or bool(self._inbox.chunks) or has_bytes(self._sock)
            case "ssl_object":
                return self._transport.get_extra_info("ssl_object")
            case "socket":
                return self._transport.get_extra_info("socket")
            case "client_addr":
                return self._transport.get_extra_info("sockname")
            case "server_addr":
                return self._transport.get_extra_info("peername")
            case _:
                return None


class Backend:
    """Opens connections for one pool and knows all that are open."""

    def __init__(self, tls: TLS, *, gather: bool) -> None:
        """Use *tls* for https; *gather* as in `LoopStream`."""
        self._tls = tls
        self._gather = gather
        self._streams: WeakSet[LoopStream] = WeakSet()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> LoopStream:
        """Connect to the first address of *host* that answers."""
        left = begin(timeout)
        try:
            async with asyncio.timeout(None if left == inf else left):
                sock = await dial(host, port, local_address)
        except TimeoutError:
            raise wire.ConnectTimeout from None
        except (OSError, UnicodeError) as error:
            raise wire.ConnectError(str(error)) from error
        try:
            for option in socket_options or ():
                sock.setsockopt(*option)
            transport, inbox = await asyncio.get_running_loop().create_connection(Inbox, sock=sock)
        except BaseException:
            sock.close()
            raise
        stream = LoopStream(sock, transport, inbox, self._tls, gather=self._gather)
        self._streams.add(stream)
        return stream

    async def sleep(self, seconds: float) -> None:
        """Pause, as between the library's own connection retries."""
        await asyncio.sleep(seconds)

    def abandon(self) -> None:
        """Let go of every connection without its loop."""
        for stream in list(self._streams):
            stream.abandon()


_AGES: Final = 24 * 3600.0
"""Stands for *no limit* where asyncio wants a number."""


def _wake(waiter: asyncio.Future[bool] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(True)


def _give_up(waiter: asyncio.Future[bool]) -> None:
    if not waiter.done():
        waiter.set_result(False)


async def _within(waiter: asyncio.Future[bool], left: float) -> bool:
    """Wait until *waiter* is woken; False if that takes more than *left* seconds."""
    if left == inf:
        return await waiter
    timer = waiter.get_loop().call_later(left, _give_up, waiter)
    try:
        return await waiter
    finally:
        timer.cancel()


def seconds_left(timeout: float | None) -> float:
    """Turn what the HTTP library hands through into the seconds that are left."""
    if timeout is None:
        return inf
    return timeout.until - time.monotonic() if isinstance(timeout, Deadline) else timeout


def begin(timeout: float | None) -> float:
    """Start a phase that counts from its beginning, and give the seconds it has."""
    if isinstance(timeout, Deadline):
        now = time.monotonic()
        return timeout.begin(now) - now
    return seconds_left(timeout)
