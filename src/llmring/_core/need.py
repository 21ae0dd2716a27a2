"""Hold one model against what is asked of models, and say what it lacks; ranking those that lack nothing is done elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import attrs

from llmring._core.pins import in_force
from llmring._core.world import can

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from llmring._core.model_info import ModelInfo
    from llmring._core.registry import Registry

Status = Literal["current", "retiring", "retired", "any"]

RETIRING_DAYS: Final = 90
"""Days before its last one in which a model counts as retiring."""


@attrs.frozen(kw_only=True)
class Need:
    """What is asked of a model; None and absence ask nothing."""

    provider: str | None = None
    can: tuple[str, ...] = ()
    kind: str = "chat"
    min_context: int | None = None
    min_output: int | None = None
    max_input_price: Decimal | None = None
    """Dollars per million tokens, as *max_output_price*."""
    max_output_price: Decimal | None = None
    status: Status = "current"
    search: str = ""
    """A part of its name, id or family."""


def lacks(info: ModelInfo, need: Need, registry: Registry, day: str, soon: str) -> str | None:
    """Say the first thing that *info* lacks of *need* on *day* (ISO date), None where it has all; what retires until *soon* is retiring."""
    return next(_lacks(info, need, registry, day, soon), None)


def status_of(info: ModelInfo, day: str, soon: str) -> Status:
    """Tell whether *info* is ``retired`` on *day*, ``retiring`` until *soon*, or ``current``."""
    if info.retired(day):
        return "retired"
    return "current" if info.retires is None or info.retires > soon else "retiring"


def prices_of(info: ModelInfo, day: str) -> tuple[Decimal | None, Decimal | None]:
    """Give dollars per million tokens of input and of output on *day*; None where they are not known."""
    price = in_force(info, day)
    return (price.rates.base.get("input"), price.rates.base.get("output")) if price else (None, None)


def _lacks(info: ModelInfo, need: Need, registry: Registry, day: str, soon: str) -> Iterator[str]:
    if need.provider is not None and info.provider != need.provider:
        yield "of another provider"
    if need.kind not in {"any", info.kind}:
        yield f"no {need.kind} model"
    if need.search and need.search.lower() not in " ".join(filter(None, (info.id, info.name, info.family, *info.aliases))).lower():
        yield "named otherwise"
    state = status_of(info, day, soon)
    if need.status not in {"any", state}:
        yield state
    for ability in need.can:
        has = can(info, ability, registry)
        if not has:
            yield f"not known to have {ability}" if has is None else f"without {ability}"
    yield from _limits(info, need)
    yield from _prices(info, need, day)


def _limits(info: ModelInfo, need: Need) -> Iterator[str]:
    wanted = (("context", info.context, need.min_context), ("answer", info.max_output, need.min_output))
    for what, limit, least in wanted:
        if least is not None and (limit is None or limit < least):
            yield f"{what} not known" if limit is None else f"{what} below {least}"


def _prices(info: ModelInfo, need: Need, day: str) -> Iterator[str]:
    bounds = (need.max_input_price, need.max_output_price)
    for what, rate, most in zip(("input", "output"), prices_of(info, day), bounds, strict=True):
        if most is not None and (rate is None or rate > most):
            yield f"price of {what} not known" if rate is None else f"price of {what} above {most:f}"
