"""Time is limited by phase and as a whole, per ring, per call and by the environment, whatever the provider does or does not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmring import Timeout
from llmring._async.ring import AsyncLLMRing
from llmring._io.aio import monotonic
from llmring.exceptions import ProviderRateLimitError, ProviderServerError, ProviderTimeoutError, StreamInterruptedError, StreamTimeoutError
from tests.rings import MODELS, lockfile, settings
from tests.servers import DeafSocket

if TYPE_CHECKING:
    from pathlib import Path

    from llmring.testing.simulator import Simulator

MODEL = MODELS["openai"]
PATIENCE = 5.0
"""Seconds within which everything here ends; without its limit none would in ten."""
LONG = 60.0
"""A *total* beside the limit at hand: where that one is not kept, the error names this one, and the test fails."""


def steered(how: str) -> dict[str, Any]:
    """Give the option that tells the simulator what to do."""
    return {"extra_headers": {"x-simulate": how}}


async def ask(ring: AsyncLLMRing, model: str = MODEL, *, stream: bool = False, **options: Any) -> None:
    """Answer, or stream to the end."""
    if not stream:
        await ring.chat(model, "Hi", **options)
        return
    async for _ in ring.chat_stream(model, "Hi", **options):
        pass


EITHER = pytest.mark.parametrize("stream", [False, True], ids=["answer", "stream"])


@EITHER
@pytest.mark.parametrize("fault", ["hang", "drip-head"])
async def test_per_ring(simulator: Simulator, fault: str, *, stream: bool) -> None:
    """A ring's limit holds for its calls; before the first event a stream's is a plain timeout."""
    async with AsyncLLMRing(**settings(simulator, timeout=0.2)) as ring:
        with pytest.raises(ProviderTimeoutError, match=r"within 0.2 s \(limit: attempt\)") as caught:
            await ask(ring, stream=stream, **steered(f"fault={fault};pace=0.05"))
    assert not isinstance(caught.value, StreamInterruptedError)
    assert (caught.value.provider, caught.value.model) == ("openai", MODEL)
    assert [attempt.outcome for attempt in caught.value.attempts] == ["ProviderTimeoutError"]


@EITHER
async def test_per_call(simulator: Simulator, *, stream: bool) -> None:
    """A call's limit stands for the ring's, as a number or as phases."""
    async with AsyncLLMRing(**settings(simulator)) as ring:
        for limit, name in ((0.2, "attempt"), (Timeout(attempt=0.2), "attempt"), (Timeout(total=0.2), "total")):
            # Of a total, a little has passed before the attempt begins.
            with pytest.raises(ProviderTimeoutError, match=rf"within 0\.\d+ s \(limit: {name}\)"):
                await ask(ring, stream=stream, timeout=limit, **steered("fault=hang"))


@EITHER
async def test_by_the_environment(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, *, stream: bool) -> None:
    """``LLMRING_PROVIDER_TIMEOUT_S`` is the limit where nothing else is said."""
    monkeypatch.setenv("LLMRING_PROVIDER_TIMEOUT_S", "0.2")
    made = settings(simulator)
    del made["timeout"]
    async with AsyncLLMRing(**made) as ring:
        with pytest.raises(ProviderTimeoutError, match=r"within 0.2 s \(limit: attempt\)"):
            await ask(ring, stream=stream, **steered("fault=hang"))


@EITHER
async def test_never_accepted(*, stream: bool) -> None:
    """A host whose queue is full is given up after the limit for connecting."""
    with DeafSocket() as deaf:
        providers = {"openai": {"base_url": deaf.url, "api_key": "k"}}
        async with AsyncLLMRing(providers=providers, max_retries=0, timeout=Timeout(connect=0.2, total=LONG)) as ring:
            with pytest.raises(ProviderTimeoutError, match=r"no connection within 0.2 s \(limit: connect\)"):
                await ask(ring, stream=stream)


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
async def test_a_stalled_stream(simulator: Simulator, model: str) -> None:
    """One that stops in its middle is a timeout that carries what had come."""
    async with AsyncLLMRing(**settings(simulator)) as ring:
        with pytest.raises(StreamTimeoutError, match=r"nothing more arrived within 0.2 s \(limit: between_tokens\)") as caught:
            await ask(
                ring, model, stream=True, timeout=Timeout(first_token=5, between_tokens=0.2, total=LONG), **steered("fault=stall;after=6")
            )
    assert caught.value.partial is not None
    assert caught.value.partial.content
    assert caught.value.partial.usage.output_tokens > 0


async def test_the_first_token(simulator: Simulator) -> None:
    """The wait for it has a limit of its own."""
    async with AsyncLLMRing(**settings(simulator)) as ring:
        with pytest.raises(ProviderTimeoutError, match=r"within 0.2 s \(limit: first_token\)"):
            await ask(
                ring, stream=True, timeout=Timeout(first_token=0.2, between_tokens=10, attempt=10, total=LONG), **steered("fault=hang")
            )


@EITHER
async def test_total_spans_retries(simulator: Simulator, *, stream: bool) -> None:
    """Attempt after attempt hangs; the total ends the last of them early."""
    async with AsyncLLMRing(**settings(simulator, max_retries=1000)) as ring:
        await ask(ring)  # the first call of a process loads what it needs
        began = monotonic()
        with pytest.raises(ProviderTimeoutError) as caught:
            await ask(ring, stream=stream, timeout=Timeout(attempt=0.3, total=1), **steered("fault=hang"))
        assert monotonic() - began < PATIENCE
    assert 2 <= len(caught.value.attempts) <= 4  # the first pause has at most half a second


@EITHER
async def test_total_spans_pauses(simulator: Simulator, *, stream: bool) -> None:
    """A pause that would go beyond it is not begun: the error that asked for it is raised at once."""
    async with AsyncLLMRing(**settings(simulator, max_retries=5)) as ring:
        began = monotonic()
        with pytest.raises(ProviderRateLimitError) as caught:
            await ask(ring, stream=stream, timeout=Timeout(total=2), **steered("fault=429;retry-after=30"))
        assert monotonic() - began < PATIENCE
    assert caught.value.retry_after == 30
    assert len(caught.value.attempts) == 1


@EITHER
async def test_total_spans_fallbacks(simulator: Simulator, tmp_path: Path, *, stream: bool) -> None:
    """What is left after the first models is all that the next one has; when nothing is left, no other is tried."""
    pool = [f"{MODEL}+fault=hang", f"{MODELS['google']}+fault=hang", MODELS["anthropic"]]
    async with AsyncLLMRing(lockfile_path=lockfile(tmp_path, pool=pool), **settings(simulator)) as ring:
        with pytest.raises(ProviderTimeoutError, match=r"limit: total") as caught:
            await ask(ring, "pool", stream=stream, timeout=Timeout(attempt=0.2, total=0.3))
    assert [attempt.model for attempt in caught.value.attempts] == pool[:2]


async def test_attempts_do_not_share_their_limit(simulator: Simulator, tmp_path: Path) -> None:
    """A number limits each attempt anew, so the model after one that hangs has its full time."""
    pool = [f"{MODEL}+fault=hang", MODELS["anthropic"]]
    async with AsyncLLMRing(lockfile_path=lockfile(tmp_path, pool=pool), **settings(simulator, timeout=0.5)) as ring:
        response = await ring.chat("pool", "Hi", **steered("delay=0.2"))
    assert [attempt.outcome for attempt in response.attempts] == ["ProviderTimeoutError", "ok"]


async def test_total_holds_to_the_end_of_a_stream(simulator: Simulator) -> None:
    """A stream that goes on and on ends with it, however lively it is."""
    async with AsyncLLMRing(**settings(simulator)) as ring:
        with pytest.raises(StreamTimeoutError, match=r"limit: total"):
            await ask(ring, stream=True, timeout=Timeout(between_tokens=5, total=0.4), **steered("words=2000;pace=0.02"))
        assert ring.usage().calls == 1


async def test_no_limit(simulator: Simulator) -> None:
    """None means none, also where the ring has one."""
    async with AsyncLLMRing(**settings(simulator, timeout=0.1)) as ring:
        unlimited = ring.with_options(timeout=None)
        assert (await unlimited.chat(MODEL, "Hi", **steered("delay=0.3"))).content
        with pytest.raises(ProviderTimeoutError):
            await ring.chat(MODEL, "Hi", **steered("delay=0.3"))


@EITHER
async def test_pauses_are_made(simulator: Simulator, *, stream: bool) -> None:
    """A server that asks for a pause within the total gets it, and then answers."""
    async with AsyncLLMRing(**settings(simulator, max_retries=1)) as ring:
        began = monotonic()
        await ask(
            ring, stream=stream, timeout=Timeout(total=9), **steered(f"fault=429;retry-after=1;times=1;key={type(ring).__name__}{stream}")
        )
        assert monotonic() - began >= 1


@EITHER
async def test_no_time_for_another_try(simulator: Simulator, *, stream: bool) -> None:
    """A failure when the total is nearly spent is raised as it is, not as a timeout."""
    async with AsyncLLMRing(**settings(simulator, max_retries=1000)) as ring:
        with pytest.raises((ProviderServerError, ProviderTimeoutError)) as caught:
            await ask(ring, stream=stream, timeout=Timeout(total=0.6), **steered("fault=500"))
    assert caught.value.attempts[0].outcome == "ProviderServerError"
