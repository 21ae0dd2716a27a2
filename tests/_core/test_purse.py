"""A ring's money is reserved before and settled after, and what is left is told."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.normalise import normalise
from llmring._core.purse import Purse
from llmring._core.weight import Weight, of_chat, of_texts
from llmring._io.registries import bundled
from llmring.exceptions import BudgetExceededError

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
INFO = bundled().find("openai", "gpt-4o-mini")
cents = st.decimals(0, 1, places=4, allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(cents, cents), max_size=20))
def test_no_more_is_spent_than_may_be(calls: list[tuple[Decimal, Decimal]]) -> None:
    """As long as no call costs more than it reserved."""
    purse = Purse(Decimal(2))
    for reserved, spent in calls:
        try:
            purse = purse.reserve("m", Weight(0, reserved))
        except BudgetExceededError:
            continue
        purse = purse.settle(reserved, min(reserved, spent))
    assert purse.reserved == 0
    assert purse.spent <= purse.limit
    assert purse.left == purse.limit - purse.spent


def test_what_is_reserved_is_not_left() -> None:
    """A refusal tells what is spent and what is reserved."""
    purse = Purse(Decimal(1)).settle(Decimal(0), Decimal("0.25")).reserve("m", Weight(0, Decimal("0.5")))
    with pytest.raises(BudgetExceededError, match=r"only \$0.25 is left: \$0.25 is spent, \$0.5 reserved"):
        purse.reserve("openai:m", Weight(0, Decimal("0.3")))


def test_unknown_prices_are_refused() -> None:
    """The reason is told."""
    with pytest.raises(BudgetExceededError, match=r"what corp:m would cost is not known \(why\)") as caught:
        Purse(Decimal(1)).reserve("corp:m", Weight(0, None, "why"))
    assert caught.value.left == 1


def test_overspending_leaves_nothing() -> None:
    """Never less."""
    assert Purse(Decimal(1)).settle(Decimal(0), Decimal(3)).left == 0


def test_what_a_call_weighs() -> None:
    """A prompt's tokens with those of its longest answers, and the most that they cost."""
    small, large = (of_chat(normalise("Hi there", {"max_tokens": 10, "n": n}), INFO, WHEN) for n in (1, 3))
    assert large.tokens == small.tokens + 20
    assert small.dollars is not None
    assert large.dollars is not None
    assert 0 < small.dollars < large.dollars
    assert of_chat(normalise("Hi there", {}), None, WHEN).dollars is None
    texts = of_texts(["x" * 40, "y"], INFO, WHEN)
    assert texts.tokens == 11
    assert texts.dollars
    assert of_texts(["x"], None, WHEN).dollars is None
