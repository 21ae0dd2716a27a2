"""Leaving a stream early closes its connection at once and counts what it used, however it is left, with the collector off."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from llmring._async.reply import AsyncReply
from llmring._core.leaving import GUESSED
from llmring._io import aio
from llmring.exceptions import StreamInterruptedError
from tests.rings import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._async.ring import AsyncLLMRing
    from llmring._core.totals import Totals
    from llmring.schemas import StreamEvent

SLOW = {"x-simulate": "words=200;pace=0.02"}
EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[AsyncReply]]:
    """Note every reply that is closed; the collector does not help."""
    noted: list[AsyncReply] = []
    close = AsyncReply.aclose

    async def noting(reply: AsyncReply) -> None:
        noted.append(reply)
        await close(reply)

    monkeypatch.setattr(AsyncReply, AsyncReply.aclose.__name__, noting)
    gc.disable()
    try:
        yield noted
    finally:
        gc.enable()


async def soon() -> None:
    """Give an event loop, if there is one, time to close what was dropped."""
    await aio.sleep(0.05)


def spent(ring: AsyncLLMRing) -> Totals:
    """Give the totals of *ring*, in which one stream that was left is estimated, prompt and answer."""
    totals = ring.usage()
    assert totals.calls == 1
    assert totals.usage.input_tokens > 0
    assert totals.usage.output_tokens > 0
    assert totals.usage.total_tokens == totals.usage.input_tokens + totals.usage.output_tokens
    assert (totals.estimated, totals.unpriced) == ((1, 0) if totals.cost else (0, 1))
    return totals


@EVERY
async def test_break_without_a_name(ring: AsyncLLMRing, model: str, closed: list[AsyncReply]) -> None:
    """A stream that only the loop held is dropped by ``break``, and what it used is estimated."""
    async for event in ring.chat_stream(model, "Hi", extra_headers=SLOW):
        if event.delta:
            break
    await soon()
    assert len(closed) == 1
    spent(ring)


@EVERY
async def test_dropping_the_name(ring: AsyncLLMRing, model: str, closed: list[AsyncReply]) -> None:
    """A stream kept in a variable stays open until it is dropped; then it is counted, without waiting for anything."""
    stream = ring.chat_stream(model, "Hi", extra_headers=SLOW)
    async for event in stream:
        if event.delta:
            break
    await soon()
    assert closed == []
    assert ring.usage().calls == 0
    del stream
    spent(ring)
    await soon()
    assert len(closed) == 1


@EVERY
async def test_an_exception_in_a_with_block(ring: AsyncLLMRing, model: str, closed: list[AsyncReply]) -> None:
    """Leaving the block by an exception closes and counts, though the exception is kept."""
    with pytest.raises(ZeroDivisionError) as caught:
        await failing(ring, model)
    assert len(closed) == 1
    assert caught.value.__traceback__ is not None
    spent(ring)


async def failing(ring: AsyncLLMRing, model: str) -> None:
    """Fail while reading a stream."""
    async with ring.chat_stream(model, "Hi", extra_headers=SLOW) as stream:
        async for event in stream:
            if event.delta:
                raise ZeroDivisionError


@EVERY
async def test_leaving_the_with_block(ring: AsyncLLMRing, model: str, closed: list[AsyncReply]) -> None:
    """A ``break`` out of the block closes and counts before the next line."""
    async with ring.chat_stream(model, "Hi", extra_headers=SLOW) as stream:
        async for event in stream:
            if event.delta:
                break
    assert len(closed) == 1
    spent(ring)


@EVERY
async def test_closing(ring: AsyncLLMRing, model: str, closed: list[AsyncReply]) -> None:
    """``close`` is prompt, may be repeated, ends the iteration, and counts once."""
    stream = ring.chat_stream(model, "Hi", extra_headers=SLOW)
    seen: list[StreamEvent] = []
    async for event in stream:
        seen.append(event)
        if event.delta:
            await stream.close()
            await stream.close()
    assert seen
    assert len(closed) == 1
    totals = spent(ring)
    with pytest.raises(RuntimeError, match="has not ended"):
        _ = stream.response
    del stream
    assert ring.usage() == totals


@EVERY
async def test_breaking_off_is_counted(ring: AsyncLLMRing, model: str) -> None:
    """A stream that breaks is counted once, as its partial response says."""
    with pytest.raises(StreamInterruptedError) as caught:
        async for _ in ring.chat_stream(model, "Hi", extra_headers={"x-simulate": "fault=reset;after=6"}):
            pass
    partial = caught.value.partial
    assert partial is not None
    assert GUESSED in partial.warnings
    assert spent(ring).usage == partial.usage
    assert partial.attempts[-1].usage == partial.usage


async def test_prompts_that_were_counted_are_no_guess(ring: AsyncLLMRing) -> None:
    """Anthropic counts the prompt first, and that count is kept."""
    whole = await ring.chat(MODELS["anthropic"], "Hi there")
    before = ring.usage()
    async with ring.chat_stream(MODELS["anthropic"], "Hi there", extra_headers=SLOW) as stream:
        async for event in stream:
            if event.delta:
                break
    after = ring.usage()
    assert after.usage.input_tokens - before.usage.input_tokens == whole.usage.input_tokens
    assert after.cost > before.cost
    assert after.estimated == 1  # for the words that came were not counted


async def test_leaving_after_the_last_event(ring: AsyncLLMRing) -> None:
    """A stream whose end was seen has told everything; nothing is estimated."""
    whole = await ring.chat(MODELS["openai"] + "+say=Hello", "Hi")
    before = ring.usage()
    async with ring.chat_stream(MODELS["openai"] + "+say=Hello", "Hi") as stream:
        async for event in stream:
            if event.finish_reason:
                break
    after = ring.usage()
    assert after.estimated == 0
    assert after.usage.total_tokens - before.usage.total_tokens == whole.usage.total_tokens


async def test_reading_to_the_end(ring: AsyncLLMRing, closed: list[AsyncReply]) -> None:
    """A stream that was read to its end is closed, and its connection serves the next call."""
    stream = ring.chat_stream(MODELS["ollama"], "Hi")
    async for _ in stream:
        pass
    assert len(closed) == 1
    assert (await ring.chat(MODELS["ollama"], "Hi")).content


async def test_a_stream_that_was_not_begun(ring: AsyncLLMRing) -> None:
    """Dropping or closing it costs nothing and says nothing."""
    stream = ring.chat_stream(MODELS["ollama"], "Hi")
    await stream.close()
    assert [event async for event in stream] == []
    del stream
    assert ring.usage().calls == 0


async def test_a_complete_stream_that_told_no_usage_is_estimated(ring: AsyncLLMRing) -> None:
    """The answer is whole, and yet nobody said what it used: that is never counted as nothing."""
    headers = {"x-simulate": "say=Hello;fault=short;after=3"}
    async with ring.chat_stream(MODELS["openai"], "Hi", extra_headers=headers) as stream:
        assert "".join([event.delta async for event in stream]) == "Hello"
    assert (stream.response.finish_reason, GUESSED in stream.response.warnings) == ("stop", True)
    assert spent(ring).usage == stream.response.usage
