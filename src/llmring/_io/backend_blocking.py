"""The blocking network under all calls: plain sockets, each wait bounded by phase and by deadline."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING, Any

from llmring._core.timeouts import Deadline
from llmring._io import wire_errors as wire
from llmring._io.dialling import dial
from llmring._io.gathering import GatheringStream
from llmring._io.polling import Poller, has_bytes

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from llmring._io.tls import TLS
    from llmring._io.tls_blocking import TLSStream


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
                raise wire.ReadTimeout
            try:
                return self._sock.recv(max_bytes)
            except BlockingIOError:
                continue
            except OSError as error:
                raise wire.ReadError(str(error)) from error

    def _send(self, buffer: bytes, timeout: float | None) -> None:
        view, until = memoryview(buffer), moment(timeout)
        while view:
            try:
                view = view[self._sock.send(view) :]
            except BlockingIOError:
                if not self._poller.writable(until):
                    raise wire.WriteTimeout from None
            except OSError as error:
                raise wire.WriteError(str(error)) from error

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

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> TLSStream:
        """Speak TLS from here on."""
        from llmring._io.tls_blocking import TLSStream

        context = self._tls.build() if self._tls.stands_in(ssl_context) else ssl_context
        return TLSStream(self, self._tls, context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> object:
        """Answer what the pool asks of a connection."""
        match info:
            case "is_readable":
                return has_bytes(self._sock)
            case "socket":
                return self._sock
            case "client_addr":
                return self._sock.getsockname()
            case "server_addr":
                return self._sock.getpeername()
            case _:
                return None


class Backend:
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
    ) -> SocketStream:
        """Connect to the first address of *host* that answers."""
        until = begin(timeout)
        try:
            sock = dial(host, port, until, local_address)
        except TimeoutError:
            raise wire.ConnectTimeout from None
        except (OSError, UnicodeError) as error:
            raise wire.ConnectError(str(error)) from error
        for option in socket_options or ():
            sock.setsockopt(*option)
        return SocketStream(sock, self._tls, self._streams, gather=self._gather)

    def sleep(self, seconds: float) -> None:
        """Pause, as between the library's own connection retries."""
        time.sleep(seconds)

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
