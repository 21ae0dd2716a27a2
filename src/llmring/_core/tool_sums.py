"""Add up what the rounds of a tool loop used and cost; keeping the rounds is done elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmring._gen.usage import Cost, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._gen.response import LLMResponse


def usage_of(answers: Sequence[LLMResponse[Any]]) -> Usage:
    """Add up what the *answers* used."""
    return summed([answer.usage for answer in answers])


def summed(usages: Sequence[Usage]) -> Usage:
    """Add up all *usages*, each kind of token by itself."""
    return Usage(**{name: sum(getattr(usage, name) for usage in usages) for name in usages[0]})


def cost_of(answers: Sequence[LLMResponse[Any]]) -> Cost | None:
    """Add up what the *answers* cost; it is not known where one of them is not."""
    costs = [answer.cost for answer in answers if answer.cost is not None]
    if len(costs) < len(answers):
        return None
    parts = ("input", "output", "cache_read", "cache_write", "total")
    return Cost(
        **{part: sum((getattr(cost, part) for cost in costs), Decimal(0)) for part in parts},
        price_id=", ".join(dict.fromkeys(cost.price_id for cost in costs)),
        estimated=any(cost.estimated for cost in costs),
    )
