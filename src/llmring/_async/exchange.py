"""One call to one model: carried, read and decoded, whole or piece by piece; whether to try again is asked elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from llmring._core.accumulate import Accumulator
from llmring._core.http import HttpReply
from llmring._core.leaving import interrupted
from llmring.exceptions import ProviderError
from llmring.protocols.stream import Reading

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from llmring._async.transport import AsyncReply, AsyncTransport
    from llmring._core.target import Ready
    from llmring._core.timeouts import Timeout
    from llmring._core.wire_call import PreparedCall
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent

GRACE = 1.0
"""The seconds that are granted a provider, once it has told of a failure, to tell what that has used."""
FAILED = 300
"""The least HTTP status that says no; what redirects is not followed, for the key is meant for one host."""


async def answer(transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> LLMResponse[Any]:
    """Carry *call* and decode the whole answer.

    Raises:
        ProviderError: there was no answer, it says no, or it cannot be understood.

    """
    reply = await transport.send(call, timeout)
    if reply.status >= FAILED:
        raise ready.protocol.decode_error(reply)
    return ready.protocol.decode(reply)


class AsyncOpening:
    """A stream whose first events are here; *rest* brings the others, batch by batch."""

    __slots__ = ("_reply", "first", "headers", "reading", "rest")

    def __init__(self, first: list[StreamEvent], rest: AsyncGenerator[list[StreamEvent]], reading: Reading, reply: AsyncReply) -> None:
        """Hold the *first* events and what brings the *rest* by *reading* the *reply*."""
        self.first = first
        self.rest = rest
        self.reading = reading
        self.headers = reply.headers
        self._reply = reply

    async def aclose(self) -> None:
        """Let the connection go, also while somebody waits for more: then that wait ends."""
        try:
            await self.rest.aclose()
        except (RuntimeError, ValueError):  # another task, or another thread, is in it
            await self._reply.aclose()


async def opening(transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> AsyncOpening:
    """Carry *call* and read until the first events are here, so that a failure before them may be tried again.

    Raises:
        ProviderError: there was no answer, it says no, or it breaks before the first event.

    """
    reply = await transport.open(call, timeout)
    if reply.status >= FAILED:
        raise ready.protocol.decode_error(HttpReply(reply.status, reply.headers, await reply.aread()))
    reading = Reading(ready.protocol, Accumulator(ready.protocol.NAME))
    rest = batches(reply, reading)
    try:
        first = await anext(rest)
    except StopAsyncIteration:
        first = []
    return AsyncOpening(first, rest, reading, reply)


async def batches(reply: AsyncReply, reading: Reading) -> AsyncGenerator[list[StreamEvent]]:
    """Yield the events of *reply* as its bytes arrive, never an empty batch; close it whatever happens.

    It refers to no stream object, so that dropping the stream closes the connection.
    """
    pieces = aiter(reply)
    begun = False
    try:
        while not reading.over:
            batch = reading.read(await anext(pieces, None))
            if batch:
                begun = True
                yield batch
            else:
                reply.hold()
            if reading.failure is not None:
                if reading.owing:
                    await hear_out(reply, reading, reading.failure)
                raise reading.failure
    except ProviderError as error:
        if begun:
            raise interrupted(error) from error
        raise
    finally:
        await reply.aclose()


async def hear_out(reply: AsyncReply, reading: Reading, error: ProviderError) -> None:
    """Read on for a moment after *error*, for its usage may follow; the end, or what goes wrong here, is no news."""
    if reply.hurry(GRACE):
        with suppress(ProviderError):
            while reading.owing:
                reading.hear(error, await anext(reply, None))
