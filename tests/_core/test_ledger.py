"""What the ledger keeps of a call, as values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given

from llmring._core.ledger import COLUMNS, answered, failed, record, row
from llmring._core.outcome import Walk
from llmring._core.plan import Candidate, Plan
from llmring._gen.ledger import CallRecord
from llmring._gen.response import Attempt, LLMResponse
from llmring._gen.usage import Cost, Usage
from llmring.exceptions import ProviderServerError
from tests.models import model

NOW = datetime(2026, 11, 27, 12, 0, 2, tzinfo=UTC)
ANSWER: LLMResponse[Any] = LLMResponse(
    content="a secret",
    model="openai:gpt-4o",
    alias="fast",
    profile="default",
    usage=Usage(input_tokens=10, output_tokens=5, cache_read_tokens=4, reasoning_tokens=2),
    cost=Cost(total=Decimal("0.0000001"), estimated=True),
    attempts=[Attempt(model="a:b", outcome="ProviderServerError"), Attempt(model="openai:gpt-4o", outcome="ok")],
    latency=1.5,
)


def test_keeps_who_answered_at_what_cost() -> None:
    """Time is that of the beginning, attempts are counted, tokens and cost are those of the answer."""
    kept = answered(ANSWER, "app", NOW, kind="chat", outcome="ok")
    assert kept == CallRecord(
        time="2026-11-27T12:00:00.500+00:00",
        origin="app",
        alias="fast",
        profile="default",
        model="openai:gpt-4o",
        attempts=2,
        input_tokens=10,
        output_tokens=5,
        cache_read_tokens=4,
        reasoning_tokens=2,
        cost=Decimal("0.0000001"),
        estimated=True,
        latency=1.5,
    )


def test_keeps_nothing_that_was_said() -> None:
    """No field holds the text."""
    assert "secret" not in repr(answered(ANSWER, "app", NOW, kind="chat", outcome="ok"))


def test_an_unknown_price_stays_unknown() -> None:
    """There is no cost where none is known."""
    kept = answered(attrs.evolve(ANSWER, cost=None), "app", NOW, kind="chat", outcome="ok")
    assert (kept.cost, kept.estimated) == (None, False)


def test_long_names_are_cut() -> None:
    """No row can be large."""
    assert len(answered(attrs.evolve(ANSWER, alias="x" * 5000), "app", NOW, kind="chat", outcome="ok").alias or "") == 200


@pytest.mark.parametrize(
    "error, tried, model, outcome",
    [
        (ProviderServerError("down"), ["b:two"], "b:two", "ProviderServerError"),
        (ProviderServerError("down"), [], "a:one", "ProviderServerError"),
        (KeyboardInterrupt(), [], "a:one", "cancelled"),
    ],
)
def test_keeps_failures(error: BaseException, tried: list[str], model: str, outcome: str) -> None:
    """The model that was tried last, or would have been first, and the error's class or that nobody waited."""
    walk = Walk(Plan((Candidate("a", "one"),)), 0.0, NOW)
    walk.attempts = [Attempt(model=name, outcome="x") for name in tried]
    kept = failed(error, walk, "app", NOW, kind="embed", latency=2.0)
    assert (kept.model, kept.outcome, kept.attempts, kept.kind, kept.latency) == (model, outcome, len(tried), "embed", 2.0)
    assert kept.time == "2026-11-27T12:00:00.000+00:00"


@given(model(CallRecord))
def test_a_row_gives_the_record_back(kept: CallRecord) -> None:
    """What a database holds of a record says the same, to the last digit."""
    assert record(row(kept)) == kept
    assert len(row(kept)) == len(COLUMNS)
