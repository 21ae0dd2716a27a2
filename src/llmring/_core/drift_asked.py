"""Judge whether a model has what the code that uses a binding asks for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from llmring._core.finding import Finding
from llmring._core.pins import in_force
from llmring._core.world import can

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.model_info import ModelInfo
    from llmring._core.world import Bound, World


WORDS = {
    "min_context": "a context",
    "min_output": "a longest answer",
    "max_input_price": "an input price",
    "max_output_price": "an output price",
}


def asked(each: Bound, model: str, info: ModelInfo, world: World) -> Iterator[Finding]:
    """Tell what code asks of *model* and does not get, or may not get."""
    for ability in each.asks.get("can", ()):
        has = can(info, ability, world.registry)
        if has is False:
            yield Finding("error", "lacks-ability", each.subject, f"{model} has no {ability}, which the binding asks for", now="no")
        elif has is None:
            yield Finding(
                "warning", "ability-unknown", each.subject, f"whether {model} has {ability}, which the binding asks for, is not known"
            )
    for key, has_tokens in (("min_context", info.context), ("min_output", info.max_output)):
        least = each.asks.get(key)
        if least is not None and (has_tokens is None or has_tokens < least):
            yield _limit(each, model, key, str(least), None if has_tokens is None else str(has_tokens))
    price = in_force(info, world.day)
    for key, rate in (("max_input_price", "input"), ("max_output_price", "output")):
        most = each.asks.get(key)
        amount = price.rates.base.get(rate) if price else None
        if most is not None and (amount is None or amount > Decimal(str(most))):
            yield _limit(each, model, key, str(most), None if amount is None else f"{amount:f}")


def _limit(each: Bound, model: str, key: str, asked: str, has: str | None) -> Finding:
    name = WORDS[key]
    wanted = f"at least {_tokens(asked)}" if key.startswith("min") else f"at most ${asked}"
    if has is None:
        return Finding(
            "warning", "limit-unknown", each.subject, f"whether {model} has {name} of {wanted}, which the binding asks for, is not known"
        )
    found = _tokens(has) if key.startswith("min") else f"${has}"
    return Finding("error", "beyond-limit", each.subject, f"{model} has {name} of {found}; the binding asks for {wanted}", asked, has)


def _tokens(number: str) -> str:
    return f"{int(number):,} tokens"
