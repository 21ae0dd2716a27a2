"""One way out, direct or by a proxy: our own pool, or the HTTP library's transport, which is loaded only where it is wanted."""

from __future__ import annotations

from sys import modules
from typing import TYPE_CHECKING

from llmring._async.keeping import AsyncRingPool
from llmring._io.aio import Backend

if TYPE_CHECKING:
    from llmring._async.pool import AsyncRingTransport
    from llmring._io.limits import PoolLimits
    from llmring._io.tls import TLS


class AsyncWay:
    """What is open by one proxy, or without any."""

    def __init__(self, limits: PoolLimits, tls: TLS, proxy: str | None) -> None:
        """Open nothing yet; go through *proxy* where there is one."""
        self.limits = limits
        self.tls = tls
        self.proxy = proxy
        self.rebuild()

    def rebuild(self) -> None:
        """Begin with no connections and free locks, as a forked child must."""
        plain = self.proxy is None and not self.limits.http2
        self.backend = self.network(gather=not plain and not self.limits.http2)
        self.own = AsyncRingPool(self.limits, self.tls, self.backend) if plain else None
        """The pool, where it speaks HTTP/1.1 to hosts without a proxy."""
        self._library = None if plain else self._load()

    def network(self, *, gather: bool) -> Backend:
        """Make what connects; *gather* says whether small writes are put together."""
        return Backend(self.tls, gather=gather)

    @property
    def direct(self) -> AsyncRingPool | None:
        """The pool to send by without the library, unless a recorder waits for the library's requests."""
        return None if recorded() else self.own

    @property
    def library(self) -> AsyncRingTransport:
        """The library's transport, over our own pool where there is one."""
        if self._library is None:
            self._library = self._load()
        return self._library

    def _load(self) -> AsyncRingTransport:
        from llmring._async.pool import AsyncRingTransport

        return AsyncRingTransport(self.limits, self.tls, self.proxy, self.backend, self.own)

    async def aclose(self) -> None:
        """Close all connections."""
        if self.own is not None:
            await self.own.aclose()
        else:
            await self.library.aclose()

    def abandon(self) -> None:
        """Let go of all sockets without closing the connections: they are the parent's, or their loop is closed."""
        self.backend.abandon()


def recorded() -> bool:
    """Tell whether a recorder has put something in the place of the library's own method; it cannot before the library is there."""
    library = modules.get("httpx2")
    if library is None:
        return False
    # Another thread may be about to load it: then its names are not there yet.
    kind = getattr(library, "AsyncHTTPTransport", None)
    # A mock is no function, and has no globals.
    method, other = getattr(kind, "handle_async_request", None), getattr(kind, "aclose", None)
    return getattr(method, "__globals__", None) is not getattr(other, "__globals__", None)
