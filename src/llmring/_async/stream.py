"""A stream of events as its consumer holds it; reading goes on in a generator that does not know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import attrs

from llmring._core.outcome import CLOSED, finished
from llmring._core.structured import parse, so_far
from llmring._io import aio
from llmring.exceptions import ProviderError, StreamInterruptedError

if TYPE_CHECKING:
    from types import TracebackType

    from llmring._async.engine import AsyncEngine
    from llmring._async.exchange import AsyncOpening
    from llmring._core.asked import Asked
    from llmring._core.outcome import Walk
    from llmring._core.target import Ready
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent

T = TypeVar("T")


class AsyncChatStream(Generic[T]):
    """The answer to one call, event by event; the request goes out at the first iteration.

    After the end *response* is what ``chat`` would have returned. Leaving a ``with`` block, ``close()``, an exception
    or dropping the last reference closes the connection; after a bare ``break`` a stream kept in a variable stays open.
    """

    def __init__(self, engine: AsyncEngine, asked: Asked) -> None:
        """Prepare to ask; nothing is sent yet."""
        self._engine = engine
        self._asked = asked
        self._walk: Walk | None = None
        self._opening: AsyncOpening | None = None
        self._ready: Ready | None = None
        self._waiting: list[StreamEvent] = []
        self._response: LLMResponse[T] | None = None
        self._closed = False

    def __aiter__(self) -> Self:
        """Iterate over the events; once only."""
        return self

    async def __anext__(self) -> StreamEvent:
        """Wait for the next event.

        Raises:
            ProviderError: the provider failed before the first event.
            StreamInterruptedError: the stream broke after the first event; it carries what had come.

        """
        if self._waiting:
            return self._waiting.pop()
        if self._closed:
            raise StopAsyncIteration
        batch = await self._more()
        if not batch:
            raise StopAsyncIteration
        batch.reverse()
        self._waiting = batch
        return batch.pop()

    async def _more(self) -> list[StreamEvent]:
        """Wait for the next batch; an empty one is the end."""
        if self._opening is None:
            return await self._begin()
        try:
            return await anext(self._opening.rest)
        except StopAsyncIteration:
            self._settle()
        except ProviderError as error:
            self._closed = True
            self._tell(error)
            raise
        return []

    async def _begin(self) -> list[StreamEvent]:
        """Send the request; where the first events are the last, that is the end too."""
        self._walk = self._engine.walk(self._asked)
        try:
            self._opening, self._ready = await self._engine.open(self._asked, self._walk)
        except BaseException:
            self._closed = True
            raise
        if not self._opening.first:
            self._settle()
        return self._opening.first

    def _tell(self, error: ProviderError) -> None:
        """Say on *error* who failed, and complete what it carries of the answer."""
        if self._ready is not None and self._walk is not None:
            self._ready.dress(error)
            error.attempts = tuple(self._walk.attempts)
            if isinstance(error, StreamInterruptedError) and error.partial is not None:
                error.partial = finished(error.partial, self._ready, self._walk, aio.monotonic())
                self._engine.core.record(error.partial, outcome=type(error).__name__)
            else:
                self._engine.core.missed(error, self._walk, aio.monotonic())

    def _settle(self) -> None:
        """Make the response of what has come."""
        self._closed = True
        if self._opening is None or self._ready is None or self._walk is None:
            return
        response = self._opening.accumulator.response(headers=self._opening.headers)
        done = finished(response, self._ready, self._walk, aio.monotonic())
        self._engine.core.record(done)
        self._response = done
        wanted = self._asked.request.response_format
        if wanted is not None:
            self._response = attrs.evolve(done, parsed=parse(done, wanted))

    @property
    def response(self) -> LLMResponse[T]:
        """The whole answer, once the stream has ended.

        Raises:
            RuntimeError: it has not ended yet, or was closed before its end.

        """
        if self._response is None:
            message = "the stream has not ended; iterate to the end before asking for its response"
            raise RuntimeError(message)
        return self._response

    @property
    def partial(self) -> Any:
        """The best-effort value of the answer so far, as plain data; None where nothing can be read yet."""
        if self._opening is None:
            return None
        return so_far(self._opening.accumulator.response().content, self._asked.request.response_format)

    async def close(self) -> None:
        """Close the connection; what had come is recorded as far as it is known."""
        self._waiting = []
        if self._closed:
            return
        self._closed = True
        if self._opening is not None:
            await self._opening.rest.aclose()
            if self._ready is not None and self._walk is not None:
                response = self._opening.accumulator.response(headers=self._opening.headers)
                self._engine.core.record(finished(response, self._ready, self._walk, aio.monotonic()), outcome=CLOSED)

    aclose = close

    async def __aenter__(self) -> Self:
        """Hand out the stream; leaving the block closes it."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connection."""
        await self.close()
