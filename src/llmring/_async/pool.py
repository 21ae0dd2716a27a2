"""The HTTP library's transport on our own network: limits, TLS, proxy; what is sent over it is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from llmring._io.aio import Backend
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from llmring._io.limits import PoolLimits
    from llmring._io.tls import TLS


class AsyncRingTransport(httpx2.AsyncHTTPTransport):
    """One connection pool; requests go through the inherited method, where recorders look for them."""

    def __init__(self, limits: PoolLimits, tls: TLS, proxy: str | None) -> None:
        """Open nothing yet; go through *proxy* where there is one."""
        self.limits = limits
        self.tls = tls
        self.proxy = proxy
        self.rebuild()

    def rebuild(self) -> None:
        """Begin with no connections and free locks, as a forked child must."""
        limits = self.limits
        try:
            super().__init__(
                verify=self.tls.stand_in(),
                trust_env=False,
                http2=limits.http2,
                limits=httpx2.Limits(
                    max_connections=limits.max_connections,
                    max_keepalive_connections=limits.max_keepalive,
                    keepalive_expiry=limits.keepalive_seconds,
                ),
                proxy=None if self.proxy is None else self._through(self.proxy),
            )
        except (ValueError, httpx2.InvalidURL, ImportError) as error:
            raise ConfigurationError(f"The proxy or HTTP/2 settings cannot be used: {error}") from error
        self.backend = Backend(self.tls, gather=not limits.http2)
        # The library takes a network backend in its pool's constructor only, and builds the pool itself.
        self._pool._network_backend = self.backend  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    def _through(self, proxy: str) -> httpx2.Proxy:
        """Describe *proxy*, which may itself speak TLS."""
        return httpx2.Proxy(proxy, ssl_context=self.tls.stand_in() if proxy.startswith("https:") else None)

    def abandon(self) -> None:
        """Let go of all sockets without closing the connections: they are the parent's, or their loop is closed."""
        self.backend.abandon()
