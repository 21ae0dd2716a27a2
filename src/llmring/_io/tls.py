"""The TLS settings of one ring, built at the first https connection and shared by both twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring._io.locks import new_lock

if TYPE_CHECKING:
    import ssl


class TLS:
    """One lazily built context; the environment's ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` count."""

    __slots__ = ("_lock", "_protocols", "context", "placeholder")

    def __init__(self, *, http2: bool = False) -> None:
        """Build nothing yet."""
        self._lock = new_lock()
        self._protocols = ["http/1.1", "h2"] if http2 else ["http/1.1"]
        self.context: ssl.SSLContext | None = None
        """The finished context, once there is one."""
        self.placeholder: ssl.SSLContext | None = None

    def build(self) -> ssl.SSLContext:
        """Give the context, building it at the first call (20 to 80 ms of reading certificates)."""
        with self._lock:
            if self.context is None:
                from httpcore2 import default_ssl_context

                context = default_ssl_context()
                context.set_alpn_protocols(self._protocols)
                self.context = context
            return self.context

    def stand_in(self) -> ssl.SSLContext:
        """Give a context that trusts nobody, for the library to hold until our backend puts the real one in its place."""
        if self.placeholder is None:
            import ssl

            self.placeholder = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return self.placeholder

    def stands_in(self, context: ssl.SSLContext) -> bool:
        """Tell whether *context* is the stand-in."""
        return context is self.placeholder
