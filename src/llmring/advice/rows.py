"""Say in plain JSON what is known of a model, and bound what is said; which models are meant is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from llmring._core.need import prices_of, status_of
from llmring._core.pins import in_force
from llmring._core.world import can
from llmring.exceptions import UnknownProviderError
from llmring.providers import ABILITIES, provider_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._core.model_info import ModelInfo
    from llmring._core.ranking import Key
    from llmring._core.registry import Registry

T = TypeVar("T")

LONGEST = 300
"""Characters of one text that comes from elsewhere."""


def row(info: ModelInfo, registry: Registry, day: str, soon: str) -> dict[str, Any]:
    """Give what a choice among models goes by."""
    price, output = prices_of(info, day)
    return {
        "model": f"{info.provider}:{info.id}",
        "context": info.context,
        "max_output": info.max_output,
        "input_price": _amount(price),
        "output_price": _amount(output),
        "can": [ability for ability in ABILITIES if registry.speaks_of(ability) and can(info, ability, registry)],
        "speed": info.speed,
        "intelligence": info.intelligence,
        "released": info.released,
        "retires": info.retires,
        "status": status_of(info, day, soon),
        "key": key_of(info.provider),
    }


def whole(info: ModelInfo, registry: Registry, day: str, soon: str) -> dict[str, Any]:
    """Give all that is known of *info*."""
    price = in_force(info, day)
    return row(info, registry, day, soon) | {
        "known": True,
        "name": cut(info.name),
        "kind": info.kind,
        "family": info.family,
        "also_called": [cut(alias) for alias in info.aliases[:20]],
        "max_input": info.max_input,
        "cannot": [ability for ability in ABILITIES if registry.speaks_of(ability) and can(info, ability, registry) is False],
        "reasoning_efforts": list(info.efforts),
        "prices": {rate: _amount(amount) for rate, amount in price.rates.base.items()} if price else {},
        "prices_above": [
            {"input_tokens": over, "prices": {rate: _amount(amount) for rate, amount in rates.items()}}
            for over, rates in (price.rates.tiers if price else ())
        ],
        "price_source": cut(info.price_source),
        "as_of": info.as_of,
    }


def key_of(provider: str) -> Key:
    """Tell whether the key of *provider* is here; the key itself is nobody's business."""
    try:
        status = provider_status(provider)
    except UnknownProviderError:
        return "missing"
    if not status.usable:
        return "missing"
    return "here" if status.key_from else "not needed"


def bounded(items: Sequence[T], limit: int) -> tuple[list[T], int]:
    """Give the first *limit* of *items*, and how many are left off."""
    return list(items[:limit]), max(0, len(items) - limit)


def cut(text: str | None) -> str | None:
    """Give *text* without what cannot be printed, and no longer than a name needs to be."""
    if text is None:
        return None
    plain = "".join(each if each.isprintable() else " " for each in text)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}..."


def _amount(value: Any) -> str | None:
    return None if value is None else f"{value:f}"
