"""One call at a time on each HTTP/2 connection, so that one that is late, cancelled or left ends its connection and no other call."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from weakref import ref

import httpcore2

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    import httpx2


def one_call_each(pool: httpcore2.AsyncConnectionPool) -> None:
    """Have *pool* make connections that carry one call at a time."""
    create, there = type(pool).create_connection, ref(pool)

    def create_connection(origin: httpcore2.Origin) -> httpcore2.AsyncConnectionInterface:
        return AsyncSingleConnection(create(cast("httpcore2.AsyncConnectionPool", there()), origin))

    vars(pool)["create_connection"] = create_connection


class AsyncSingleConnection(httpcore2.AsyncConnectionInterface):
    """A connection of the library's that is free only while nothing is under way on it."""

    def __init__(self, inner: httpcore2.AsyncConnectionInterface) -> None:
        """Stand before *inner*."""
        self._inner = inner

    async def handle_async_request(self, request: httpcore2.Request) -> httpcore2.Response:
        """Carry *request*; whatever cuts it short closes an HTTP/2 connection, whose host would go on answering."""
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException:
            if self._inner.can_multiplex():
                await self._inner.aclose()
            raise
        if self._inner.can_multiplex():
            response.stream = AsyncWholeBody(cast("httpx2.AsyncByteStream", response.stream), self._inner)
        return response

    async def aclose(self) -> None:
        """Close it."""
        await self._inner.aclose()

    def can_multiplex(self) -> bool:
        """Say no, also for HTTP/2."""
        return False

    def is_available(self) -> bool:
        """Tell whether it can take a call."""
        return self._inner.is_idle() and self._inner.is_available()

    def can_handle_request(self, origin: httpcore2.Origin) -> bool:
        """Tell whether it leads to *origin*."""
        return self._inner.can_handle_request(origin)

    def has_expired(self) -> bool:
        """Tell whether it was idle for too long."""
        return self._inner.has_expired()

    def is_connected(self) -> bool:
        """Tell whether it stands."""
        return self._inner.is_connected()

    def is_idle(self) -> bool:
        """Tell whether nothing is under way on it."""
        return self._inner.is_idle()

    def is_closed(self) -> bool:
        """Tell whether it is closed."""
        return self._inner.is_closed()

    def info(self) -> str:
        """Describe it."""
        return self._inner.info()


class AsyncWholeBody:
    """A body whose connection is closed unless all of it was read."""

    def __init__(self, inner: httpx2.AsyncByteStream, connection: httpcore2.AsyncConnectionInterface) -> None:
        """Stand before the body *inner* of *connection*."""
        self._inner = inner
        self._connection = connection
        self._ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give its pieces."""
        return self._pieces()

    async def _pieces(self) -> AsyncGenerator[bytes]:
        pieces = cast("AsyncGenerator[bytes]", aiter(self._inner))
        try:
            async for piece in pieces:
                yield piece
            self._ended = True
        finally:
            await pieces.aclose()

    async def aclose(self) -> None:
        """Let go of the connection, or close it."""
        await self._inner.aclose()
        if not self._ended:
            await self._connection.aclose()
