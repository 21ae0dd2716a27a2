"""``llmring stats``: what past calls add up to, as a table with a bar for each group, or as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmring.cli.screen import align
from llmring.cli.terminal import note, out, paint, say_json, width
from llmring.ledger import CallTotals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from llmring.ledger import CallHistory

HEADINGS = ("calls", "failed", "tokens in", "out", "cost", "seconds")
NARROWEST, WIDEST = 8, 40
"""Columns of a bar; where fewer are left there is none."""
NONE = "(none)"
"""What a group is called whose calls have no such thing."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def show(calls: CallHistory, by: str, since: datetime | None, *, as_json: bool) -> None:
    """Write what *calls* since then add up to."""
    groups = calls.totals(by, since=since)
    if as_json:
        say_json(
            {"by": by, "since": since and since.isoformat(), "groups": [_plain(each) for each in groups], "total": _plain(total(groups))}
        )
        return
    if not groups:
        note("no calls" + (f" since {since.astimezone():%Y-%m-%d %H:%M}" if since else " yet") + _where(calls))
        return
    lines = [(by, *HEADINGS), *(_cells(each) for each in (*groups, total(groups)))]
    lines[-1] = ("total", *lines[-1][1:])
    columns = [align(column) for column in zip(*lines, strict=True)]
    room = width()
    columns[0] = _short(columns[0], None if room is None else room - 1 - sum(len(column[0]) + 2 for column in columns[1:]))
    bars = _bars(groups, sum(len(column[0]) + 2 for column in columns))
    for at, cells in enumerate(zip(*columns, strict=True)):
        bar = f"  {paint(bars[at], fg='cyan')}" if bars[at] else ""
        out(paint("  ".join(cells), bold=at in {0, len(lines) - 1}) + bar + "\n")
    if unpriced := sum(each.unpriced for each in groups):
        note(f"the price of {unpriced} {'call' if unpriced == 1 else 'calls'} is not known and not in the cost")


def total(groups: Sequence[CallTotals]) -> CallTotals:
    """Add all *groups* up."""
    calls = sum(each.calls for each in groups)
    return CallTotals(
        calls=calls,
        failed=sum(each.failed for each in groups),
        input_tokens=sum(each.input_tokens for each in groups),
        output_tokens=sum(each.output_tokens for each in groups),
        cache_read_tokens=sum(each.cache_read_tokens for each in groups),
        cost=sum((each.cost for each in groups), Decimal(0)),
        unpriced=sum(each.unpriced for each in groups),
        latency=sum(each.latency * each.calls for each in groups) / calls if calls else 0.0,
    )


def count(number: int) -> str:
    """Write a *number* of tokens in few characters."""
    for unit, size, least in (("G", 10**9, 10**9), ("M", 10**6, 10**6), ("k", 10**3, 10**4)):
        if number >= least:
            return f"{number / size:.{0 if number >= 100 * size else 1}f}{unit}"
    return str(number)


def _cells(each: CallTotals) -> tuple[str, ...]:
    cost = f"${each.cost:.4f}" if each.cost or not each.unpriced else "-"
    numbers = str(each.calls), str(each.failed), count(each.input_tokens), count(each.output_tokens)
    return each.group or NONE, *numbers, cost, f"{each.latency:.2f}"


def _plain(each: CallTotals) -> dict[str, Any]:
    """Give *each* in the stable shape of ``--json``, every key there; a group that is none is null."""
    return {"group": None} | each.to_dict()


def _short(names: list[str], room: int | None) -> list[str]:
    """Cut *names* to the *room* that there is, but not to less than makes sense."""
    wide = len(names[0])
    if room is None or wide <= max(room, NARROWEST):
        return names
    keep = max(room, NARROWEST)
    return [name if len(name.rstrip()) <= keep else name[: keep - 1] + "…" for name in (name[:wide].rstrip().ljust(keep) for name in names)]


def _bars(groups: Sequence[CallTotals], taken: int) -> list[str]:
    """Draw a bar for each group as wide as its part of the largest: of the cost, or where there is none, of the calls."""
    room = min((width() or 0) - taken - 1, WIDEST)
    amounts = [each.cost for each in groups]
    if not any(amounts):
        amounts = [Decimal(each.calls) for each in groups]
    most = max(amounts, default=Decimal(0))
    if room < NARROWEST or not most:
        return [""] * (len(groups) + 2)
    return ["", *(_bar(int(amount / most * room * 8)) for amount in amounts), ""]


def _bar(eighths: int) -> str:
    whole, part = divmod(eighths, 8)
    return "█" * whole + _EIGHTHS[part].strip()


def _where(calls: CallHistory) -> str:
    path = getattr(calls, "path", None)
    return f" in {path}" if path else ""
