"""What the commands of a conversation do, without a terminal: list, take up, begin anew, tell, write down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llmring.cli.conversation import Conversation
from llmring.cli.conversing import Commands
from llmring.exceptions import ConfigurationError
from llmring.schemas import ImagePart, Message, TextPart, ToolCall

if TYPE_CHECKING:
    from pathlib import Path


def did(commands: Commands, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Do what *line* says and give what was told."""
    found = commands.find(line)
    assert found is not None
    found[0].does(found[1])
    return capsys.readouterr().err


@pytest.fixture
def commands(user: Path) -> Commands:
    """Give the commands of a conversation in which something was said."""
    talk = Conversation("fast", "Be brief.")
    talk.add([Message(role="user", content="Why is the sky blue?"), Message(role="assistant", content="It scatters.")])
    return Commands(talk, lambda _: None, "Keys.")


def test_another_conversation_takes_up_what_was_said(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    """By number or by name, with model and instructions."""
    other = Commands(Conversation("deep"), lambda _: None, "")
    listed = did(other, "/sessions", capsys)
    assert listed.startswith("   1  20")
    assert listed.endswith("  fast  Why is the sky blue?\n")
    assert "2 turns with fast" in did(other, "/load 1", capsys)
    assert (len(other.talk.turns), other.talk.model, other.talk.opening[0].content) == (2, "fast", "Be brief.")
    assert did(other, "/sessions", capsys).startswith("*  1  20")
    did(other, f"/load {commands.talk.session.name}", capsys)
    with pytest.raises(ConfigurationError, match="no conversation '7'"):
        did(other, "/load 7", capsys)
    assert "name one" in did(other, "/load", capsys)


def test_tells_what_a_crash_left(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    """A torn line, and a question that nobody answered."""
    commands.talk.add([Message(role="user", content="And at night?")])
    path = commands.talk.session.path
    assert path is not None
    with path.open("a") as file:
        file.write('{"tur')
    told = did(commands, f"/load {path.stem}", capsys)
    assert "1 line(s) of it could not be read" in told
    assert "its last message had no answer and was taken back: And at night?" in told


def test_clearing_keeps_what_was_said(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    """It can still be taken up; the new one has the same model and instructions."""
    did(commands, "/clear", capsys)
    assert (commands.talk.turns, commands.talk.model, len(commands.talk.opening)) == ([], "fast", 1)
    assert len(commands.talk.recent()) == 1


def test_history_is_short(commands: Commands, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each turn, cut to the terminal; calls by name."""
    monkeypatch.setenv("COLUMNS", "24")
    commands.talk.add([Message(role="assistant", tool_calls=[ToolCall(id="1", name="echo", arguments={})])])
    assert did(commands, "/history", capsys).splitlines() == ["user      Why is the...", "assistant It scatters.", "assistant calls echo"]
    did(commands, "/clear", capsys)
    assert did(commands, "/history", capsys) == "nothing was said yet\n"


def test_what_goes_along_comes_before_the_words(commands: Commands, user: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Parts, then files, then the text; once."""
    (user / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    commands.talk.parts = [TextPart(text="a note")]
    did(commands, "/file a.png", capsys)
    said = commands.talk.asks("Look")
    assert isinstance(said.content, list)
    assert [type(part) for part in said.content] == [TextPart, ImagePart, TextPart]
    commands.talk.sent()
    assert commands.talk.asks("Look").content == "Look"


def test_writes_calls_down(commands: Commands, user: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With their arguments; JSON has everything."""
    commands.talk.add([Message(role="assistant", tool_calls=[ToolCall(id="1", name="echo", arguments={"a": 1})])])
    assert did(commands, "/save talk.md", capsys) == "4 turns written to talk.md\n"
    assert '## assistant\n\n`echo({"a":1})`' in (user / "talk.md").read_text()
    did(commands, "/save talk.json", capsys)
    assert json.loads((user / "talk.json").read_text())["messages"][3]["tool_calls"][0]["name"] == "echo"


def test_a_conversation_goes_on_where_it_cannot_be_kept(
    user: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is said once."""
    (user / "file").touch()
    monkeypatch.setenv("LLMRING_SESSIONS", str(user / "file" / "below"))
    talk = Conversation("fast")
    talk.add([Message(role="user", content="Hi")])
    talk.add([Message(role="assistant", content="Hello")])
    assert capsys.readouterr().err.count("warning: this conversation is no longer kept") == 1
    assert len(talk.turns) == 2


def test_nothing_is_kept_where_nothing_is_to_be(user: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``LLMRING_SESSIONS=0`` leaves no file, and the list says why it is empty."""
    monkeypatch.setenv("LLMRING_SESSIONS", "0")
    commands = Commands(Conversation("fast"), lambda _: None, "")
    commands.talk.add([Message(role="user", content="Hi")])
    assert did(commands, "/sessions", capsys) == "no conversation is kept, as LLMRING_SESSIONS says\n"
    assert did(commands, "/clear", capsys) == "forgotten\n"
    assert not (user / "data").exists()


def test_cost_adds_up(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    """Answers, tokens and dollars."""
    assert did(commands, "/cost", capsys) == "0 answers: 0 tokens in, 0 out, $0.000000\n"


def test_help_lists_every_command_once(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    """And the keys."""
    told = did(commands, "/help", capsys)
    assert told.count("/exit") == 1
    assert told.endswith("Keys.\n")
    with pytest.raises(LookupError, match="there is no /nothing"):
        commands.find("/nothing")
    assert commands.find("/etc/hosts is a file") is None
