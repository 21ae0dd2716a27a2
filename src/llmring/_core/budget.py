"""Say beforehand what a call could cost, and refuse one that could cost too much."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from llmring._core.pricing import quote
from llmring._core.tokens import estimate
from llmring._gen.usage import CostEstimate, Usage
from llmring.exceptions import BudgetExceededError, RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from llmring._core.registry import ModelInfo
    from llmring._core.request import NormalRequest

FEWER = 2
MORE = 2
"""The estimate of a prompt's tokens may be off by these factors: numbers and rare scripts have more tokens than characters tell."""


def amount(value: Any, path: str = "max_cost") -> Decimal:
    """Read an amount of dollars.

    Raises:
        RequestError: it is none, or negative.

    """
    try:
        dollars = Decimal(str(value))
    except InvalidOperation:
        dollars = Decimal(-1)
    if not dollars.is_finite() or dollars < 0 or isinstance(value, bool):
        raise RequestError(f"{path} must be an amount of dollars, not {value!r}", path=path)
    return dollars


def upper(request: NormalRequest, info: ModelInfo | None, when: datetime) -> tuple[Decimal | None, str | None]:
    """Give the most that *request* could cost with one model, or None and the reason."""
    longest = request.options.get("max_tokens") or (info.max_output if info is not None else None)
    if longest is None:
        return None, "the length of its answer is not bounded; give max_tokens"
    answers = request.options.get("n") or 1
    cost, reason = quote(
        _usage(estimate(request) * MORE, longest * answers), info, service_tier=request.options.get("service_tier"), when=when
    )
    return (None, reason) if cost is None else (cost.total, None)


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


def hold(request: NormalRequest, name: str, info: ModelInfo | None, limit: Decimal, when: datetime) -> None:
    """Refuse *request* if the model *name* could charge more than *limit* dollars for it.

    Raises:
        BudgetExceededError: it could, or nobody knows whether it could.

    """
    most, reason = upper(request, info, when)
    if most is None:
        message = (
            f"max_cost={limit} cannot be held: what {name} would cost is not known ({reason}). Leave max_cost out, or name another model."
        )
        raise BudgetExceededError(message, path="max_cost")
    if most > limit:
        message = f"{name} could cost up to ${most:f}, more than max_cost={limit}: lower max_tokens, shorten the prompt, or raise max_cost."
        raise BudgetExceededError(message, path="max_cost")


def _usage(tokens_in: int, tokens_out: int) -> Usage:
    return Usage(input_tokens=tokens_in, output_tokens=tokens_out, total_tokens=tokens_in + tokens_out)
