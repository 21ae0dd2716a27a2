"""Whole HTTP answers, spoiled head and body, come out of both twins as an answer or an error of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from llmring import LLMRing
from llmring._core.breaker import Tolerance
from llmring.exceptions import LLMRingError, ProviderError
from tests.fuzz.corpus import PROTOCOLS, own
from tests.fuzz.mouth import Mouth, raw
from tests.fuzz.mutations import spoiled
from tests.fuzz.spoiling import NUMBERS, SPOILS, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._gen.response import LLMResponse
    from tests.fuzz.mutations import Mutation

FEWER = settings(max_examples=settings().max_examples // 10)


@pytest.fixture(scope="module")
def mouth() -> Iterator[Mouth]:
    """Serve."""
    with Mouth() as server:
        yield server


@pytest.fixture(scope="module")
def ring(mouth: Mouth) -> Iterator[LLMRing]:
    """Make a ring that asks the server, by every protocol."""
    providers = {
        protocol.replace("_", "-"): {"protocol": protocol, "base_url": mouth.url, "api_key": "sk-not-a-key"} for protocol in PROTOCOLS
    }
    with LLMRing(providers=providers, max_retries=0, timeout=20) as made:
        made._shared.core.guards.tolerance = Tolerance(calls=10**9)  # no model is left alone, however often it fails
        yield made


def model(protocol: str) -> str:
    """Name the provider that speaks *protocol*."""
    return f"{protocol.replace('_', '-')}:model"


def whole(error: LLMRingError) -> None:
    """Insist that *error* tells its story."""
    assert str(error)
    if isinstance(error, ProviderError):
        assert error.attempts
        assert error.attempts[-1].outcome in {type(error).__name__, "ok"}  # a stream that had begun was an attempt that succeeded


def streamed(ring: LLMRing, protocol: str) -> LLMResponse[Any]:
    """Read a stream to its end."""
    with ring.chat_stream(model(protocol), "Hi") as stream:
        for event in stream:
            assert event.index >= 0
    return stream.response


@pytest.mark.parametrize("protocol", PROTOCOLS)
@FEWER
@given(at=NUMBERS, mutations=SPOILS)
def test_blocking(mouth: Mouth, ring: LLMRing, protocol: str, at: int, mutations: tuple[Mutation, ...]) -> None:
    """The blocking twin, whole and streamed."""
    mouth.said = spoiled(raw(one_of(own(protocol), at)), mutations)
    for ask in (lambda: ring.chat(model(protocol), "Hi"), lambda: streamed(ring, protocol)):
        try:
            assert (ask()).attempts[-1].outcome == "ok"
        except LLMRingError as error:
            whole(error)


async def astreamed(ring: LLMRing, protocol: str) -> LLMResponse[Any]:
    """Read a stream to its end, asynchronously."""
    async with ring.achat_stream(model(protocol), "Hi") as stream:
        async for event in stream:
            assert event.index >= 0
    return stream.response


@pytest.mark.parametrize("protocol", PROTOCOLS)
@FEWER
@given(at=NUMBERS, mutations=SPOILS)
async def test_async(mouth: Mouth, ring: LLMRing, protocol: str, at: int, mutations: tuple[Mutation, ...]) -> None:
    """The asynchronous twin, whole and streamed."""
    mouth.said = spoiled(raw(one_of(own(protocol), at)), mutations)
    for ask in (lambda: ring.achat(model(protocol), "Hi"), lambda: astreamed(ring, protocol)):
        try:
            assert (await ask()).attempts[-1].outcome == "ok"
        except LLMRingError as error:
            whole(error)
