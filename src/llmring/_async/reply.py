"""One answer as it arrives: status, headers, then bytes; what they mean is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

from llmring._io.aio import BOUNDS, monotonic, within
from llmring._io.failures import WIRE, failure
from llmring._io.headers import lowered
from llmring._io.inflate import Inflater, too_large

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2

    from llmring._core.timeouts import Waits


class AsyncReply:
    """An open answer; iterate it for its bytes, and close it even if it was never iterated."""

    __slots__ = (
        "_chunks",
        "_errors",
        "_fresh",
        "_host",
        "_inflater",
        "_left",
        "_limit",
        "_stream",
        "_waiting",
        "_waits",
        "headers",
        "status",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - what an answer is made of
        self, status: int, headers: dict[str, str], chunks: Any, stream: Any, waits: Waits, host: str, limit: int
    ) -> None:
        """Read *chunks*, of at most *limit* bytes together, then close *stream*; *headers* have lower-case names."""
        self.status = status
        self.headers = headers
        self._stream = stream
        self._chunks = chunks
        self._waits = waits
        self._host = host
        self._errors: tuple[type[BaseException], ...] = WIRE
        self._limit = self._left = limit
        self._fresh = False
        self._waiting = False
        packing = headers.get("content-encoding", "identity").lower()
        self._inflater = None if packing in {"", "identity"} else Inflater(packing, limit)

    @classmethod
    def of(cls, response: httpx2.Response, waits: Waits, host: str, limit: int, errors: tuple[type[BaseException], ...]) -> Self:
        """Read the *response* of the library's transport, which fails with *errors*."""
        stream = cast("httpx2.AsyncByteStream", response.stream)
        reply = cls(response.status_code, lowered(response.headers.raw), stream.__aiter__(), stream, waits, host, limit)
        reply._errors = errors
        return reply

    def __aiter__(self) -> AsyncReply:
        """Iterate over the pieces of the body, unpacked, each as soon as it is there."""
        return self

    async def __anext__(self) -> bytes:
        """Wait for the next piece, within its own limit."""
        while True:
            if self._fresh:
                self._waits.next_piece(monotonic())
            try:
                self._waiting = True
                packed = await self._chunks.__anext__()
            except StopAsyncIteration:
                await self._end()
                raise
            except self._errors as error:
                raise failure(error, self._waits, self._host, monotonic()) from error
            finally:
                self._waiting = False
            self._fresh = True
            self._left -= len(packed)
            if self._left < 0:
                raise too_large(self._limit)
            if piece := packed if self._inflater is None else self._inflater.feed(packed):
                return piece

    def hold(self) -> None:
        """Say that the last piece held nothing new: the next wait goes on within the same limit."""
        self._fresh = False

    def hurry(self, seconds: float) -> bool:
        """Wait no longer than *seconds* for all that may still come; False where nothing can shorten a wait."""
        self._waits.hurry(seconds, monotonic())
        return True

    async def aread(self) -> bytes:
        """Wait for the rest of the body, and close."""
        try:
            pieces = [piece async for piece in self]
        finally:
            await self.aclose()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _end(self) -> None:
        """Give the connection back as soon as the body is read."""
        await self._stream.aclose()
        if self._inflater is not None:
            self._inflater.finish()

    async def aclose(self) -> None:
        """Let the connection go: back to its pool if the answer was read to its end, closed if not."""
        if not self._waiting:
            await self._chunks.aclose()
        await self._stream.aclose()


class AsyncClientReply(AsyncReply):
    """An answer that came through a client of the user's, whose waits know nothing of our deadlines."""

    __slots__ = ()

    def __init__(self, response: httpx2.Response, waits: Waits, host: str, limit: int, errors: tuple[type[BaseException], ...]) -> None:
        """Take over *response* of a client that fails with *errors*."""
        stream = cast("httpx2.AsyncByteStream", response.stream)
        super().__init__(response.status_code, lowered(response.headers.raw), stream.__aiter__(), stream, waits, host, limit)
        self._errors = errors
        if response.is_stream_consumed:  # a hook of the client's has read, and unpacked, the body
            self._chunks = _whole(response.content)
            self._inflater = None
        else:
            self._chunks = _bounded(self._chunks, waits)

    def hurry(self, seconds: float) -> bool:
        """Say no of a blocking client, whose reads keep the timeout that they began with."""
        return BOUNDS and super().hurry(seconds)


async def _whole(body: bytes) -> AsyncGenerator[bytes, None]:
    """Give a *body* that is there already."""
    yield body


async def _bounded(chunks: AsyncGenerator[bytes, None], waits: Waits) -> AsyncGenerator[bytes, None]:
    """Give *chunks*, each within the limit of its wait."""
    try:
        while monotonic() < waits.read.until:
            async with within(waits.read.until):
                chunk = await chunks.__anext__()
            yield chunk
        raise TimeoutError
    except StopAsyncIteration:
        return
    finally:
        await chunks.aclose()
