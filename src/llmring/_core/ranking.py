"""Rank models that have what is needed by price, hints of quality and speed, age and room; which ones have it is judged elsewhere."""

from __future__ import annotations

from datetime import date
from math import log
from typing import TYPE_CHECKING, Final, Literal

import attrs

from llmring._core.need import prices_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from llmring._core.model_info import ModelInfo

Priority = Literal["balanced", "price", "quality", "speed", "context"]
Key = Literal["here", "not needed", "missing"]
"""Whether a provider's key is where calls from here would look for it."""

WEIGHTS: Final[Mapping[Priority, Mapping[str, float]]] = {
    "balanced": {"price": 0.30, "quality": 0.30, "speed": 0.10, "age": 0.20, "context": 0.10},
    "price": {"price": 0.65, "quality": 0.10, "speed": 0.05, "age": 0.15, "context": 0.05},
    "quality": {"price": 0.05, "quality": 0.60, "speed": 0.00, "age": 0.25, "context": 0.10},
    "speed": {"price": 0.15, "quality": 0.10, "speed": 0.55, "age": 0.15, "context": 0.05},
    "context": {"price": 0.10, "quality": 0.15, "speed": 0.00, "age": 0.20, "context": 0.55},
}
"""How much each thing counts, by what matters most; a row adds up to 1."""
QUALITY: Final = {"frontier": 1.0, "exceptional": 0.9, "near-frontier": 0.8, "high": 0.7, "efficient": 0.45}
SPEED: Final = {"fastest": 1.0, "fast": 0.8, "moderate": 0.5, "slow": 0.15}
UNTOLD: Final = 0.35
"""The share of a hint that the registry does not give: worse than most, better than the worst."""
OUTPUT_SHARE: Final = 0.25
"""The part of all tokens that is taken to be output where prices are compared."""
CHEAP: Final = 0.8
"""Above this share a price is among the lowest fifth."""
YEARS: Final = 3
"""Age at which a model has nothing left of its newness."""
KEYLESS: Final = 0.8
"""What is left of the score of a model whose key is not here."""
KEYS: Final[Mapping[Key, str]] = {
    "here": "its key is here",
    "not needed": "needs no key, but its server has to run",
    "missing": "its key is not here, which costs it a fifth of its score",
}


@attrs.frozen
class Ranked:
    """One model with its score, from 0 to 1, and why it has that."""

    info: ModelInfo
    score: float
    reasons: tuple[str, ...]


def ranked(models: Sequence[ModelInfo], priority: Priority, day: str, key: Callable[[str], Key]) -> list[Ranked]:
    """Rank *models* for *priority* on *day* (ISO date), the best first; those of a provider whose *key* is missing count less."""
    cheap = _scale((blend for info in models if (blend := blended(info, day)) is not None), best="least")
    roomy = _scale((info.context for info in models if info.context), best="most")
    found: list[Ranked] = []
    for info in models:
        blend = blended(info, day)
        shares = {
            "price": UNTOLD if blend is None else cheap(blend),
            "quality": QUALITY.get(info.intelligence or "", UNTOLD),
            "speed": SPEED.get(info.speed or "", UNTOLD),
            "age": _newness(info, day),
            "context": roomy(info.context) if info.context else 0.0,
        }
        score = sum(weight * shares[what] for what, weight in WEIGHTS[priority].items())
        held = key(info.provider)
        found.append(Ranked(info, round(score * KEYLESS if held == "missing" else score, 4), tuple(_reasons(info, day, shares, held))))
    return sorted(found, key=lambda each: (-each.score, each.info.provider, each.info.id))


def blended(info: ModelInfo, day: str) -> float | None:
    """Give dollars per million tokens of input and output in their usual proportion; None where a price is not known."""
    price, output = prices_of(info, day)
    if price is None or (output is None and info.kind == "chat"):
        return None
    return float(price) * (1 - OUTPUT_SHARE) + float(output or price) * OUTPUT_SHARE


def _scale(values: Iterable[float], best: Literal["least", "most"]) -> Callable[[float], float]:
    """Give a function that places a value among *values*, by orders of magnitude: 1 is the *best*, 0 the other end."""
    logs = [log(value + 1e-6) for value in values]
    low, high = min(logs, default=0.0), max(logs, default=0.0)

    def place(value: float) -> float:
        if high == low:
            return 1.0
        share = (log(value + 1e-6) - low) / (high - low)
        return 1 - share if best == "least" else share

    return place


def _newness(info: ModelInfo, day: str) -> float:
    if not info.released:
        return 0.0
    year, month, dom = (*map(int, info.released.split("-")), 1, 1)[:3]
    age = (date.fromisoformat(day) - date(year, month, dom)).days / 365
    return min(1.0, max(0.0, 1 - age / YEARS))


def _reasons(info: ModelInfo, day: str, shares: Mapping[str, float], held: Key) -> list[str]:
    price, output = prices_of(info, day)
    told = [f"${each:f} {what}" for each, what in ((price, "input"), (output, "output")) if each is not None]
    reasons = [f"{', '.join(told)} per million tokens" if told else "its price is not known"]
    if told and shares["price"] > CHEAP:
        reasons[0] += ", among the cheapest that fit"
    if info.intelligence:
        reasons.append(f"intelligence: {info.intelligence}")
    if info.speed:
        reasons.append(f"speed: {info.speed}")
    if info.context:
        reasons.append(f"context of {info.context} tokens")
    if info.released:
        reasons.append(f"released {info.released}")
    if info.retires:
        reasons.append(f"retires {info.retires}")
    reasons.append(KEYS[held])
    return reasons
