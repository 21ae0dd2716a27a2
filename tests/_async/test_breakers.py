"""A model that keeps failing is left alone, and one call finds out when it is well again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring._async.ring import AsyncLLMRing
from llmring._core.plan import Candidate
from llmring._core.weight import WEIGHTLESS
from llmring._io import aio
from llmring.exceptions import CircuitBreakerError, ProviderAuthenticationError, ProviderError, ProviderServerError, StreamInterruptedError
from tests.rings import MODELS, lockfile, settings

if TYPE_CHECKING:
    from pathlib import Path

    from llmring._async.stream import AsyncChatStream
    from llmring._io.guards import Hold
    from llmring.testing.simulator import Simulator

DOWN = f"{MODELS['openai']}+fault=500"
ONCE = f"{MODELS['openai']}+fault=500+times=5"
"""Fails five times, then is well."""


async def fail(ring: AsyncLLMRing, model: str, times: int = 5) -> None:
    """Have *model* fail so many *times*."""
    for _ in range(times):
        with pytest.raises(ProviderError):
            await ring.chat(model, "Hi")


async def drained(stream: AsyncChatStream[Any]) -> None:
    """Read *stream* to its end."""
    async for _ in stream:
        pass


def candidate(model: str) -> Candidate:
    """Give the candidate that *model* names."""
    return Candidate(*model.split(":", 1))


def half_open(ring: AsyncLLMRing, model: str) -> None:
    """Let the pause of a breaker be over."""
    breakers = ring._shared.core.guards.breakers
    breakers[candidate(model)] = attrs.evolve(breakers[candidate(model)], until=0.0)


def probing(ring: AsyncLLMRing, model: str) -> Hold:
    """Be the call that finds out."""
    guards, ready = ring._shared.core.guards, ring._engine.ready(candidate(model))
    hold = guards.enter(ready, "another call", WEIGHTLESS, aio.Bell(), 1.0)
    guards.probe(ready, "another call", 1.0)
    return hold


async def test_opens_after_calls_that_failed(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """The next call is not sent, and is told how long to wait."""
    await fail(ring, DOWN)
    before = len(simulator.requests)
    with pytest.raises(CircuitBreakerError) as caught:
        await ring.chat(DOWN, "Hi")
    assert len(simulator.requests) == before
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 15
    assert (caught.value.provider, caught.value.model) == ("openai", DOWN)


async def test_is_of_one_model_and_all_copies(ring: AsyncLLMRing) -> None:
    """Another model of the provider is asked as before; a copy of the ring is not let through either."""
    await fail(ring, DOWN)
    assert (await ring.chat(MODELS["openai"], "Hi")).content
    with pytest.raises(CircuitBreakerError):
        await ring.with_options(max_retries=5).chat(DOWN, "Hi")


async def test_the_next_model_is_tried_at_once(simulator: Simulator, tmp_path: Path) -> None:
    """An open breaker costs no time and no attempt."""
    path = lockfile(tmp_path, pool=[DOWN, MODELS["anthropic"]])
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator)) as ring:
        for _ in range(5):
            assert len((await ring.chat("pool", "Hi")).attempts) == 2
        response = await ring.chat("pool", "Hi")
    assert [attempt.model for attempt in response.attempts] == [MODELS["anthropic"]]


async def test_a_refusal_is_no_illness(ring: AsyncLLMRing) -> None:
    """A wrong key is told each time."""
    await fail(ring, f"{MODELS['openai']}+fault=401", 7)
    with pytest.raises(ProviderAuthenticationError):
        await ring.chat(f"{MODELS['openai']}+fault=401", "Hi")


async def test_one_call_finds_out(ring: AsyncLLMRing) -> None:
    """While it is under way no other is let through; when it succeeds, all are."""
    model = f"{ONCE}+key=find-out-{id(ring)}"
    await fail(ring, model)
    half_open(ring, model)
    probe = probing(ring, model)
    with pytest.raises(CircuitBreakerError):
        await ring.chat(model, "Hi")
    probe.release()
    assert (await ring.chat(model, "Hi")).content
    assert not ring._shared.core.guards.breakers


async def test_a_probe_that_is_dropped_frees_its_place(ring: AsyncLLMRing) -> None:
    """Even if nobody releases it."""
    model = f"{ONCE}+key=dropped-{id(ring)}"
    await fail(ring, model)
    half_open(ring, model)
    probe = probing(ring, model)
    del probe
    assert (await ring.chat(model, "Hi")).content


async def test_a_probe_that_fails_opens_it_for_longer(ring: AsyncLLMRing) -> None:
    """The pause doubles."""
    await fail(ring, DOWN)
    half_open(ring, DOWN)
    with pytest.raises(ProviderServerError):
        await ring.with_options(max_retries=3).chat(DOWN, "Hi")
    with pytest.raises(CircuitBreakerError) as caught:
        await ring.chat(DOWN, "Hi")
    assert caught.value.retry_after is not None
    assert 15 < caught.value.retry_after <= 30


async def test_the_beginning_of_a_stream_is_enough_for_a_probe(ring: AsyncLLMRing) -> None:
    """Others are let through while it goes on."""
    model = f"{ONCE}+key=stream-{id(ring)}"
    await fail(ring, model)
    half_open(ring, model)
    async with ring.chat_stream(model, "Hi") as stream:
        assert (await anext(stream)) is not None
        assert (await ring.chat(model, "Hi")).content


async def test_streams_that_break_count(ring: AsyncLLMRing) -> None:
    """Though each of them began well."""
    model = f"{MODELS['openai']}+fault=cut+after=6"
    for _ in range(5):
        with pytest.raises(StreamInterruptedError):
            await drained(ring.chat_stream(model, "What is a lockfile?"))
    with pytest.raises(CircuitBreakerError):
        await drained(ring.chat_stream(model, "Hi"))


async def test_a_stream_that_ends_well_wipes_failures_out(ring: AsyncLLMRing) -> None:
    """As an answer does."""
    model = f"{MODELS['openai']}+fault=500+times=4+key=wiped-{id(ring)}"
    await fail(ring, model, 4)
    assert ring._shared.core.guards.breakers
    await drained(ring.chat_stream(model, "Hi"))
    assert not ring._shared.core.guards.breakers
