"""A run of tools as its consumer holds it, event by event: a stream for each round, and the results of the calls in between."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from llmring._async.servers import AsyncServers
from llmring._async.stream import AsyncChatStream
from llmring._async.tools import answers, begun, check, ending
from llmring._core.tool_results import result_events
from llmring._io import aio

if TYPE_CHECKING:
    from types import TracebackType

    from llmring._async.engine import AsyncEngine
    from llmring._core.tool_asked import ToolsAsked
    from llmring._core.tool_run import ToolRun
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import RunEvent

T = TypeVar("T")


class AsyncToolStream(Generic[T]):
    """The rounds of a run of tools, event by event; the first request goes out at the first iteration.

    The events of each round end with its ``Finish``; a ``ToolResultEvent`` follows for each call that was made. After the end *response*
    is what ``run_tools`` would have returned. Tools run only while the next event is waited for, so whoever leaves stops them.
    Leaving a ``with`` block or ``close()`` closes the connection and the servers that the run connected to.
    """

    def __init__(self, engine: AsyncEngine, wanted: ToolsAsked) -> None:
        """Prepare the run that is *wanted*; nothing is sent yet.

        Raises:
            TypeError: there are no tools.
            RequestError: a function cannot be described, or not be run here.

        """
        self._engine = engine
        self._wanted = wanted
        self._servers = AsyncServers(wanted.bounds.servers)
        self._run: ToolRun | None = None
        if not wanted.bounds.servers:
            self._run = wanted.run()
            check(self._run)
        self._began: float | None = None
        self._until = inf
        self._round: AsyncChatStream[T] | None = None
        self._waiting: list[RunEvent] = []
        self._response: LLMResponse[T] | None = None
        self._closed = False

    def __aiter__(self) -> Self:
        """Iterate over the events; once only."""
        return self

    async def __anext__(self) -> RunEvent:
        """Wait for the next event, running what the model called.

        Raises:
            MCPError: a server cannot be reached.
            ToolError: the model went on calling tools, or the time was up.
            BudgetExceededError: it went on, and the next round could cost more than is left.
            ProviderError: a round failed.

        """
        try:
            event = await self._next()
        except BaseException:
            await self.close()
            raise
        if event is None:
            raise StopAsyncIteration
        return event

    async def _next(self) -> RunEvent | None:
        """Wait for the next event; None is the end."""
        while not self._waiting:
            if self._closed:
                return None
            if self._began is None:
                self._began = aio.monotonic()
                self._until = self._began + (self._wanted.bounds.seconds or inf)
            if self._run is None:
                self._run = await begun(self._wanted, self._servers, self._until)
            if self._run.over:
                self._response = self._run.response(aio.monotonic() - self._began)
                await self.close()
                return None
            if (event := await self._of_round(self._run)) is not None:
                return event
            await self._between(self._run)
        return self._waiting.pop()

    async def _of_round(self, run: ToolRun) -> RunEvent | None:
        """Wait for the next event of a round, begun where there is none; None is its end."""
        if self._round is None:
            self._round = AsyncChatStream(self._engine, run.asked_within(self._until - aio.monotonic()))
        with ending(run, self._until):
            return await anext(self._round, None)

    async def _between(self, run: ToolRun) -> None:
        """Make the calls of the round that has ended, and have their results told."""
        done, self._round = self._round, None
        if done is None or self._closed:  # meanwhile, by another task or thread
            return
        calls = run.take(done.response)
        turns = await answers(run, calls, self._until)
        run.answered(turns)
        self._waiting = result_events(calls, turns)[::-1]

    @property
    def response(self) -> LLMResponse[T]:
        """The last answer with the usage, cost and turns of all rounds, once the stream has ended.

        Raises:
            RuntimeError: it has not ended yet, or was closed before its end.

        """
        if self._response is None:
            message = "the stream has not ended; iterate to the end before asking for its response"
            raise RuntimeError(message)
        return self._response

    async def close(self) -> None:
        """Close the connection, and the servers that were connected to; what had come of the round is counted."""
        self._closed = True
        self._waiting = []
        current, self._round = self._round, None
        try:
            if current is not None:
                await current.close()
        finally:
            await self._servers.close()

    aclose = close

    async def __aenter__(self) -> Self:
        """Hand out the stream; leaving the block closes it."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connection and the servers."""
        await self.close()
