"""Say what a month of calls would cost with models of the registry; the arithmetic is the core's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._core.volume import monthly, pool_cost, volume
from llmring.advice.rows import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from decimal import Decimal

    from llmring._core.model_info import ModelInfo
    from llmring._core.volume import Monthly, Volume


def estimate(models: Sequence[str], asked: Volume, find: Callable[[str], ModelInfo | None], day: date) -> dict[str, Any]:
    """Say what *asked* costs a month with each of *models*, the preferred one first, and over all of them."""
    each = [monthly(model, find(model), asked, day) for model in models]
    pool = pool_cost(each)
    return {
        "calls_per_month": asked.calls,
        "input_tokens": asked.input_tokens,
        "cached_tokens": asked.cached_tokens,
        "output_tokens": asked.output_tokens,
        "models": [_told(one) for one in each],
        "pool": {
            "first": dollars(pool.first),
            "least": dollars(pool.least),
            "most": dollars(pool.most),
            "reason": cut(pool.reason),
        },
        "currency": "USD per month, at the prices of " + day.isoformat(),
    }


def dollars(value: Decimal | None) -> str | None:
    """Write an amount of dollars, exactly."""
    return None if value is None else f"{value.normalize():f}"


def _told(one: Monthly) -> dict[str, Any]:
    return {
        "model": cut(one.model),
        "monthly": dollars(one.total),
        "per_call": dollars(one.call),
        "input": dollars(one.input),
        "cache_read": dollars(one.cache_read),
        "output": dollars(one.output),
        "estimated": one.estimated,
        "reason": cut(one.reason),
    }


__all__ = ["dollars", "estimate", "volume"]
