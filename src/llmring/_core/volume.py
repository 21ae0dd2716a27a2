"""Work out what a month of like calls costs, exactly or not at all; which models are meant, and their names, are given."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

import attrs

from llmring._core.pricing import EXACT, quote
from llmring._gen.usage import Usage
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from llmring._core.model_info import ModelInfo

MOST_CALLS: Final = 10**12
MOST_TOKENS: Final = 10**9


@attrs.frozen
class Volume:
    """So many like calls a month."""

    calls: int
    input_tokens: int
    """Of each call's prompt, cached ones included."""
    output_tokens: int
    cached_tokens: int
    """The part of *input_tokens* that is read from the provider's cache."""


@attrs.frozen
class Monthly:
    """What a month costs with one model: dollars, or why that is not known."""

    model: str
    total: Decimal | None
    call: Decimal | None = None
    """Dollars for one call."""
    input: Decimal | None = None
    cache_read: Decimal | None = None
    output: Decimal | None = None
    estimated: bool = False
    """Whether a rate had to be guessed."""
    reason: str | None = None


@attrs.frozen
class PoolCost:
    """What a month costs whichever model of a pool answers; None where one of its models has no figure."""

    first: Decimal | None
    """With the preferred model alone."""
    least: Decimal | None
    most: Decimal | None
    reason: str | None = None


def volume(calls: int, input_tokens: int, output_tokens: int, cached_share: float) -> Volume:
    """Judge what is stated and give it as a volume; cached tokens are rounded to whole ones.

    Raises:
        RequestError: a number is negative or beyond all measure; the error names it.

    """
    bounds = (
        ("calls_per_month", calls, MOST_CALLS),
        ("input_tokens", input_tokens, MOST_TOKENS),
        ("output_tokens", output_tokens, MOST_TOKENS),
    )
    for name, value, most in bounds:
        if type(value) is not int or not 0 <= value <= most:
            raise RequestError(f"{name} must be a whole number from 0 to {most}, not {value!r}", path=name)
    if isinstance(cached_share, bool) or not 0 <= cached_share <= 1:
        raise RequestError(f"cached_share must be from 0 (nothing cached) to 1 (all of it), not {cached_share!r}", path="cached_share")
    cached = (Decimal(input_tokens) * Decimal(str(cached_share))).quantize(Decimal(1), ROUND_HALF_UP)
    return Volume(calls, input_tokens, output_tokens, int(cached))


def monthly(model: str, info: ModelInfo | None, asked: Volume, day: date) -> Monthly:
    """Say what *asked* costs with *model*, of which *info* is known, at the prices of *day*."""
    if info is not None and (reason := _beyond(info, asked)):
        return Monthly(model, None, reason=reason)
    tokens = asked.input_tokens + asked.output_tokens
    usage = Usage(
        input_tokens=asked.input_tokens, output_tokens=asked.output_tokens, total_tokens=tokens, cache_read_tokens=asked.cached_tokens
    )
    cost, reason = quote(usage, info, when=day)
    if cost is None:
        return Monthly(model, None, reason=reason)
    total, read, cached, written = (
        EXACT.multiply(each, Decimal(asked.calls)) for each in (cost.total, cost.input, cost.cache_read, cost.output)
    )
    return Monthly(model, total, call=cost.total, input=read, cache_read=cached, output=written, estimated=cost.estimated)


def pool_cost(each: Sequence[Monthly]) -> PoolCost:
    """Say what the models of a pool, the preferred one first, cost together: the least and the most that can come of it."""
    totals = [one.total for one in each if one.total is not None]
    first = each[0].total if each else None
    unknown = [one.model for one in each if one.total is None]
    if unknown or not totals:
        return PoolCost(first, None, None, f"there is no figure for {', '.join(unknown)}" if unknown else "there is no model")
    return PoolCost(first, min(totals), max(totals))


def _beyond(info: ModelInfo, asked: Volume) -> str | None:
    """Say why *info* could not serve such a call, None where it can."""
    tokens = asked.input_tokens + asked.output_tokens
    if info.context is not None and tokens > info.context:
        return f"a call of {tokens} tokens does not fit its context of {info.context}"
    if info.max_input is not None and asked.input_tokens > info.max_input:
        return f"a prompt of {asked.input_tokens} tokens is longer than the {info.max_input} that it takes"
    if info.max_output is not None and asked.output_tokens > info.max_output:
        return f"an answer of {asked.output_tokens} tokens is longer than the {info.max_output} that it gives"
    return None
