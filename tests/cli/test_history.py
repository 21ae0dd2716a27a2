"""``llmring stats`` and ``llmring export``: past calls, added up or one by one."""

from __future__ import annotations

import csv
import io
import json
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from llmring.cli import stats
from llmring.cli.export import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

GROUP = ("group", "calls", "failed", "input_tokens", "output_tokens", "cache_read_tokens", "cost", "unpriced", "latency")


@pytest.fixture(name="past")
def past_calls(llmring: Command) -> Command:
    """Give the command line of a user who has asked three times, once in vain."""
    llmring("chat", "Hi")
    llmring("chat", "Hi", "-m", "ollama:qwen3:8b")
    llmring("chat", "Hi", "-m", "openai:gpt-5.4-mini+fault=401")
    return llmring


def test_adds_up_what_was_asked(past: Command) -> None:
    """A line for each model, the total last; what has no known price is told on stderr."""
    code, out, err = past("stats", "--by", "model")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["model", "calls", "failed", "tokens", "in", "out", "cost", "seconds"]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["ollama:qwen3:8b", "1", "0"],
        ["openai:gpt-5.4-mini", "1", "0"],
        ["openai:gpt-5.4-mini+fault=401", "1", "1"],
        ["total", "3", "1"],
    ]
    assert err == "the price of 1 call is not known and not in the cost\n"


def test_json_has_one_shape(past: Command) -> None:
    """Every key is always there; dollars are strings, a group that is none is null."""
    found: dict[str, Any] = json.loads(past("stats", "--by", "alias", "--json").out)
    assert tuple(found) == ("by", "since", "groups", "total")
    assert {tuple(each) for each in [*found["groups"], found["total"]]} == {GROUP}
    assert [each["group"] for each in found["groups"]] == [None, "fast"]
    assert (found["total"]["calls"], found["total"]["failed"], found["total"]["unpriced"]) == (3, 1, 1)
    assert found["total"]["cost"] == found["groups"][1]["cost"]


def test_no_calls_are_no_failure(llmring: Command) -> None:
    """It is said where they would be."""
    code, out, err = llmring("stats", "--ledger", "none.db")
    assert (code, out) == (0, "")
    assert err.startswith("no calls yet in ")
    assert json.loads(llmring("stats", "--ledger", "none.db", "--json").out)["groups"] == []


def test_a_folder_that_is_not_there_is_told(past: Command) -> None:
    """By its name, and with what to do."""
    told = past("export", "--output", "nowhere/calls.csv")
    assert (told.code, told.err) == (1, "error: nowhere/calls.csv cannot be written: there is no folder nowhere; make it first\n")


def test_leaves_out_what_is_older(past: Command) -> None:
    """Only calls since then count."""
    assert past("stats", "--since", "2999-01-01").err.startswith("no calls since 2999-01-01 00:00 in ")
    assert "total" in past("stats", "--since", "1h").out


@pytest.mark.parametrize("since", ["yesterday", "7y", "999999w", "0001-01-01"])
def test_a_time_that_is_none_is_misuse(llmring: Command, since: str) -> None:
    """It is said what would be one."""
    code, _, err = llmring("stats", "--since", since)
    assert code == 2
    assert "--since takes 30m, 12h, 7d, 2w or a date such as 2026-11-01" in err


def test_a_usage_server_is_not_passed_over(past: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one is named, the file is read only on request."""
    monkeypatch.setenv("LLMRING_SERVER_URL", "http://127.0.0.1:1")
    assert past("stats").code == 1
    assert past("stats", "--local").code == 0


def test_the_ledger_can_be_turned_off(llmring: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line keeps none then."""
    monkeypatch.setenv("LLMRING_LEDGER", "0")
    llmring("chat", "Hi")
    assert llmring("stats").out == ""


def test_chat_works_without_a_place_for_a_ledger(llmring: Command, monkeypatch: pytest.MonkeyPatch, user: Path) -> None:
    """A user whose folders cannot be written is answered all the same."""
    (user / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(user / "file"))
    assert llmring("chat", "Hi").code == 0


def test_tells_that_a_call_could_not_be_kept(llmring: Command, monkeypatch: pytest.MonkeyPatch, user: Path) -> None:
    """The answer is written, the warning is a line on stderr."""
    (user / "broken.db").write_text("no ledger " * 100)
    monkeypatch.setenv("LLMRING_LEDGER", "broken.db")
    code, out, err = llmring("chat", "Hi")
    assert (code, bool(out)) == (0, True)
    assert err.startswith("warning: calls are missing from the ledger: ")


def test_exports_csv(past: Command) -> None:
    """A heading and a row for each call, the oldest first."""
    rows = list(csv.DictReader(io.StringIO(past("export").out)))
    assert tuple(rows[0]) == COLUMNS
    assert [row["outcome"] for row in rows] == ["ok", "ok", "ProviderAuthenticationError"]


def test_exports_json(past: Command, user: Path) -> None:
    """The file's name tells the form; the same goes to stdout with ``--json``."""
    code, out, err = past("export", "-o", "calls.json")
    assert (code, out, err) == (0, "", "3 calls written to calls.json\n")
    rows = json.loads((user / "calls.json").read_text())
    assert [tuple(row) for row in rows] == [COLUMNS] * 3
    assert rows == json.loads(past("export", "--json").out)
    assert json.loads(past("export", "--json", "--ledger", "none.db").out) == []


def test_a_ledger_that_cannot_be_read_costs_no_file(past: Command, user: Path) -> None:
    """The one that an earlier export wrote stays."""
    past("export", "-o", "calls.csv")
    before = (user / "calls.csv").read_text(encoding="utf-8")
    (user / "broken.db").write_bytes(b"no database at all" * 100)
    assert past("export", "-o", "calls.csv", "--ledger", "broken.db").code == 1
    assert (user / "calls.csv").read_text(encoding="utf-8") == before


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError("No space left on device")])
def test_a_file_that_cannot_be_written_is_named(past: Command, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    """Whatever the reason; what goes to stdout has no name."""
    monkeypatch.setattr("llmring.cli.export.csv.DictWriter", Mock(side_effect=error))
    assert past("export", "-o", "calls.csv").err == "error: calls.csv cannot be written: No space left on device\n"
    assert past("export").err == "error: No space left on device\n"


def test_contradicting_forms_are_misuse(llmring: Command) -> None:
    """So is Parquet on stdout."""
    assert llmring("export", "--json", "--format", "csv").code == 2
    assert llmring("export", "--format", "parquet").code == 2


def test_exports_parquet_where_pyarrow_is(past: Command, user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and column types are handed to pyarrow; without it, what to install is told."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = past("export", "-o", "calls.parquet")
    assert (code, err) == (1, "error: Parquet needs the package pyarrow: pip install pyarrow\n")
    written: dict[str, Any] = {}
    arrow = ModuleType("pyarrow")
    vars(arrow).update(
        {kind: lambda kind=kind: kind for kind in ("int64", "float64", "bool_", "string")},
        schema=dict[str, str],
        Table=SimpleNamespace(from_pylist=lambda rows, schema: (rows, schema)),  # pyright: ignore[reportUnknownLambdaType]
    )
    parquet = ModuleType("pyarrow.parquet")
    vars(parquet)["write_table"] = lambda table, path: written.update({path: table})  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setitem(sys.modules, "pyarrow", arrow)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet)
    assert past("export", "-o", "calls.parquet").code == 0
    rows, kinds = written["calls.parquet"]
    assert len(rows) == 3
    assert {name: kinds[name] for name in ("time", "attempts", "cost", "estimated", "latency")} == {
        "time": "string",
        "attempts": "int64",
        "cost": "string",
        "estimated": "bool_",
        "latency": "float64",
    }


@pytest.mark.parametrize(
    "number, text", [(9_999, "9999"), (10_000, "10.0k"), (123_456, "123k"), (1_000_000, "1.0M"), (2_500_000_000, "2.5G")]
)
def test_counts_are_short(number: int, text: str) -> None:
    """Large numbers of tokens take few characters."""
    assert stats.count(number) == text


def test_a_terminal_gets_bars_that_fit(past: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest group's bar is full; no line is wider than the terminal, and a long name is cut for that."""
    for columns in (80, 60):
        monkeypatch.setattr(stats, "width", lambda columns=columns: columns)
        lines = past("stats", "--by", "day").out.splitlines()
        assert lines[1].endswith("█") is (columns == 80)
        assert max(map(len, past("stats", "--by", "model").out.splitlines())) < columns
