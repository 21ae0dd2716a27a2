"""What is kept of a call: records as values, and the rows of a table; where these are written is the caller's business."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._gen.ledger import CallRecord
from llmring.exceptions import LLMRingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._core.outcome import Walk
    from llmring._gen.beside import EmbeddingResponse
    from llmring._gen.response import LLMResponse

COLUMNS: Final = tuple(field.name for field in attrs.fields(CallRecord))
"""The columns of the table, in the order of the record's fields."""
CANCELLED: Final = "cancelled"
"""The outcome of a call that was not waited for."""
GROUPS: Final = ("day", "model", "alias", "profile", "origin", "outcome")
"""What calls may be added up by."""

_LONGEST: Final = 200
"""Characters of a name that are kept, so that no row can be large."""


def answered(response: LLMResponse[Any] | EmbeddingResponse, origin: str, now: datetime, *, kind: str, outcome: str) -> CallRecord:
    """Keep of *response*, whole at *now*, how it came about and what it used."""
    usage, cost = response.usage, response.cost
    return CallRecord(
        time=_moment(now, response.latency),
        origin=_short(origin),
        kind=kind,
        alias=_short(response.alias),
        profile=_short(response.profile),
        model=_short(response.model),
        outcome=outcome,
        attempts=len(response.attempts),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        cost=None if cost is None else cost.total,
        estimated=cost is not None and cost.estimated,
        latency=response.latency,
    )


def failed(  # noqa: PLR0913 - the call, its end, and who asked
    error: BaseException, walk: Walk, origin: str, now: datetime, *, kind: str, latency: float
) -> CallRecord:
    """Keep of a call that *error* ended how far it had come."""
    asked = walk.attempts[-1].model if walk.attempts else str(walk.plan.candidates[0])
    return CallRecord(
        time=_moment(now, latency),
        origin=_short(origin),
        kind=kind,
        alias=_short(walk.plan.alias),
        profile=_short(walk.plan.profile),
        model=_short(asked),
        outcome=type(error).__name__ if isinstance(error, LLMRingError) else CANCELLED,
        attempts=len(walk.attempts),
        latency=latency,
    )


def row(record: CallRecord) -> tuple[Any, ...]:
    """Give the values of *record* as a database takes them: the cost as text, so that no digit is lost."""
    values = [getattr(record, name) for name in COLUMNS]
    return tuple(str(value) if isinstance(value, Decimal) else int(value) if isinstance(value, bool) else value for value in values)


def record(values: Sequence[Any]) -> CallRecord:
    """Give the record that :func:`row` spelled as *values*."""
    found: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
    cost = found["cost"]
    found |= {"cost": None if cost is None else Decimal(cost), "estimated": bool(found["estimated"])}
    return CallRecord(**found)


def _moment(now: datetime, ago: float) -> str:
    return (now - timedelta(seconds=ago)).astimezone(UTC).isoformat(timespec="milliseconds")


def _short(name: Any) -> Any:
    return name[:_LONGEST] if isinstance(name, str) else name
