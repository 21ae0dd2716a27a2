"""Lend the ring's connections to HTTP clients of others, which may close themselves but never the connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from llmring._async.transport import AsyncTransport


class AsyncLentTransport(httpx2.AsyncBaseTransport):
    """Sends what a client built, over the connections of whichever event loop asks; closing it closes nothing."""

    def __init__(self, lender: AsyncTransport) -> None:
        """Send by *lender*."""
        self._lender = lender

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry *request*; what goes wrong is told in the library's own errors."""
        return await self._lender.relay(request)


class AsyncLending:
    """The clients that run on one transport's connections, each kept until the transport closes."""

    def __init__(self, lender: AsyncTransport) -> None:
        """Lend the connections of *lender*."""
        self._lender = lender
        self._closers: list[Callable[[], Any]] = []
        self.kept: dict[Hashable, Any] = {}
        """What was built on the clients, by whatever tells it apart."""

    def client(self, change: Callable[[httpx2.Request], httpx2.Request] | None = None) -> httpx2.AsyncClient:
        """Give an HTTP client on these connections that *changes* its requests last, or the user's own one, which is never closed."""
        own = self._lender.own_client
        if own is not None:
            return own
        lent = AsyncLentTransport(self._lender)
        client = httpx2.AsyncClient(transport=lent, auth=change, trust_env=False, follow_redirects=True, timeout=None)
        self.also(client.aclose)
        return client

    def also(self, close: Callable[[], Any]) -> None:
        """Have *close* called when the transport closes."""
        self._closers.append(close)

    async def aclose(self) -> None:
        """Close all clients and forget what was built on them."""
        closers, self._closers = self._closers, []
        self.kept = {}
        for close in closers:
            await close()
