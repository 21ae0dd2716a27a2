"""Work out what an exchange cost, exactly or not at all; a price that is not known is never zero."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

from llmring._gen.usage import Cost, Usage

if TYPE_CHECKING:
    from llmring._core.model_info import ModelInfo, Price

EXACT: Final = Context(prec=80)
"""Sums of token counts times prices fit in here without rounding, whatever the caller's own context."""

_ZERO: Final = Decimal(0)
_MILLIONTH: Final = Decimal("0.000001")

STANDARD: Final = frozenset({"", "auto", "default", "standard", "standard_only", "on_demand", "on-demand", "unspecified"})
"""Names under which providers report their normal service tier."""

_WORDS: Final = {"batches": "batch", "service_tier_flex": "flex", "service_tier_priority": "priority", "performance": "priority"}
"""Other spellings of service tiers."""

_FALLBACKS: Final = {
    "cache_read": "input",
    "cache_write": "input",
    "input_audio": "input",
    "cache_read_audio": "cache_read",
    "output_audio": "output",
}
"""A rate that a price list leaves out, and the rate that such tokens are then charged at."""

_CERTAIN: Final = frozenset({"input_audio", "output_audio", "cache_read_audio"})
"""Rates that a list leaves out where sound costs what text costs; the others make a cost an estimate."""

_APART: Final = {"input": ("input_image", "input_video"), "output": ("output_image", "output_video")}
"""Rates of tokens that a usage does not count apart from the others of its kind."""


class _UnpricedError(Exception):
    """Why there is no cost."""


_Line = tuple[str, str, int]
"""A part of the cost, the rate that it is charged at, and so many tokens."""


def price(usage: Usage, info: ModelInfo | None, *, service_tier: str | None = None, when: datetime | date | None = None) -> Cost | None:
    """Return what *usage* cost, None where a price that it needs is not known; `quote` says which.

    *service_tier* is the one that the provider reports (``batch`` for batches); *when* picks among effective dates and hours of
    the day, without it the day of the registry counts.
    """
    return quote(usage, info, service_tier=service_tier, when=when)[0]


def quote(
    usage: Usage, info: ModelInfo | None, *, service_tier: str | None = None, when: datetime | date | None = None
) -> tuple[Cost | None, str | None]:
    """Return the cost and None, or None and the reason why there is none."""
    if info is None:
        return None, "the registry does not know this model"
    try:
        return _cost(usage, info, _tier(service_tier), when), None
    except _UnpricedError as reason:
        return None, f"{info.provider}:{info.id}: {reason}"


def _tier(name: str | None) -> str:
    """Spell a service tier as the registry does; the standard one is empty."""
    lower = (name or "").lower()
    return "" if lower in STANDARD else _WORDS.get(lower, lower)


def _cost(usage: Usage, info: ModelInfo, tier: str, when: datetime | date | None) -> Cost:
    """Add up the lines of the bill."""
    current, guessed = _current(info, when)
    guessed |= bool(usage.input_audio_tokens and usage.cache_read_tokens)  # how much of the sound was cached is not told
    if tier and tier not in current.services:
        raise _UnpricedError(f"no price for service tier {tier!r}")
    parts: dict[str, Decimal] = {}
    total = _ZERO
    bracket = current.bracket(usage.input_tokens)
    for part, rate, tokens in _lines(usage):
        each, exact = current.memo.get((tier, rate, bracket)) or _each(current, tier, rate, usage.input_tokens)
        guessed |= not exact
        amount = EXACT.multiply(tokens, each)
        parts[part] = EXACT.add(parts.get(part, _ZERO), amount)
        total = EXACT.add(total, amount)
    day = current.start or info.released or "start"
    return Cost(**parts, total=total, price_id=f"{info.provider}:{info.id}@{day}{f'#{tier}' if tier else ''}", estimated=guessed)


def _current(info: ModelInfo, when: datetime | date | None) -> tuple[Price, bool]:
    """Pick the price in force at *when* (UTC where it names no zone), and whether it is a guess, for want of the hour."""
    prices = info.prices
    if len(prices) == 1 and not prices[0].start and prices[0].hours is None:
        return prices[0], False
    day, clock = _moment(when, info.as_of)
    daily = [price for price in prices if price.hours is None and (price.start or "") <= day]
    if not daily:
        raise _UnpricedError(f"no price for {day}, the first is of {prices[0].start}" if prices else "no price")
    for price in prices:
        if price.hours and (price.start or "") <= day:
            if clock is None:
                return daily[-1], True
            if price.hours[0] <= clock < price.hours[1]:
                return price, False
    return daily[-1], False


def _moment(when: datetime | date | None, otherwise: str) -> tuple[str, str | None]:
    """Spell *when* as ISO date and, where it has one, ``HH:MM``."""
    match when:
        case None:
            return otherwise, None
        case datetime():
            spelt = (when.astimezone(UTC) if when.tzinfo else when).isoformat()
            return spelt[:10], spelt[11:16]
        case _:
            return when.isoformat(), None


def _lines(usage: Usage) -> list[_Line]:
    """Split *usage* into lines that do not overlap, leaving out empty ones."""
    cached = usage.cache_read_tokens or usage.cache_write_tokens
    if not (cached or usage.input_audio_tokens or usage.output_audio_tokens):
        plain = (("input", "input", usage.input_tokens), ("output", "output", usage.output_tokens))
        return [line for line in plain if line[2]]
    long_writes = min(usage.cache_write_1h_tokens, usage.cache_write_tokens)
    fresh = usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens
    heard = min(usage.input_audio_tokens, max(fresh, 0))
    heard_again = min(usage.input_audio_tokens - heard, usage.cache_read_tokens)
    spoken = min(usage.output_audio_tokens, usage.output_tokens)
    lines = (
        ("input", "input", max(fresh, 0) - heard),
        ("input", "input_audio", heard),
        ("cache_read", "cache_read", usage.cache_read_tokens - heard_again),
        ("cache_read", "cache_read_audio", heard_again),
        ("cache_write", "cache_write", usage.cache_write_tokens - long_writes),
        ("cache_write", "cache_write_1h", long_writes),
        ("output", "output", usage.output_tokens - spoken),
        ("output", "output_audio", spoken),
    )
    return [line for line in lines if line[2] > 0]


def _each(current: Price, tier: str, rate: str, length: int) -> tuple[Decimal, bool]:
    """Return the dollars for one token, and whether they are certain; remembered with the price."""
    amount, certain = _rate(current, tier, rate, length)
    found = current.memo[tier, rate, current.bracket(length)] = EXACT.multiply(amount, _MILLIONTH), certain
    return found


def _rate(current: Price, tier: str, rate: str, length: int) -> tuple[Decimal, bool]:
    """Return the rate and whether it is certain; a service tier leaves out what stays as it is."""
    tables = (current.services[tier], current.rates) if tier else (current.rates,)
    known = (table.get(rate, length) for table in tables)
    amount = next((amount for amount in known if amount is not None), None)
    if amount is None and rate in _FALLBACKS:
        amount, certain = _rate(current, tier, _FALLBACKS[rate], length)
        return amount, certain and rate in _CERTAIN
    if amount is None:
        raise _UnpricedError(f"no {rate.replace('_', ' ')} price")
    mixed = any(table.get(other, length) is not None for other in _APART.get(rate, ()) for table in tables)
    if tier and tables[0].get(rate, length) is not None and tables[0].step(rate, length) != current.rates.step(rate, length):
        raise _UnpricedError(f"no {rate.replace('_', ' ')} price in service tier {tier!r} for an input of {length} tokens")
    if mixed and rate == "output":
        raise _UnpricedError("its text costs less than its pictures and video, and the usage does not count them apart")
    return amount, not mixed
