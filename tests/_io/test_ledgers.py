"""The ledger's writer: bounded, safe across threads, forks and processes, complete at an orderly end."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llmring._core.ledger import row
from llmring._gen.ledger import CallRecord
from llmring._io import ledgers
from llmring._io.folders import cache_folder, data_folder
from llmring._io.ledger_files import append, place
from llmring._io.ledgers import Recorder
from llmring.exceptions import ConfigurationError
from llmring.ledger import Ledger

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import os, sys
from llmring._gen.ledger import CallRecord
from llmring._io.ledgers import Recorder
recorder = Recorder(sys.argv[1])
"""


def call(number: int) -> CallRecord:
    """Make a call that can be told from others."""
    return CallRecord(time=f"2026-11-27T12:00:00.{number:03}+00:00", model=f"m:{number}")


def models(path: Path) -> list[str]:
    """List the models of the calls in the ledger."""
    return [each.model for each in Ledger(path).records()]


def program(path: Path, code: str) -> subprocess.Popen[bytes]:
    """Run *code* with a recorder that writes to *path*."""
    return subprocess.Popen([sys.executable, "-W", "error::UserWarning", "-c", PROGRAM + code, str(path)], cwd=ROOT)


def test_keeps_the_order(tmp_path: Path) -> None:
    """What was added first is written first; flushing waits for it."""
    recorder = Recorder(str(tmp_path / "calls.db"))
    for number in range(100):
        recorder.add(call(number))
    assert recorder.flush()
    assert models(tmp_path / "calls.db") == [f"m:{number}" for number in range(100)]


@pytest.mark.parametrize("name", ["a%20b.db", "a?mode=ro.db", "a#b.db", "à b&c+d.db"])
def test_any_name_is_a_files_name(tmp_path: Path, name: str) -> None:
    """What means something in an address means nothing in a path."""
    recorder = Recorder(str(tmp_path / name))
    recorder.add(call(1))
    assert recorder.flush()
    assert (tmp_path / name).is_file()
    assert models(tmp_path / name) == ["m:1"]


def test_takes_from_many_threads(tmp_path: Path) -> None:
    """Nothing is lost and nothing is there twice."""
    recorder = Recorder(str(tmp_path / "calls.db"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(recorder.add, map(call, range(400))))
    assert recorder.flush()
    assert sorted(models(tmp_path / "calls.db")) == sorted(f"m:{number}" for number in range(400))


def test_an_unused_recorder_has_nothing_to_wait_for(tmp_path: Path) -> None:
    """Without a call there is no thread and no file."""
    assert Recorder(str(tmp_path / "calls.db")).flush()
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_go(tmp_path: Path) -> None:
    """There are never more rows than there may be."""
    path = tmp_path / "calls.db"
    for start in (0, 3, 6):
        append(str(path), [row(call(number)) for number in range(start, start + 3)], most=4)
    assert models(path) == ["m:5", "m:6", "m:7", "m:8"]


def test_what_comes_too_fast_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full queue makes nobody wait."""
    monkeypatch.setattr(ledgers, "MOST_WAITING", 0)
    recorder = Recorder(str(tmp_path / "calls.db"))
    recorder.add(call(1))
    assert recorder.dropped == 1


def test_a_dropped_recorder_writes_what_it_has(tmp_path: Path) -> None:
    """The last reference to go takes the thread along, once all is written."""
    recorder = Recorder(str(tmp_path / "calls.db"))
    recorder.add(call(1))
    del recorder
    assert models(tmp_path / "calls.db") == ["m:1"]


def test_the_end_of_the_process_loses_nothing(tmp_path: Path) -> None:
    """Without closing anything, all is written."""
    ending = program(tmp_path / "calls.db", "for number in range(50): recorder.add(CallRecord(time='', model=str(number)))")
    assert ending.wait(30) == 0
    assert len(models(tmp_path / "calls.db")) == 50


def test_processes_write_at_once(tmp_path: Path) -> None:
    """Four processes that begin a ledger together lose nothing."""
    code = "for number in range(50): recorder.add(CallRecord(time='', model=str(number))); recorder.flush()"
    running = [program(tmp_path / "calls.db", code) for _ in range(4)]
    assert [each.wait(60) for each in running] == [0] * 4
    assert len(models(tmp_path / "calls.db")) == 200


def test_a_forked_child_writes_on_its_own(tmp_path: Path) -> None:
    """Parent and child each write what they took, once."""
    code = """
recorder.add(CallRecord(time='', model='parent'))
child = os.fork()
recorder.add(CallRecord(time='', model='child' if not child else 'parent again'))
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    forking = program(tmp_path / "calls.db", code)
    assert forking.wait(30) == 0
    assert sorted(models(tmp_path / "calls.db")) == ["child", "parent", "parent again"]


def test_a_newer_ledger_is_left_alone(tmp_path: Path) -> None:
    """Neither written nor read."""
    path = tmp_path / "calls.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=2")
    connection.close()
    recorder = Recorder(str(path))
    recorder.add(call(1))
    recorder.flush()
    assert "newer than this llmring reads" in recorder.faults[0]
    with pytest.raises(ConfigurationError, match="newer than this llmring reads"):
        list(Ledger(path).records())


def test_a_failed_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A row that no database takes leaves the others out too."""
    path = tmp_path / "calls.db"
    append(str(path), [row(call(1))])
    with pytest.raises(sqlite3.Error):
        append(str(path), [row(call(2)), (object(),) * len(row(call(3)))])
    assert models(path) == ["m:1"]


@pytest.mark.parametrize(
    "platform, environment, data, cache",
    [
        ("linux", {"HOME": "/h"}, "/h/.local/share/llmring", "/h/.cache/llmring"),
        ("linux", {"HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/c"}, "/d/llmring", "/c/llmring"),
        ("linux", {"HOME": "/h", "XDG_DATA_HOME": "d", "XDG_CACHE_HOME": ""}, "/h/.local/share/llmring", "/h/.cache/llmring"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/llmring", "/h/Library/Caches/llmring"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/llmring/Data", "/l/llmring/Cache"),
    ],
)
def test_folders_are_those_of_the_system(platform: str, environment: dict[str, str], data: str, cache: str) -> None:
    """XDG on Linux, the Library on a Mac, the local profile on Windows."""
    assert (data_folder(environment, platform), cache_folder(environment, platform)) == (data, cache)


def test_no_home_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said which variable helps."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with pytest.raises(ConfigurationError, match="set XDG_DATA_HOME to a folder of your own"):
        data_folder({}, "linux")


@pytest.mark.parametrize(
    "value, expected",
    [("1", "llmring/ledger.sqlite3"), ("On", "llmring/ledger.sqlite3"), ("0", None), (" ", None), ("off", None)],
)
def test_the_variable_turns_it_on_and_off(tmp_path: Path, value: str, expected: str | None) -> None:
    """It is a switch, or a path."""
    found = place(None, {"LLMRING_LEDGER": value, "XDG_DATA_HOME": str(tmp_path)})
    assert found == (expected and str(tmp_path / expected))
    assert place(None, {"LLMRING_LEDGER": str(tmp_path / "own.db")}) == str(tmp_path / "own.db")
