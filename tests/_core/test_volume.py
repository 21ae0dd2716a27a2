"""What a month costs: figures that were worked out by hand, and reasons where there is none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.volume import Monthly, PoolCost, monthly, pool_cost, volume
from llmring.exceptions import RequestError
from tests._core.small_registry import registry, rows

DAY = date(2026, 11, 27)


def cost(model: str, *asked: Any, **more: Any) -> Monthly:
    """Price a month with *model* of a registry in which cached input of gpt-5 has a price."""
    given = rows()
    given["openai"]["gpt-5-2026-03-17"] |= {"p": [{"r": ["0.75", "4.5", "0.075"]}], "i": 300000}
    given["openai"]["gpt-5-2026-03-17"] |= more
    return monthly(model, registry(given).find(*model.split(":")), volume(*asked), DAY)


def test_figures_are_those_worked_out_by_hand() -> None:
    """2,000 tokens in, of which 1,500 cached, and 300 out: 10,000 x (500 x 0.75 + 1,500 x 0.075 + 300 x 4.5) / 1,000,000."""
    told = cost("openai:gpt-5", 10_000, 2000, 300, 0.75)
    assert (told.input, told.cache_read, told.output) == (Decimal("3.75"), Decimal("1.125"), Decimal("13.5"))
    assert told.total == Decimal("18.375")
    assert told.call == Decimal("0.0018375")
    assert (told.estimated, told.reason) == (False, None)


def test_long_prompts_have_their_own_price() -> None:
    """Below the limit 3 dollars; cached tokens without a price of their own are a guess."""
    told = cost("anthropic:claude-1", 100, 100_000, 1000, 0)
    assert told.total == Decimal("31.5")  # 100 x (100,000 x 3 + 1,000 x 15) / 1,000,000
    assert cost("anthropic:claude-1", 100, 100_000, 1000, 0.5).estimated


@pytest.mark.parametrize(
    "model, asked, reason",
    [
        ("ollama:qwen3", (1, 1, 1, 0), "ollama:qwen3: no price"),
        ("ollama:other", (1, 1, 1, 0), "the registry does not know this model"),
        ("openai:gpt-5", (1, 399_999, 2, 0), "a call of 400001 tokens does not fit its context of 400000"),
        ("openai:gpt-5", (1, 300_001, 2, 0), "a prompt of 300001 tokens is longer than the 300000 that it takes"),
        ("openai:gpt-5", (1, 1, 128_001, 0), "an answer of 128001 tokens is longer than the 128000 that it gives"),
    ],
)
def test_what_is_not_known_has_a_reason(model: str, asked: tuple[Any, ...], reason: str) -> None:
    """It is never zero."""
    told = cost(model, *asked)
    assert (told.total, told.call, told.reason) == (None, None, reason)


@pytest.mark.parametrize(
    "asked, name",
    [
        ((-1, 1, 1, 0), "calls_per_month"),
        ((True, 1, 1, 0), "calls_per_month"),
        ((1, 10**10, 1, 0), "input_tokens"),
        ((1, 1, 1.5, 0), "output_tokens"),
        ((1, 1, 1, 1.1), "cached_share"),
        ((1, 1, 1, True), "cached_share"),
    ],
)
def test_nonsense_is_refused_by_name(asked: tuple[Any, ...], name: str) -> None:
    """With what would do."""
    with pytest.raises(RequestError, match=f"{name} must be .* not ") as caught:
        volume(*asked)
    assert caught.value.path == name


def test_a_pool_costs_between_its_cheapest_and_its_dearest() -> None:
    """And has no figure where one of its models has none."""
    one, two, none = Monthly("a", Decimal(3)), Monthly("b", Decimal(1)), Monthly("c", None)
    assert pool_cost([one, two]) == PoolCost(Decimal(3), Decimal(1), Decimal(3))
    assert pool_cost([one, none, none]) == PoolCost(Decimal(3), None, None, "there is no figure for c, c")
    assert pool_cost([]) == PoolCost(None, None, None, "there is no model")


@given(st.integers(0, 10**9), st.integers(0, 100_000), st.integers(0, 10_000), st.floats(0, 1))
def test_a_month_is_calls_times_one_call(calls: int, tokens: int, answer: int, share: float) -> None:
    """Exactly, and its parts add up."""
    told = cost("openai:gpt-5", calls, tokens, answer, share)
    assert told.total is not None
    assert told.call is not None
    assert told.total == told.call * calls == sum(each for each in (told.input, told.cache_read, told.output) if each is not None)
