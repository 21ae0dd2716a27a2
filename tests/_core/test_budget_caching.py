"""What a prompt could cost that may be written to a cache, which costs more than to read it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from llmring._core.budget import MORE, upper
from llmring._core.normalise import normalise
from llmring._core.tokens import estimate
from llmring._io.registries import bundled

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
DEAR = bundled().find("anthropic", "claude-opus-4-1-20250805")


@pytest.mark.parametrize(
    "options, message, factor",
    [
        ({}, {}, 1),
        ({"cache": True}, {}, 2),
        ({}, {"metadata": {"cache_control": {"type": "ephemeral"}}}, 2),
        ({}, {"content": [{"type": "text", "text": "x" * 4000, "cache_control": {"type": "ephemeral"}}]}, 2),
        ({"extra_params": {"cache_control": {"type": "ephemeral"}}}, {}, 2),
        ({"tools": [{"type": "function", "function": {"name": "f"}, "cache_control": {"type": "ephemeral"}}]}, {}, 2),
    ],
    ids=["unmarked", "option", "message", "part", "extra", "tool"],
)
def test_a_prompt_that_may_be_cached_costs_what_writing_it_costs(options: dict[str, Any], message: dict[str, Any], factor: int) -> None:
    """Anthropic's price for an hour is twice that of the prompt, and holds for what a request marks."""
    request = normalise([{"role": "user", "content": "x" * 4000, **message}], {"max_tokens": 1, **options})
    most, _ = upper(request, DEAR, WHEN)
    answer = Decimal(75) / 1_000_000
    assert most == estimate(request) * MORE * Decimal(15) * factor / 1_000_000 + answer


def test_a_prompt_may_be_written_to_a_cache_that_nobody_asked_for() -> None:
    """Where a provider caches by itself and charges more for writing, that is the most."""
    most, _ = upper(normalise("x" * 4000, {"max_tokens": 1}), bundled().find("openai", "gpt-6-sol"), WHEN)
    assert most == estimate(normalise("x" * 4000, {})) * MORE * Decimal("2.5") / 1_000_000 + Decimal(10) / 1_000_000
