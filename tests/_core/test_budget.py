"""What a call could cost is bounded, or said to be unknown; a call that could cost too much is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.budget import estimated, hold, upper
from llmring._core.money import amount
from llmring._core.normalise import normalise
from llmring._core.pricing import price
from llmring._gen.usage import Usage
from llmring._io.registries import bundled
from llmring.exceptions import BudgetExceededError, RequestError

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
CHEAP = bundled().find("openai", "gpt-4o-mini")
DEAR = bundled().find("anthropic", "claude-opus-4-1-20250805")
REQUEST = normalise("Hi there, how are you?", {"max_tokens": 100})


def test_bounds_the_whole_pool() -> None:
    """The cheapest model bounds it below, the dearest above."""
    found = estimated(REQUEST, [("openai:gpt-4o-mini", CHEAP), ("anthropic:claude-opus-4-1", DEAR)], WHEN)
    assert found.upper is not None
    assert 0 < found.lower < found.upper
    assert found.upper == upper(REQUEST, DEAR, WHEN)[0]
    assert found.models == ["openai:gpt-4o-mini", "anthropic:claude-opus-4-1"]
    assert not found.unknown


def test_unknown_prices_have_no_upper_bound() -> None:
    """A model that nobody knows could cost anything; the reason names it."""
    found = estimated(REQUEST, [("openai:gpt-4o-mini", CHEAP), ("corp:secret", None)], WHEN)
    assert found.upper is None
    assert found.lower > 0
    assert "corp:secret" in found.unknown[0]
    alone = estimated(normalise("Hi", {}), [("corp:secret", None)], WHEN)
    assert (alone.lower, alone.upper) == (0, None)
    assert "max_tokens" in alone.unknown[0]


def test_several_answers_cost_several_times() -> None:
    """``n`` answers are each as long as one."""
    one, two = upper(REQUEST, CHEAP, WHEN)[0], upper(normalise("Hi there, how are you?", {"max_tokens": 100, "n": 2}), CHEAP, WHEN)[0]
    assert one is not None
    assert two is not None
    assert one < two < 2 * one


@given(st.integers(1, 1000), st.integers(1, 4000))
def test_the_bound_holds(written: int, characters: int) -> None:
    """No answer within the limits costs more, for as many tokens as a token has characters halved."""
    request = normalise("x" * characters, {"max_tokens": 1000})
    most, _ = upper(request, CHEAP, WHEN)
    spent = price(Usage(input_tokens=characters // 4, output_tokens=written), CHEAP, when=WHEN)
    assert most is not None
    assert spent is not None
    assert spent.total <= most


def test_holds_calls_to_their_budget() -> None:
    """What could cost more is refused, as is what nobody can bound."""
    hold(REQUEST, "openai:gpt-4o-mini", CHEAP, Decimal(1), WHEN)
    with pytest.raises(BudgetExceededError, match="could cost up to"):
        hold(REQUEST, "openai:gpt-4o-mini", CHEAP, Decimal("0.0000001"), WHEN)
    with pytest.raises(BudgetExceededError, match="cannot be held"):
        hold(REQUEST, "corp:secret", None, Decimal(1), WHEN)


def test_earlier_attempts_count_against_the_same_bound() -> None:
    """A repair may cost what they left of it."""
    most, _ = upper(REQUEST, CHEAP, WHEN)
    assert most is not None
    hold(REQUEST, "openai:gpt-4o-mini", CHEAP, 2 * most, WHEN, spent=most)
    with pytest.raises(BudgetExceededError, match="left of max_cost") as caught:
        hold(REQUEST, "openai:gpt-4o-mini", CHEAP, 2 * most, WHEN, spent=most * Decimal("1.5"))
    assert caught.value.left == most / 2


@pytest.mark.parametrize("value", ["much", -1, True, float("nan"), float("inf")])
def test_amounts_are_dollars(value: Any) -> None:
    """Anything else is told before it is sent."""
    with pytest.raises(RequestError, match="max_cost"):
        amount(value)
    assert amount(0.1) == Decimal("0.1")
