"""The door to the ledger: calls one by one, and added up exactly."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from llmring._core.ledger import row
from llmring._io.ledger_files import append
from llmring.exceptions import ConfigurationError
from llmring.ledger import GROUPS, CallRecord, CallTotals, Ledger

if TYPE_CHECKING:
    from pathlib import Path

CALLS = [
    CallRecord(
        time="2026-11-01T12:00:00+00:00",
        alias="fast",
        model="a:one",
        input_tokens=10,
        output_tokens=1,
        cost=Decimal("0.1"),
        latency=1,
    ),
    CallRecord(
        time="2026-11-01T12:30:00+00:00",
        alias="fast",
        model="a:two",
        input_tokens=20,
        output_tokens=2,
        cost=Decimal("0.2"),
        latency=3,
    ),
    CallRecord(time="2026-11-02T12:00:00.000+00:00", model="a:one", input_tokens=5, output_tokens=5, cache_read_tokens=4),
    CallRecord(time="2026-11-02T12:00:01.000+00:00", alias="deep", profile="dev", model="a:one", outcome="ProviderServerError"),
]


@pytest.fixture(name="ledger")
def filled(tmp_path: Path) -> Ledger:
    """Give a ledger with some calls."""
    append(str(tmp_path / "calls.db"), [row(call) for call in CALLS])
    return Ledger(tmp_path / "calls.db")


def test_gives_the_calls_in_order(ledger: Ledger) -> None:
    """The oldest first, as they were kept."""
    assert list(ledger.records()) == CALLS
    assert list(ledger.records(since=datetime(2026, 11, 2, tzinfo=UTC))) == CALLS[2:]


def test_adds_up_by_alias(ledger: Ledger) -> None:
    """Costs are exact; a call without tokens needs no price, one without a known price is told."""
    assert ledger.totals("alias") == [
        CallTotals(group="fast", calls=2, input_tokens=30, output_tokens=3, cost=Decimal("0.3"), latency=2.0),
        CallTotals(calls=1, input_tokens=5, output_tokens=5, cache_read_tokens=4, unpriced=1),
        CallTotals(group="deep", calls=1, failed=1),
    ]


def test_days_are_in_order(ledger: Ledger) -> None:
    """The oldest day first."""
    assert [each.group for each in ledger.totals("day")] == ["2026-11-01", "2026-11-02"]


def test_leaves_out_what_is_older(ledger: Ledger) -> None:
    """Only calls from *since* on count."""
    (found,) = ledger.totals("model", since=datetime(2026, 11, 2, tzinfo=UTC))
    assert (found.group, found.calls) == ("a:one", 2)


@pytest.mark.parametrize("by", GROUPS)
def test_every_group_can_be_asked_for(ledger: Ledger, by: str) -> None:
    """All calls are in some group."""
    assert sum(each.calls for each in ledger.totals(by)) == len(CALLS)


def test_another_group_is_refused(ledger: Ledger) -> None:
    """The groups are named."""
    with pytest.raises(ConfigurationError, match="by day, model, alias, profile, origin, outcome, not by 'wek'"):
        ledger.totals("wek")


def test_no_file_no_calls(tmp_path: Path) -> None:
    """A ledger that nobody has written is empty, and is not made by looking."""
    ledger = Ledger(tmp_path / "none.db")
    assert (ledger.totals(), list(ledger.records())) == ([], [])
    assert not (tmp_path / "none.db").exists()


def test_the_usual_place_is_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the environment names another."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Ledger().path == str(tmp_path / "llmring" / "ledger.sqlite3")
    monkeypatch.setenv("LLMRING_LEDGER", str(tmp_path / "own.db"))
    assert Ledger().path == str(tmp_path / "own.db")


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    """With its path."""
    (tmp_path / "calls.db").write_text("something else " * 100)
    with pytest.raises(ConfigurationError, match=r"calls\.db' cannot be read: file is not a database"):
        Ledger(tmp_path / "calls.db").totals()
