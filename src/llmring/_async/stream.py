"""A stream of events as its consumer holds it; reading goes on in a generator that does not know it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import attrs

from llmring._core.leaving import estimated, labelled
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
            self._settle(self._end())
        except ProviderError as error:
            if not self._closed:  # by another task or thread, which counted it
                self._tell(error)
                raise
        except BaseException:  # cancelled, interrupted: nothing more will come
            self._end()
            raise
        return []

    async def _begin(self) -> list[StreamEvent]:
        """Send the request; where the first events are the last, that is the end too."""
        self._walk = self._engine.walk(self._asked)
        try:
            opening, self._ready = await self._engine.open(self._asked, self._walk)
        except BaseException:
            self._closed = True
            raise
        self._opening = opening
        if self._closed:  # meanwhile, by another task or thread
            await opening.aclose()
            self._closed = False
            self._end()
            return []
        if not opening.first:
            self._settle(self._end())
        elif (late := self._engine.core.late) is not None:
            late.begun(self._leave)
        return opening.first

    def _end(self, error: ProviderError | None = None, *, later: bool = False) -> LLMResponse[T] | None:
        """End the stream, by *error* or not: make the one response of what has come and have it counted, once; *later* takes no lock."""
        opening, ready, walk = self._opening, self._ready, self._walk
        if self._closed or opening is None or ready is None or walk is None:
            self._closed = True
            return None
        self._closed = True
        now = aio.monotonic()
        opening.reading.leave()
        accumulator = opening.reading.accumulator
        response = accumulator.response(headers=dict(opening.headers))
        whole = opening.reading.whole
        if whole and response.usage.total_tokens:
            done = finished(response, ready, walk, now)
        else:
            done = labelled(finished(estimated(response, accumulator.written, self._asked.request), ready, walk, now, error), walk)
        outcome = "ok" if whole else CLOSED if error is None else type(error).__name__
        self._engine.core.record(done, outcome=outcome, later=later)
        self._engine.ended(ready, walk, error, whole=whole)
        return done

    def _tell(self, error: ProviderError) -> None:
        """Say on *error* who failed, and give it what had come of the answer."""
        if self._ready is not None:
            self._ready.dress(error)
        partial = self._end(error)
        if self._walk is not None:
            error.attempts = tuple(self._walk.attempts)
        if isinstance(error, StreamInterruptedError):
            error.partial = partial

    def _settle(self, done: LLMResponse[T] | None) -> None:
        """Keep the response of a stream that has ended, its form checked."""
        self._response = done
        wanted = self._asked.request.response_format
        if done is not None and wanted is not None:
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
        return so_far(self._opening.reading.accumulator.response().content, self._asked.request.response_format)

    async def close(self) -> None:
        """Close the connection; what had come is counted, its usage estimated where the provider has not told it yet."""
        self._waiting = []
        if self._closed:
            return
        opening = self._opening
        try:
            self._end()
        finally:
            if opening is not None:
                await opening.aclose()

    aclose = close

    async def __aenter__(self) -> Self:
        """Hand out the stream; leaving the block closes it."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connection."""
        await self.close()

    def _leave(self) -> None:
        """Count what had come, as if it were closed; at the end of the process nothing more is done for it."""
        self._end(later=True)

    def __del__(self) -> None:
        """Count what had come of a stream that nobody closed; its connection is closed by the generator, dropped with it."""
        if not sys.is_finalizing():
            self._leave()
