"""The HTTP library's transport on our own network: limits, TLS, proxy; what is sent over it is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from llmring._async.library import AsyncLibraryBackend, AsyncLibraryPool
from llmring._io.headers import checked, packing
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from llmring._async.keeping import AsyncRingPool
    from llmring._core.timeouts import Waits
    from llmring._core.wire_call import Header, PreparedCall
    from llmring._io.aio import Backend
    from llmring._io.limits import PoolLimits
    from llmring._io.places import Place
    from llmring._io.tls import TLS


class AsyncRingTransport(httpx2.AsyncHTTPTransport):
    """One connection pool; requests go through the inherited method, where recorders look for them."""

    def __init__(self, limits: PoolLimits, tls: TLS, proxy: str | None, backend: Backend, own: AsyncRingPool | None) -> None:
        """Send by our *own* pool, or make one of the library's that connects by *backend*, through *proxy* where there is one."""
        if own is not None:
            # The library makes its transport's pool itself; there is no way to hand one in.
            self._pool = AsyncLibraryPool(own)
            return
        try:
            super().__init__(
                verify=tls.stand_in(),
                trust_env=False,
                http2=limits.http2,
                limits=httpx2.Limits(
                    max_connections=limits.max_connections,
                    max_keepalive_connections=limits.max_keepalive,
                    keepalive_expiry=limits.keepalive_seconds,
                ),
                proxy=None if proxy is None else _proxy(proxy, tls),
            )
        except (ValueError, httpx2.InvalidURL, ImportError) as error:
            raise ConfigurationError(f"The proxy or HTTP/2 settings cannot be used: {error}") from error
        if limits.http2:
            from llmring._async.singly import one_call_each

            one_call_each(self._pool)
        # The library takes a network backend in its pool's constructor only, and builds the pool itself.
        self._pool._network_backend = AsyncLibraryBackend(backend)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    async def carry(self, call: PreparedCall, place: Place, waits: Waits) -> httpx2.Response:
        """Carry *call* to *place*: by proxy, by HTTP/2, or where a recorder has taken the place of the method."""
        checked(call)
        request = httpx2.Request(
            call.method,
            place.url,
            headers=_head(call, place),  # which holds the key, so no frame that a failure leaves behind does
            stream=httpx2.ByteStream(call.content),
            extensions={"timeout": waits.limits()},
        )
        return await self.handle_async_request(request)


def _head(call: PreparedCall, place: Place) -> list[Header]:
    head = [(b"host", place.netloc), (b"accept-encoding", packing(call)), *call.headers]
    if call.content or call.method == "POST":
        head.append((b"content-length", b"%d" % len(call.content)))
    return head


def _proxy(url: str, tls: TLS) -> httpx2.Proxy:
    """Describe the proxy at *url*, which may itself speak TLS."""
    return httpx2.Proxy(url, ssl_context=tls.stand_in() if url.startswith("https:") else None)
