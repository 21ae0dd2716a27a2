"""The HTTP library's transport on our own network: limits, TLS, proxy; what is sent over it is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx2

from llmring._async.keeping import AsyncRingPool
from llmring._io.aio import Backend
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._io.limits import PoolLimits
    from llmring._io.tls import TLS


def unless_patched(method: Callable[..., Any]) -> Callable[..., Any] | None:
    """Give *method* of the library's transport, None where a recorder has put its own in its place."""
    # A mock is no function, and has no globals.
    return method if getattr(method, "__globals__", None) is httpx2.AsyncHTTPTransport.aclose.__globals__ else None


_LIBRARYS: Final = unless_patched(httpx2.AsyncHTTPTransport.handle_async_request)


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
        self.own: AsyncRingPool | None = None
        """The pool, where it speaks HTTP/1.1 to hosts without a proxy."""
        if self.proxy is None and not limits.http2:
            # The library makes its transport's pool itself; there is no way to hand one in.
            self.backend = self.network(gather=False)
            self._pool = self.own = AsyncRingPool(limits, self.tls, self.backend)
            return
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
        self.backend = self.network(gather=not limits.http2)
        if limits.http2:
            from llmring._async.singly import one_call_each

            one_call_each(self._pool)
        # The library takes a network backend in its pool's constructor only, and builds the pool itself.
        self._pool._network_backend = self.backend  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    def network(self, *, gather: bool) -> Backend:
        """Make what connects; *gather* says whether small writes are put together."""
        return Backend(self.tls, gather=gather)

    @property
    def direct(self) -> AsyncRingPool | None:
        """The pool to send by without the library's requests, unless a recorder waits for these."""
        return self.own if type(self).handle_async_request is _LIBRARYS else None

    def _through(self, proxy: str) -> httpx2.Proxy:
        """Describe *proxy*, which may itself speak TLS."""
        return httpx2.Proxy(proxy, ssl_context=self.tls.stand_in() if proxy.startswith("https:") else None)

    def abandon(self) -> None:
        """Let go of all sockets without closing the connections: they are the parent's, or their loop is closed."""
        self.backend.abandon()
