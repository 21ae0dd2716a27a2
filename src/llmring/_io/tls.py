"""The TLS settings of one ring, built at the first https connection and shared by both twins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from llmring._io.environment import environment
from llmring._io.locks import new_lock
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    import ssl


_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class TLS:
    """One lazily built context; the environment's ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` count."""

    __slots__ = ("_lock", "context", "http2", "placeholder")

    def __init__(self, *, http2: bool = False) -> None:
        """Build nothing yet; *http2* is offered first if wanted.

        Raises:
            ConfigurationError: what speaks it is not installed.

        """
        if http2:
            _demand_h2()
        self._lock = new_lock()
        self.http2 = http2
        self.context: ssl.SSLContext | None = None
        """The finished context, once there is one."""
        self.placeholder: ssl.SSLContext | None = None

    def build(self) -> ssl.SSLContext:
        """Give the context, building it at the first call (20 to 80 ms of reading certificates).

        Raises:
            ConfigurationError: the environment names certificates that cannot be read.

        """
        with self._lock:
            if self.context is None:
                from llmring._io.trust import trusting_context

                try:
                    context = trusting_context()
                except OSError as error:
                    where = " and ".join(f"{name}={value}" for name in _VARIABLES if (value := environment().get(name)))
                    raise ConfigurationError(f"The certificates of {where or 'the system'} cannot be used: {error}") from error
                context.set_alpn_protocols(["h2", "http/1.1"] if self.http2 else ["http/1.1"])
                self.context = context
            return self.context

    def stand_in(self) -> ssl.SSLContext:
        """Give a context that trusts nobody, for the library to hold until our backend puts the real one in its place."""
        if self.placeholder is None:
            import ssl

            with self._lock:  # threads that made one each would take the first for a context of the user's
                self.placeholder = self.placeholder or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return self.placeholder

    def stands_in(self, context: ssl.SSLContext) -> bool:
        """Tell whether *context* is the stand-in."""
        return context is self.placeholder


def _demand_h2() -> None:
    from importlib.util import find_spec

    if find_spec("h2") is None:
        raise ConfigurationError("http2=True needs a package more: pip install 'llmring[http2]'.")
