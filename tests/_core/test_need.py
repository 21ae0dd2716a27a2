"""What a model lacks of what is asked of models."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from llmring._core.need import Need, lacks, prices_of, status_of
from tests._core.small_registry import registry

DAY, SOON = "2026-11-27", "2027-02-25"
CLAUDE = ("anthropic", "claude-1")
GPT = ("openai", "gpt-5")
QWEN = ("ollama", "qwen3")
ASKED: list[tuple[tuple[str, str], dict[str, Any], str | None]] = [
    (GPT, {}, None),
    (GPT, {"provider": "openai", "can": ("tools", "vision"), "min_context": 400000, "min_output": 128000}, None),
    (GPT, {"provider": "anthropic"}, "of another provider"),
    (GPT, {"search": "GPT-5-2026"}, None),
    (GPT, {"search": "claude"}, "named otherwise"),
    (GPT, {"kind": "embedding"}, "no embedding model"),
    (("openai", "embed-1"), {"kind": "any"}, None),
    (("openai", "embed-1"), {}, "no chat model"),
    (GPT, {"status": "retired"}, "current"),
    (GPT, {"status": "any"}, None),
    (CLAUDE, {"can": ("tools", "reasoning")}, "without reasoning"),
    (QWEN, {"can": ("vision",)}, "not known to have vision"),
    (CLAUDE, {"min_context": 200001}, "context below 200001"),
    (QWEN, {"min_output": 1}, "answer not known"),
    (GPT, {"max_input_price": Decimal("0.75"), "max_output_price": Decimal("4.5")}, None),
    (GPT, {"max_output_price": Decimal("4.4")}, "price of output above 4.4"),
    (QWEN, {"max_input_price": Decimal(9)}, "price of input not known"),
]


@pytest.mark.parametrize("model, need, lacking", ASKED)
def test_the_first_thing_that_is_lacking_is_said(model: tuple[str, str], need: dict[str, Any], lacking: str | None) -> None:
    """Nothing, where nothing is."""
    known = registry()
    info = known.find(*model)
    assert info is not None
    assert lacks(info, Need(**need), known, DAY, SOON) == lacking


@pytest.mark.parametrize(
    "day, soon, status", [(DAY, SOON, "current"), ("2027-01-01", "2027-03-31", "retiring"), ("2027-03-17", "", "retired")]
)
def test_a_model_ages(day: str, soon: str, status: str) -> None:
    """It is current, then it retires, then it is gone."""
    info = registry().find(*GPT)
    assert info is not None
    assert status_of(info, day, soon) == status


def test_prices_are_those_of_the_day() -> None:
    """Before the first one none is known."""
    info = registry().find(*CLAUDE)
    assert info is not None
    assert prices_of(info, DAY) == (Decimal(3), Decimal(15))
    assert prices_of(info, "2025-01-01") == (None, None)
