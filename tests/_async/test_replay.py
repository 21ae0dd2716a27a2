"""A ring makes of every recorded exchange what was recorded, with no server up."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from llmring._async.ring import AsyncLLMRing
from tests._async.asking import outcome
from tests.recording.camera import disconnect, playing
from tests.recording.studio import settings
from tests.recording.tape import Cassette, cassette
from tests.scenarios import SCENARIOS, Scenario

KEY = "some-key"


@cache
def ring_of(protocol: str, provider: str) -> AsyncLLMRing:
    """Give one ring for all scenarios that ask *provider* by *protocol*: it never connects, so there is nothing to close."""
    scenario = next(each for each in SCENARIOS.values() if (each.protocol, each.provider) == (protocol, provider))
    return AsyncLLMRing(providers=settings(scenario, KEY), max_retries=0)


async def replayed(scenario: Scenario, tape: Cassette) -> tuple[dict[str, Any], int]:
    """Ask for *scenario* while *tape* plays; say what came of it, and how often something was played."""
    ring = ring_of(scenario.protocol, scenario.provider)
    ring._shared.core.guards.breakers.clear()  # so many failures on end would open them
    with playing(tape) as player:
        return await outcome(ring, scenario), player.play_count


@pytest.fixture(autouse=True)
async def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing connect, once the event loop runs."""
    disconnect(monkeypatch)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=str)
async def test_replays_what_was_recorded(scenario: Scenario) -> None:
    """The answer, or the error, is the recorded one; the exchange was asked for once."""
    tape = cassette(scenario)
    told, played = await replayed(scenario, tape)
    assert told == ({"answer": tape.answer} if tape.error is None else {"error": tape.error})
    assert played == 1


async def test_another_request_is_not_answered() -> None:
    """A request that is not on the cassette is an error, not a call."""
    with pytest.raises(Exception, match="no recorded interaction matches it"):
        await replayed(SCENARIOS["openai_chat/answer"], cassette(SCENARIOS["openai_chat/history"]))


async def test_nothing_connects() -> None:
    """Without a cassette the call fails: this machine is out of reach as well."""
    async with AsyncLLMRing(providers={"ollama": {"base_url": "http://127.0.0.1:9"}}, max_retries=0) as ring:
        with pytest.raises(AssertionError, match="tried to connect"):
            await ring.chat("ollama:llama3.2", "Hello")
