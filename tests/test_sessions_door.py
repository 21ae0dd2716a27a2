"""Conversations in files: written turn by turn, private, found by name, and none the worse for a crash."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from llmring.exceptions import ConfigurationError
from llmring.schemas import Message
from llmring.sessions import Sessions

if TYPE_CHECKING:
    from pathlib import Path

ASKED, SAID = Message(role="user", content="Why is the sky blue?"), Message(role="assistant", content="It scatters.")


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    """Keep conversations in a folder that is not there yet."""
    return Sessions(tmp_path / "kept" / "here")


def test_a_conversation_goes_on_where_it_was(sessions: Sessions) -> None:
    """With all turns, the model and the instructions."""
    session = sessions.begin("fast")
    session.choose("deep", "Be brief.")
    session.add([ASKED])
    session.add([SAID])
    session.choose("deeper", "")
    again = sessions.open(session.name)
    assert (again.turns, again.told.model, again.told.system) == ([ASKED, SAID], "deeper", "")


def test_nothing_is_written_before_the_first_turn(sessions: Sessions) -> None:
    """Whoever only looks leaves no file."""
    session = sessions.begin("fast")
    session.back(0)
    assert sessions.folder is not None
    assert not sessions.folder.exists()
    assert sessions.recent() == []


def test_only_its_user_can_read_it(sessions: Sessions) -> None:
    """File and folder are private."""
    session = sessions.begin("fast")
    session.add([ASKED])
    assert session.path is not None
    assert stat.S_IMODE(session.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(session.path.parent.stat().st_mode) == 0o700


def test_a_torn_line_costs_itself(sessions: Sessions) -> None:
    """It is counted, and the next line begins on its own."""
    session = sessions.begin("fast")
    session.add([ASKED, SAID])
    assert session.path is not None
    with session.path.open("a", encoding="utf-8") as file:
        file.write('{"turns": [{"role": "us')
    again = sessions.open(session.name)
    assert (again.turns, again.told.lost) == ([ASKED, SAID], 1)
    again.add([ASKED, SAID])
    assert (len(sessions.open(session.name).turns), sessions.open(session.name).told.lost) == (4, 1)


def test_a_question_without_an_answer_is_taken_back(sessions: Sessions) -> None:
    """It is told once; the conversation then goes on from the last answer."""
    session = sessions.begin("fast")
    session.add([ASKED, SAID])
    session.add([ASKED])
    again = sessions.open(session.name)
    assert (again.turns, again.told.unanswered) == ([ASKED, SAID], [ASKED])
    again.add([ASKED, SAID])
    assert len(sessions.open(session.name).turns) == 4


def test_lists_the_latest_first(sessions: Sessions) -> None:
    """With time, model and first words; other files are none of its business."""
    for at, words in enumerate(["One?", "Two?"]):
        session = sessions.begin("fast")
        session.add([Message(role="user", content=words), SAID])
        assert session.path is not None
        os.utime(session.path, (at, at))
        (session.path.parent / "other.jsonl").write_text("{}")
        (session.path.parent / ".hidden.jsonl").write_text("{}")
    assert [(each.time.timestamp(), each.model, each.words) for each in sessions.recent()] == [(1, "fast", "Two?"), (0, "fast", "One?")]


@pytest.mark.parametrize("name", ["../other", "nothing", "", "a/b"])
def test_a_name_is_no_path(sessions: Sessions, name: str) -> None:
    """What is not listed is not opened."""
    sessions.begin("fast").add([ASKED, SAID])
    with pytest.raises(ConfigurationError, match="There is no conversation"):
        sessions.open(name)


def test_the_beginning_of_a_name_is_enough(sessions: Sessions) -> None:
    """Where only one begins so."""
    first = sessions.begin("fast")
    first.add([ASKED, SAID])
    assert sessions.open(first.name[:-1]).name == first.name
    sessions.begin("fast").add([ASKED, SAID])
    with pytest.raises(ConfigurationError, match="2 conversations begin with '20"):
        sessions.open(first.name[:2])


def test_a_file_of_another_kind_is_refused(sessions: Sessions) -> None:
    """It is named."""
    session = sessions.begin("fast")
    session.add([ASKED])
    assert session.path is not None
    session.path.write_text("not json")
    with pytest.raises(ConfigurationError, match=rf"{session.name}.*no conversation of llmring"):
        sessions.open(session.name)


def test_a_line_is_there_whole_or_not_at_all(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room for all of it, none of it stays."""
    session = sessions.begin("fast")
    session.add([ASKED, SAID])
    assert session.path is not None
    before = session.path.read_bytes()
    write = os.write

    def little(at: int, data: bytes) -> int:
        return write(at, data[:10])

    monkeypatch.setattr(os, "write", little)
    with pytest.raises(OSError, match="no room"):
        session.add([ASKED])
    monkeypatch.setattr(os, "write", Mock(side_effect=OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        session.add([ASKED])
    assert session.path.read_bytes() == before


def test_the_environment_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder, none at all, or that of the user's data."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Sessions().folder == tmp_path / "llmring" / "sessions"
    monkeypatch.setenv("LLMRING_SESSIONS", str(tmp_path / "mine"))
    assert Sessions().folder == tmp_path / "mine"
    monkeypatch.setenv("LLMRING_SESSIONS", "0")
    silent = Sessions()
    silent.begin("fast").add([ASKED])
    assert (silent.folder, silent.recent()) == (None, [])
