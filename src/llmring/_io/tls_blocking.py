"""TLS over a blocking stream, which does the waiting; loaded by the first https connection."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from llmring._io import wire_errors as wire
from llmring._io.gathering import GatheringStream

if TYPE_CHECKING:
    from llmring._io.tls import TLS

_TLS_RECORDS: Final = 64 * 1024


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
        except (wire.ReadTimeout, wire.WriteTimeout) as error:
            raise wire.ConnectTimeout from error
        except (wire.NetworkError, ssl.SSLError, ssl.CertificateError) as error:
            raise wire.ConnectError(f"TLS: {error}") from error

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
                raise wire.ReadError(f"TLS: {error}") from error

    def _send(self, buffer: bytes, timeout: float | None) -> None:
        view = memoryview(buffer)
        while view:
            try:
                view = view[self._object.write(view) :]
            except ssl.SSLWantReadError:
                self._flush(timeout)
                self._fetch(timeout)
            except ssl.SSLError as error:
                raise wire.WriteError(f"TLS: {error}") from error
        self._flush(timeout)

    def close(self) -> None:
        """Hang up."""
        self._below.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> TLSStream:
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
