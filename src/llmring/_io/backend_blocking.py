"""The blocking network under the HTTP library: plain sockets, each wait bounded by phase and by deadline."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, Final

import httpcore2

from llmring._core.timeouts import Deadline
from llmring._io.dialling import dial
from llmring._io.polling import Poller

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring._io.tls import TLS

_HEAD_END: Final = b"\r\n\r\n"
_TLS_RECORDS: Final = 64 * 1024


class GatheringStream(httpcore2.NetworkStream):
    """Sends the head of a request together with its body, in one packet where they fit."""

    def __init__(self, *, gather: bool) -> None:
        """Hold heads back if *gather*; HTTP/2, whose frames mean something else, does not want that."""
        self.gather = gather
        self._held = b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of *buffer*, except that a request's head waits for what follows it."""
        if not buffer:
            return
        if self._held:
            buffer, self._held = self._held + buffer, b""
        elif self.gather and buffer.endswith(_HEAD_END):
            self._held = buffer
            return
        self._send(buffer, timeout)

    def _release(self, timeout: float | None) -> None:
        """Send a head that nothing followed."""
        buffer, self._held = self._held, b""
        # A server may have answered and closed before it read everything: then its answer is what counts.
        with contextlib.suppress(httpcore2.WriteError):
            self._send(buffer, timeout)

    def _send(self, buffer: bytes, timeout: float | None) -> None:
        raise NotImplementedError


class SocketStream(GatheringStream):
    """A connected socket that never blocks longer than its limits."""

    def __init__(self, sock: socket.socket, tls: TLS, keeper: set[SocketStream], *, gather: bool) -> None:
        """Take over *sock*, and be among those that *keeper* holds until it is closed."""
        super().__init__(gather=gather)
        self._keeper = keeper
        keeper.add(self)
        sock.settimeout(0)
        self._sock = sock
        self._tls = tls
        self._poller = Poller(sock)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for bytes and give at most *max_bytes* of them; none at the end."""
        if self._held:
            self._release(timeout)
        until = moment(timeout)
        while True:
            if not self._poller.readable(until):
                raise httpcore2.ReadTimeout
            try:
                return self._sock.recv(max_bytes)
            except BlockingIOError:
                continue
            except OSError as error:
                raise httpcore2.ReadError(str(error)) from error

    def _send(self, buffer: bytes, timeout: float | None) -> None:
        view, until = memoryview(buffer), moment(timeout)
        while view:
            try:
                view = view[self._sock.send(view) :]
            except BlockingIOError:
                if not self._poller.writable(until):
                    raise httpcore2.WriteTimeout from None
            except OSError as error:
                raise httpcore2.WriteError(str(error)) from error

    def close(self) -> None:
        """Hang up, waking whoever waits on the socket in another thread."""
        self._keeper.discard(self)
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def abandon(self) -> None:
        """Let go of the socket in a forked child; the parent's connection stays as it is."""
        self._keeper.discard(self)
        with contextlib.suppress(OSError):
            os.close(self._sock.detach())

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Speak TLS from here on."""
        context = self._tls.build() if self._tls.stands_in(ssl_context) else ssl_context
        return TLSStream(self, self._tls, context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> object:
        """Answer what the pool asks of a connection."""
        match info:
            case "is_readable":
                return self._sock.fileno() < 0 or self._poller.has_bytes()
            case "socket":
                return self._sock
            case "client_addr":
                return self._sock.getsockname()
            case "server_addr":
                return self._sock.getpeername()
            case _:
                return None


class TLSStream(GatheringStream):
    """TLS over another stream, which does the waiting; so TLS inside a proxy's TLS needs nothing more."""

    def __init__(
        self, below: GatheringStream, tls: TLS, context: ssl.SSLContext, server_hostname: str | None, timeout: float | None
    ) -> None:
        """Shake hands over *below*, or close it."""
        super().__init__(gather=below.gather)
        below.gather = False
        self._below = below
        self._tls = tls
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)
        try:
            self._shake_hands(timeout)
        except BaseException:
            self.close()
            raise

    def _shake_hands(self, timeout: float | None) -> None:
        try:
            while not self._try_handshake():
                self._flush(timeout)
                self._fetch(timeout)
            self._flush(timeout)
        except (httpcore2.ReadTimeout, httpcore2.WriteTimeout) as error:
            raise httpcore2.ConnectTimeout from error
        except (httpcore2.NetworkError, ssl.SSLError, ssl.CertificateError) as error:
            raise httpcore2.ConnectError(f"TLS: {error}") from error

    def _try_handshake(self) -> bool:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def _flush(self, timeout: float | None) -> None:
        if self._outgoing.pending:
            self._below.write(self._outgoing.read(), timeout)

    def _fetch(self, timeout: float | None) -> None:
        if packed := self._below.read(_TLS_RECORDS, timeout):
            self._incoming.write(packed)
        else:
            self._incoming.write_eof()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for bytes and give at most *max_bytes* of them; none at the end."""
        if self._held:
            self._release(timeout)
        while True:
            try:
                return self._object.read(max_bytes)
            except ssl.SSLWantReadError:
                self._flush(timeout)
                self._fetch(timeout)
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                return b""
            except ssl.SSLError as error:
                raise httpcore2.ReadError(f"TLS: {error}") from error

    def _send(self, buffer: bytes, timeout: float | None) -> None:
        view = memoryview(buffer)
        while view:
            try:
                view = view[self._object.write(view) :]
            except ssl.SSLWantReadError:
                self._flush(timeout)
                self._fetch(timeout)
            except ssl.SSLError as error:
                raise httpcore2.WriteError(f"TLS: {error}") from error
        self._flush(timeout)

    def close(self) -> None:
        """Hang up."""
        self._below.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Speak TLS inside TLS, as to a host behind an https proxy."""
        context = self._tls.build() if self._tls.stands_in(ssl_context) else ssl_context
        return TLSStream(self, self._tls, context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> object:
        """Answer what the pool asks of a connection."""
        if info == "ssl_object":
            return self._object
        if info == "is_readable":
            return self._object.pending() > 0 or self._below.get_extra_info(info)
        return self._below.get_extra_info(info)


class Backend(httpcore2.NetworkBackend):
    """Opens connections for one pool and knows all that are open."""

    def __init__(self, tls: TLS, *, gather: bool) -> None:
        """Use *tls* for https; *gather* as in `SocketStream`."""
        self._tls = tls
        self._gather = gather
        self._streams: set[SocketStream] = set()
        """Strong: the collector empties weak ones before a dropped ring's connections can be closed."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of *host* that answers."""
        until = begin(timeout)
        try:
            sock = dial(host, port, until, local_address)
        except TimeoutError:
            raise httpcore2.ConnectTimeout from None
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error
        for option in socket_options or ():
            sock.setsockopt(*option)
        return SocketStream(sock, self._tls, self._streams, gather=self._gather)

    def close_all(self) -> None:
        """Close every open connection."""
        for stream in list(self._streams):
            stream.close()

    def abandon(self) -> None:
        """Let go of every connection in a forked child."""
        for stream in list(self._streams):
            stream.abandon()


def moment(timeout: float | None) -> float | None:
    """Turn what the HTTP library hands through into the moment at which the wait ends."""
    if timeout is None:
        return None
    return timeout.until if isinstance(timeout, Deadline) else time.monotonic() + timeout


def begin(timeout: float | None) -> float | None:
    """Start a phase that counts from its beginning, and give its end."""
    return timeout.begin(time.monotonic()) if isinstance(timeout, Deadline) else moment(timeout)
