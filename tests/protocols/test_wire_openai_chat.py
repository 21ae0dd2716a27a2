"""What OpenAI and its compatible servers really sent decodes exactly."""

from __future__ import annotations

import pytest

from llmring.protocols import openai_chat
from tests.protocols import wire

pytestmark = pytest.mark.conformance

CASES = [*wire.cases("openai", "chat_completions"), *wire.cases("openai_compatible", "chat_completions")]


def test_recordings_are_read() -> None:
    """There is something to check: answers, streams and errors."""
    assert len(CASES) >= 200
    assert any(case.failed for case in CASES)
    assert any(case.framing for case in CASES)


@pytest.mark.parametrize("exchange", CASES, ids=str)
def test_decodes_what_was_recorded(exchange: wire.Exchange) -> None:
    """Text, reasoning, calls, usage, ending and errors are what the raw bytes say."""
    outcome = wire.replay(openai_chat, exchange)
    assert wire.differences(exchange, outcome) == []
    assert outcome.error is not None or outcome.ended


@pytest.mark.parametrize("exchange", [case for case in CASES if case.framing], ids=str)
def test_cutting_the_bytes_changes_nothing(exchange: wire.Exchange) -> None:
    """A stream cut at random places gives the same events."""
    wanted = wire.replay(openai_chat, exchange).events
    for seed, longest in ((1, 3), (2, 90), (3, 4000)):
        assert wire.replay(openai_chat, exchange, wire.cut(exchange.body, seed, longest)).events == wanted
