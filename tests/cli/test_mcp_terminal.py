"""``llmring mcp chat`` on a pseudo-terminal: keys as a user presses them, and Ctrl-C wherever it is pressed."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmring.sessions import Sessions
from tests.cli.test_terminal import Terminal
from tests.rings import lockfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring.testing.simulator import Simulator

pytestmark = pytest.mark.extra

SCRIPT = str(Path(__file__).with_name("stdio_server.py"))
ENTER, ESCAPE, CTRL_C, CTRL_D = "\r", "\x1b", "\x03", "\x04"
STEERING = re.compile(r"\x1b(?:\[[0-9;?]*(?:[a-zA-Z]|$)|[()][A-Z0-9]|[=>]|$)|\r")
"""Sequences that steer the terminal, one that is not whole yet too."""


class Chat(Terminal):
    """A terminal with a conversation in it."""

    def __init__(self, *arguments: str) -> None:
        """Start ``llmring`` with *arguments*."""
        super().__init__(*arguments)
        self._seen = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def press(self, *keys: str) -> None:
        """Press *keys*."""
        os.write(self._ours, "".join(keys).encode())

    def wait(self, wanted: str) -> None:
        """Read until *wanted* is on the screen behind what was waited for before."""
        while (at := STEERING.sub("", self.screen).find(wanted, self._seen)) < 0:
            piece = os.read(self._ours, 4096)
            assert piece, self.screen
            self.screen += self._decode(piece)
        self._seen = at + len(wanted)

    def _decode(self, piece: bytes) -> str:
        """Decode *piece*, which may begin and end in the middle of a character."""
        return self._decoder.decode(piece)


@pytest.fixture
def chat(user: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Chat]:
    """Give a function that begins a conversation with a model that follows a script."""
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")

    def begin(script: list[Any], *options: str) -> Chat:
        (user / "servers.json").write_text(json.dumps({"mcpServers": {"small": {"command": sys.executable, "args": [SCRIPT]}}}))
        told = json.dumps(script).replace("\\", "%5C").replace("+", "%2B").replace(",", "%2C")
        lockfile(user, fast=[f"openai:gpt-5.4-mini+script={told}"])
        return Chat("mcp", "chat", "--config", "servers.json", *options)

    return begin


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """Give a turn of the model's that calls a tool."""
    return {"calls": [{"name": name, "arguments": arguments}]}


def said(simulator: Simulator) -> list[Any]:
    """Give the last thing that was said in every request."""
    return [request.body["messages"][-1]["content"] for request in simulator.requests]


def test_a_message_may_have_several_lines(chat: Callable[..., Chat], simulator: Simulator) -> None:
    """By Esc-Enter, by a backslash, or pasted; Enter sends; Ctrl-D leaves."""
    with chat(["One.", "Two.", "Three."]) as terminal:
        terminal.wait(">")
        terminal.press("a", ESCAPE, ENTER, "b", ENTER)
        terminal.wait("One.")
        terminal.wait(">")
        terminal.press("c\\", ENTER, "d", ENTER)
        terminal.wait("Two.")
        terminal.wait(">")
        terminal.press("\x1b[200~e\nf\x1b[201~", ENTER)
        terminal.wait("Three.")
        terminal.wait(">")
        terminal.press(CTRL_D)
        terminal.read()
    assert said(simulator) == ["a\nb", "c\nd", "e\nf"]
    assert terminal.process.returncode == 0


def test_ctrl_c_stops_a_tool_and_keeps_the_session(chat: Callable[..., Chat], simulator: Simulator) -> None:
    """An answer goes on from there; pressed twice quickly at the prompt, it leaves."""
    with chat([call("hang"), "Hello."]) as terminal:
        terminal.wait(">")
        terminal.press("Go", ENTER)
        terminal.wait("[a]lways this tool:")
        terminal.press("y", ENTER)
        terminal.wait("hang runs")
        terminal.interrupt()
        terminal.wait("stopped")
        terminal.wait(">")
        terminal.press("And?", ENTER)
        terminal.wait("Hello.")
        terminal.wait(">")
        terminal.press(CTRL_C)
        terminal.wait("Ctrl-C again")
        terminal.press(CTRL_C)
        terminal.read()
    assert said(simulator) == ["Go", "And?"]
    assert terminal.process.returncode == 130
    assert [turn.role for turn in Sessions().open(Sessions().recent()[0].name).turns] == ["user", "assistant", "tool", "user", "assistant"]


def test_ctrl_c_stops_an_answer_and_keeps_what_came(chat: Callable[..., Chat], simulator: Simulator) -> None:
    """What was typed meanwhile is not shown in the middle of it."""
    with chat([], "--plain", "-m", "openai:gpt-5.4-mini+say=First%20second%20third+fault=stall+after=3") as terminal:
        terminal.wait(">")
        terminal.press("Hi", ENTER)
        terminal.wait("First second")
        terminal.press("unseen")
        terminal.interrupt()
        terminal.wait("stopped")
        terminal.wait("unseen")
        terminal.press(CTRL_C)
        terminal.wait("Ctrl-C again")
        terminal.press(CTRL_D)
        terminal.read()
    turns = Sessions().open(Sessions().recent()[0].name).turns
    assert [turn.role for turn in turns] == ["user", "assistant"]
    assert str(turns[1].content).startswith("First second")


def test_what_was_typed_before_a_question_does_not_answer_it(chat: Callable[..., Chat], simulator: Simulator) -> None:
    """Leave is given to a call that was seen."""
    with chat([call("die"), "Well."]) as terminal:
        terminal.wait(">")
        terminal.press("Go", ENTER, "y", ENTER)
        terminal.wait("[a]lways this tool:")
        terminal.press("n", ENTER)
        terminal.wait("declined")
        terminal.wait("Well.")
        terminal.wait(">")
        terminal.press(CTRL_D)
        terminal.read()
    assert "declined" in json.dumps(said(simulator))


def test_an_answer_cannot_steer_the_terminal(chat: Callable[..., Chat]) -> None:
    """Nor can what a tool is called with."""
    with chat([call("fail", text="\x1b[2Jgone"), "\x1b[2Jgone"], "--approve", "always") as terminal:
        terminal.wait(">")
        terminal.press("Go", ENTER)
        terminal.wait("no way")
        terminal.wait("\ufffd[2Jgone")
        terminal.wait(">")
        terminal.press(CTRL_D)
        screen = terminal.read()
    assert "\x1b[2Jgone" not in screen
    assert "\\u001b[2Jgone" in screen
