"""Read the genai-prices package: rates with effective dates, context tiers and service tiers, as exact decimals."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from genai_prices.types import (
    ClauseEquals,
    ClauseOr,
    ConditionalPrice,
    MatchLogic,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from codegen.registry.claims import Period, Record, Source, Value, rate_key, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from genai_prices.types import Provider

THEIRS: Final[list[Provider]] = import_module("genai_prices.data").providers
"""Loaded by name: it is one literal of 30,000 lines, whose type a checker would infer for minutes."""

PROVIDERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "deepseek": "deepseek",
    "groq": "groq",
    "mistral": "mistral",
    "x-ai": "xai",
}
RATES = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "input_audio_mtok": "input_audio",
    "output_audio_mtok": "output_audio",
    "cache_audio_read_mtok": "cache_read_audio",
    "input_image_mtok": "input_image",
    "output_image_mtok": "output_image",
    "input_video_mtok": "input_video",
    "output_video_mtok": "output_video",
}
RELEASED = re.compile(r"[Rr]eleased (\d{4}-\d{2}-\d{2})")
DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")


def source(day: date) -> Source:
    """Name the package; its date is the latest one in its data that is not after *day*."""
    named = {hit for provider in THEIRS for model in provider.models for hit in DATE.findall(repr(model.price_comments))}
    starts = {start.isoformat() for provider in THEIRS for model in provider.models for start in _starts(model)}
    latest = max(text for text in named | starts if text <= day.isoformat())
    return Source(
        key="gp",
        name=f"genai-prices {version('genai-prices')}",
        date=date.fromisoformat(latest),
        url="https://pypi.org/project/genai-prices",
    )


def prices_of(provider: str, name: str) -> ModelInfo | None:
    """Find the package's model for *name*."""
    return next(
        (model for theirs in THEIRS if PROVIDERS.get(theirs.id) == provider for model in theirs.models if model.is_match(name)),
        None,
    )


def same_price(provider: str, one: str, other: str) -> bool:
    """Tell whether the package takes both names for the same model."""
    found = prices_of(provider, one)
    return found is not None and found is prices_of(provider, other)


def names() -> Iterator[tuple[str, str]]:
    """Yield provider and name of the models themselves; other spellings and patterns are no names."""
    for theirs in THEIRS:
        provider = PROVIDERS.get(theirs.id)
        for model in theirs.models if provider else ():
            if provider == "google" and "claude" in model.id:
                continue
            own = (name for name in _equals(model.match) if re.fullmatch(rf"{re.escape(model.id)}-(latest|20[\d-]+)", name))
            for name in {*own, *([model.id] if model.is_match(model.id) else [])}:
                if "/" not in name or provider == "groq":
                    yield str(provider), name


def record(provider: str, name: str, day: date) -> Record | None:
    """Say what the package knows of *name*; figures are those of *day*, the history holds them all."""
    model = prices_of(provider, name)
    if model is None:
        return None
    figures: dict[str, Value] = {}
    if model.context_window:
        figures["context"] = model.context_window
    released = RELEASED.search(model.price_comments or "")
    if released:
        figures["released"] = date.fromisoformat(released[1])
    history = tuple(_history(model, day))
    figures |= rates_on(history, day)
    return Record(source="gp", provider=provider, name=name, figures=figures, history=history)


def rates_on(history: tuple[Period, ...], day: date) -> dict[str, Decimal]:
    """Pick the rates in force on *day*."""
    current = [period for period in history if period.hours is None and (period.start is None or period.start <= day)]
    return current[-1].rates if current else {}


def _history(model: ModelInfo, day: date) -> Iterator[Period]:
    """Yield one period per change of a rate, then the hours of a day that cost differently."""
    prices = [ConditionalPrice(prices=model.prices)] if isinstance(model.prices, ModelPrice) else model.prices
    starts = sorted(set(_starts(model)))
    own = {start for price in prices if (start := _start(price.constraint))}
    edges: list[date | None] = [None, *(start for start in starts if start in own or start not in _verified(model))]
    before: dict[str, Decimal] | None = None
    for start, end in zip(edges, [*edges[1:], None], strict=True):
        last = end - timedelta(days=1) if end else max(filter(None, [day, *starts]))
        rates = _rates(_standard(prices, last), None) | _variants(model, last)
        if rates != before:
            yield Period(start=start, rates=rates)
        before = rates
    for price in prices:
        if isinstance(price.constraint, TimeOfDateConstraint):
            hours = f"{price.constraint.start_time:%H:%M}-{price.constraint.end_time:%H:%M}"
            yield Period(start=edges[-1], rates=_rates(price.prices, None), hours=hours)


def _verified(model: ModelInfo) -> set[date]:
    """List the first day of each service tier: the day that it was looked up, not the day that it began."""
    first: dict[tuple[tuple[str, str], ...], date] = {}
    for variant in model.price_variants or ():
        start = _start(variant.constraint)
        if start:
            when = tuple(variant.when.items())
            first[when] = min(start, first.get(when, start))
    return set(first.values())


def _standard(prices: list[ConditionalPrice], day: date) -> ModelPrice:
    """Pick the standard prices of *day*; hours of the day are left to their own periods."""
    dated = [price for price in prices if not isinstance(price.constraint, TimeOfDateConstraint)]
    active = [price for price in dated if (start := _start(price.constraint)) is None or start <= day]
    return (active or dated)[-1 if active else 0].prices


def _variants(model: ModelInfo, day: date) -> dict[str, Decimal]:
    """Spell the service tiers that were known by *day*; the first that applies to a tier wins."""
    found: dict[str, Decimal] = {}
    for variant in model.price_variants or []:
        tier = variant.when.get("service_tier") or variant.when.get("speed") or variant.when.get("processing")
        if tier != "default" and ((start := _start(variant.constraint)) is None or start <= day):
            found = _rates(variant.prices, tier) | found
    return found


def _rates(prices: ModelPrice, tier: str | None) -> dict[str, Decimal]:
    """Spell the rates of one price in service tier *tier*."""
    found: dict[str, Decimal] = {}
    for key, rate in RATES.items():
        match getattr(prices, key):
            case None:
                pass
            case TieredPrices(base=base, tiers=steps):
                found[rate_key(rate, tier=tier)] = tidy(base)
                found |= {rate_key(rate, over=step.start, tier=tier): tidy(step.price) for step in steps}
            case amount:
                found[rate_key(rate, tier=tier)] = tidy(amount)
    return found


def _starts(model: ModelInfo) -> list[date]:
    """List the days on which something changes."""
    prices = [] if isinstance(model.prices, ModelPrice) else model.prices
    return [start for entry in (*prices, *(model.price_variants or ())) if (start := _start(entry.constraint))]


def _start(constraint: object) -> date | None:
    """Read the first day of a constraint."""
    if not isinstance(constraint, StartDateConstraint):
        return None
    return constraint.start_date.date() if isinstance(constraint.start_date, datetime) else constraint.start_date


def _equals(match: MatchLogic) -> Iterator[str]:
    """Yield the names that *match* spells out."""
    match match:
        case ClauseEquals(equals=name):
            yield name
        case ClauseOr(or_=clauses):
            for clause in clauses:
                yield from _equals(clause)
        case _:
            pass
