"""Say beforehand what a call could cost, and refuse one that could cost too much."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.pricing import quote
from llmring._core.tokens import estimate
from llmring._gen.usage import CostEstimate, Usage
from llmring.exceptions import BudgetExceededError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from llmring._core.model_info import ModelInfo
    from llmring._core.request import NormalRequest

FEWER = 2
MORE = 2
"""The estimate of a prompt's tokens may be off by these factors: numbers and rare scripts have more tokens than characters tell."""

NOTHING: Final = Decimal(0)


def upper(request: NormalRequest, info: ModelInfo | None, when: datetime) -> tuple[Decimal | None, str | None]:
    """Give the most that *request* could cost with one model, or None and the reason."""
    longest = request.options.get("max_tokens") or (info.max_output if info is not None else None)
    if longest is None:
        return None, "the length of its answer is not bounded; give max_tokens"
    answers = request.options.get("n") or 1
    usage = _usage(estimate(request) * MORE, longest * answers)
    tier = request.options.get("service_tier")
    cost, reason = quote(usage, info, service_tier=tier, when=when)
    if cost is None:
        return None, reason
    written = [quote(each, info, service_tier=tier, when=when)[0] for each in _written(request, usage, info)]
    return max([cost.total, *(each.total for each in written if each is not None)]), None


def _written(request: NormalRequest, usage: Usage, info: ModelInfo | None) -> list[Usage]:
    """Give what *usage* is if the whole prompt is written to a cache, which may cost more than to read it.

    A provider that names a price for an hour caches only what a request marks; others do as they see fit.
    """
    asks = any("cache_write_1h" in period.rates.base for period in (info.prices if info is not None else ()))
    if asks and not _marks(request):
        return []
    short = attrs.evolve(usage, cache_write_tokens=usage.input_tokens)
    return [short, attrs.evolve(short, cache_write_1h_tokens=usage.input_tokens)] if asks else [short]


def _marks(request: NormalRequest) -> bool:
    """Tell whether *request* may ask for something to be cached."""
    if request.options.get("cache") or request.extra:
        return True
    if any(tool.cache_control for tool in request.tools):
        return True
    return any(
        "cache_control" in (message.metadata or ()) or any(getattr(part, "cache_control", None) for part in _parts(message.content))
        for message in request.messages
    )


def _parts(content: object) -> list[Any]:
    return cast("list[Any]", content) if isinstance(content, list) else []


def estimated(request: NormalRequest, pool: Sequence[tuple[str, ModelInfo | None]], when: datetime) -> CostEstimate:
    """Estimate what *request* could cost, whichever model of the *pool* answers."""
    tokens = estimate(request)
    least: list[Decimal] = []
    most: list[Decimal] = []
    unknown: list[str] = []
    for name, info in pool:
        cheapest, _ = quote(_usage(tokens // FEWER, 1), info, when=when)
        if cheapest is not None:
            least.append(cheapest.total)
        dearest, reason = upper(request, info, when)
        if dearest is None:
            unknown.append(f"{name}: {reason}")
        else:
            most.append(dearest)
    return CostEstimate(
        lower=min(least, default=Decimal(0)),
        upper=None if unknown else max(most, default=None),
        input_tokens=tokens,
        models=[name for name, _ in pool],
        unknown=unknown,
    )


def hold(  # noqa: PLR0913 - a request, a model, and the money for both
    request: NormalRequest, name: str, info: ModelInfo | None, limit: Decimal, when: datetime, *, spent: Decimal = NOTHING
) -> None:
    """Refuse *request* if the model *name* could charge more than *limit* dollars, less those *spent* on earlier attempts.

    Raises:
        BudgetExceededError: it could, or nobody knows whether it could.

    """
    most, reason = upper(request, info, when)
    left = max(limit - spent, NOTHING)
    if most is None:
        message = (
            f"max_cost={limit} cannot be held: what {name} would cost is not known ({reason}). Leave max_cost out, or name another model."
        )
        raise BudgetExceededError(message, path="max_cost", left=left)
    if most > left:
        what = f"max_cost={limit}" if not spent else f"the ${left:f} left of max_cost={limit}"
        message = f"{name} could cost up to ${most:f}, more than {what}: lower max_tokens, shorten the prompt, or raise max_cost."
        raise BudgetExceededError(message, path="max_cost", left=left)


def _usage(tokens_in: int, tokens_out: int) -> Usage:
    return Usage(input_tokens=tokens_in, output_tokens=tokens_out, total_tokens=tokens_in + tokens_out)
