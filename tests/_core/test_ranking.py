"""Models that fit are put into an order that can be explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.ranking import WEIGHTS, blended, ranked
from tests._core.small_registry import registry

if TYPE_CHECKING:
    from llmring._core.model_info import ModelInfo
    from llmring._core.ranking import Priority

DAY = "2026-11-27"
ROWS: dict[str, dict[str, Any]] = {
    "cheap": {"c": 100_000, "p": [{"r": ["0.1", "0.4"]}], "s": "moderate", "q": "efficient", "r": "2026-01-15"},
    "deep": {"c": 200_000, "p": [{"r": ["5", "25"]}], "s": "slow", "q": "frontier", "r": "2026-06", "x": "2028-01-01"},
    "quick": {"c": 100_000, "p": [{"r": ["1", "4"]}], "s": "fastest", "q": "efficient", "r": "2026-01-15"},
    "roomy": {"c": 2_000_000, "p": [{"r": ["2", "8"]}], "s": "moderate", "q": "high", "r": "2025-01-01"},
    "untold": {},
}


def models(names: Any = ROWS) -> list[ModelInfo]:
    """Give the models called *names*."""
    known = registry({"openai": ROWS})
    found = [known.find("openai", name) for name in names]
    return [each for each in found if each is not None]


@pytest.mark.parametrize("priority, best", [("price", "cheap"), ("quality", "deep"), ("speed", "quick"), ("context", "roomy")])
def test_what_matters_most_decides(priority: Priority, best: str) -> None:
    """The model that is best at it comes first."""
    assert ranked(models(), priority, DAY, lambda _: "here")[0].info.id == best


def test_what_nothing_is_known_of_comes_last() -> None:
    """A guess is worth less than a fact."""
    assert ranked(models(), "balanced", DAY, lambda _: "here")[-1].info.id == "untold"


def test_alone_a_model_is_the_best_of_all() -> None:
    """Its price and its room are those of the cheapest and the roomiest."""
    assert ranked(models(["roomy"]), "context", DAY, lambda _: "here")[0].score > 0.6


@pytest.mark.parametrize("weights", WEIGHTS.values())
def test_weights_are_shares(weights: dict[str, float]) -> None:
    """They add up to one."""
    assert sum(weights.values()) == pytest.approx(1)


def test_reasons_are_what_was_counted() -> None:
    """And what a reader would ask next."""
    cheap, deep, *_, untold = sorted(ranked(models(), "balanced", DAY, lambda _: "missing"), key=lambda each: each.info.id)
    assert cheap.reasons == (
        "$0.1 input, $0.4 output per million tokens, among the cheapest that fit",
        "intelligence: efficient",
        "speed: moderate",
        "context of 100000 tokens",
        "released 2026-01-15",
        "its key is not here, which costs it a fifth of its score",
    )
    assert "retires 2028-01-01" in deep.reasons
    assert untold.reasons[0] == "its price is not known"


def test_a_key_that_is_missing_counts() -> None:
    """A fifth of the score is gone."""
    here, missing = (ranked(models(["deep"]), "quality", DAY, lambda _, held=held: held)[0].score for held in ("here", "missing"))
    assert missing == pytest.approx(here * 0.8, abs=1e-4)


def test_input_weighs_more_than_output() -> None:
    """Three parts to one; a price of output is needed only where there is output."""
    known = registry(
        {"openai": {"a": {"p": [{"r": ["1", "5"]}]}, "b": {"p": [{"r": ["1"]}]}, "c": {"p": [{"r": ["2"]}], "k": "embedding"}}}
    )
    assert [blended(info, DAY) for info in known.models()] == [2.0, None, 2.0]


@given(st.permutations(list(ROWS)), st.sampled_from(list(WEIGHTS)))
def test_order_does_not_depend_on_the_order_given(names: list[str], priority: Priority) -> None:
    """Scores are shares, and fall."""
    found = ranked(models(names), priority, DAY, lambda _: "not needed")
    assert found == ranked(models(), priority, DAY, lambda _: "not needed")
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
