"""Questions to a ledger that is open: its rows, and what groups of them add up to."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.ledger import COLUMNS
from llmring._gen.ledger import CallTotals

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import datetime

_EXACT: Final = Context(prec=80)

_SUMMED: Final = """
SELECT {group}, count(*), sum(outcome <> 'ok'), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens),
       dollars(cost), sum(cost IS NULL AND input_tokens + output_tokens > 0), avg(latency)
FROM calls WHERE time >= ? GROUP BY 1 ORDER BY {order}
"""


class _Dollars:
    """Adds texts of decimals without rounding."""

    def __init__(self) -> None:
        self.total = Decimal(0)

    def step(self, amount: str | None) -> None:
        if amount is not None:
            self.total = _EXACT.add(self.total, Decimal(amount))

    def finalize(self) -> str:
        return str(self.total)


def summed(connection: sqlite3.Connection, by: str, since: datetime | None) -> list[CallTotals]:
    """Add up the calls that share *by*: days in their order, others by the number of calls."""
    connection.create_aggregate("dollars", 1, cast("Any", _Dollars))
    day = by == "day"
    asked = _SUMMED.format(group="date(time, 'localtime')" if day else by, order="1" if day else "2 DESC, 1")
    return [
        CallTotals(
            group=group,
            calls=calls,
            failed=failed,
            input_tokens=entered,
            output_tokens=made,
            cache_read_tokens=cached,
            cost=Decimal(cost),
            unpriced=unpriced,
            latency=latency,
        )
        for group, calls, failed, entered, made, cached, cost, unpriced, latency in connection.execute(asked, (_text(since),))
    ]


def told(connection: sqlite3.Connection, since: datetime | None) -> Iterator[tuple[Any, ...]]:
    """Give the rows from *since* on, the oldest first."""
    asked = f"SELECT {', '.join(COLUMNS)} FROM calls WHERE time >= ? ORDER BY time, number"  # noqa: S608 - names of our own
    yield from connection.execute(asked, (_text(since),))


def _text(moment: datetime | None) -> str:
    from datetime import UTC

    return "" if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")
