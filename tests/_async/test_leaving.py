"""Leaving a stream early closes its connection at once, however it is left, with the garbage collector off."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from llmring._async.reply import AsyncReply
from llmring._async.ring import AsyncLLMRing
from llmring._io import aio
from llmring.testing.simulator import Simulator
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from llmring.schemas import StreamEvent

SLOW = "+words=200+pace=0.02"
EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Serve all providers."""
    with Simulator() as running:
        yield running


@pytest.fixture
async def ring(simulator: Simulator) -> AsyncIterator[AsyncLLMRing]:
    """Give a ring that is closed afterwards."""
    async with AsyncLLMRing(**settings(simulator)) as made:
        yield made


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


@EVERY
async def test_break_without_a_name(ring: AsyncLLMRing, model: str, closed: list[AsyncReply]) -> None:
    """A stream that only the loop held is dropped by ``break``."""
    async for event in ring.chat_stream(model + SLOW, "Hi"):
        if event.delta:
            break
    await soon()
    assert len(closed) == 1


async def test_dropping_the_name(ring: AsyncLLMRing, closed: list[AsyncReply]) -> None:
    """A stream kept in a variable stays open until it is dropped."""
    stream = ring.chat_stream(MODELS["openai"] + SLOW, "Hi")
    async for _ in stream:
        break
    await soon()
    assert closed == []
    del stream
    await soon()
    assert len(closed) == 1


async def test_an_exception_in_a_with_block(ring: AsyncLLMRing, closed: list[AsyncReply]) -> None:
    """Leaving the block by an exception closes, though the exception is kept."""
    with pytest.raises(ZeroDivisionError) as caught:
        await failing(ring)
    assert len(closed) == 1
    assert caught.value.__traceback__ is not None


async def failing(ring: AsyncLLMRing) -> None:
    """Fail while reading a stream."""
    async with ring.chat_stream(MODELS["anthropic"] + SLOW, "Hi") as stream:
        async for _ in stream:
            raise ZeroDivisionError


async def test_closing(ring: AsyncLLMRing, closed: list[AsyncReply]) -> None:
    """``close`` is prompt, may be repeated, and ends the iteration."""
    stream = ring.chat_stream(MODELS["google"] + SLOW, "Hi")
    seen: list[StreamEvent] = []
    async for event in stream:
        seen.append(event)
        await stream.close()
        await stream.close()
    assert seen
    assert len(closed) == 1


async def test_reading_to_the_end(ring: AsyncLLMRing, closed: list[AsyncReply]) -> None:
    """A stream that was read to its end is closed, and its connection serves the next call."""
    stream = ring.chat_stream(MODELS["ollama"], "Hi")
    async for _ in stream:
        pass
    assert len(closed) == 1
    assert (await ring.chat(MODELS["ollama"], "Hi")).content
