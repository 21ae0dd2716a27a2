"""What ``llmring mcp chat`` looks like on terminals of 80 and of 120 columns, recorded in ``sessions``: read it as its user would.

What it is meant to look like from now on, its failing test shows; that goes into the file.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import select
import sys
from pathlib import Path
from typing import Any

import pytest

from llmring.testing.simulator import Simulator
from tests._core.small_registry import text
from tests.cli.glass import Glass
from tests.cli.test_lock_chat_screens import MODELS
from tests.cli.test_terminal import Terminal
from tests.rings import lockfile

pytestmark = pytest.mark.extra

RECORDED = Path(__file__).with_name("sessions")
SERVER = str(Path(__file__).with_name("stdio_server.py"))
COMMAND = "llmring mcp chat --config servers.json"
WELCOME = """\
I have the tools of **notes**:

- `add` adds two numbers
- `repeat` repeats what it is given

| tool | takes |
| --- | --- |
| add | a, b |
| repeat | text |

What shall it be?"""
PATIENCE = 60.0
"""Seconds after which nothing more will come."""


def calls(*names: str, **arguments: Any) -> dict[str, Any]:
    """Give a turn of the model's that calls tools."""
    return {"calls": [{"name": name, "arguments": arguments} for name in names]}


SCRIPT: list[Any] = [
    WELCOME,
    calls("add", a=2, b=40),
    "The sum is **42**:\n\n```python\nprint(2 + 40)\n```",
    {"calls": [*calls("repeat", text="one\ntwo")["calls"], *calls("draw")["calls"]]},
    "It has repeated two lines; a picture was not wanted.",
    calls("list_notes"),
    "Eleven notes, all on the weather.",
    calls("ask"),
    "Green it is.",
    calls("sign_in"),
    "You are signed in.",
    calls("pay"),
    "It is paid.",
    calls("hang"),
    "As you like: it was stopped.",
    "It is good as it is.",
    "It is a memo of two lines.",
]
READY, LEAVE, VISITED = "> ", "  let it run? [y]es, [n]o, [a]lways this tool: ", "  visited it? [y]es, [n]o: "
TALK: list[tuple[str, str, str]] = [
    ("Hello, what can you do?", "What shall it be?", READY),
    ("Add 2 and 40.", "add(a=2, b=40)", LEAVE),
    ("y", "print(2 + 40)", READY),
    ("Repeat two lines, and draw.", "repeat(", LEAVE),
    ("a", "draw()", LEAVE),
    ("n", "was not wanted.", READY),
    ("Which notes are there?", "list_notes()", LEAVE),
    ("y", "on the weather.", READY),
    ("Ask me something.", "ask()", LEAVE),
    ("y", "notes asks: Which colour?", "  answer? [y]es, [n]o: "),
    ("y", "colour [red/green]", "  colour [red/green]: "),
    ("blue", "colour must be one of red, green", "  colour [red/green]: "),
    ("g", "Green it is.", READY),
    ("Sign me in.", "sign_in()", LEAVE),
    ("y", "https://notes.example/sign-in?state=4f1c", VISITED),
    ("y", "You are signed in.", READY),
    ("Take the money.", "pay()", LEAVE),
    ("y", "https://notes.example/pay", VISITED),
    ("y", "It is paid.\n\n", READY),
    ("Now something slow.", "hang()", LEAVE),
    ("y", "hang runs; Ctrl-C stops", "^"),
    ("^", "stopped\n\n", READY),
    ("Never mind.", "it was stopped.", READY),
    ("/prompts review code=x", "> Review x.", "> Review x."),
    (" Gently.", "good as it is.", READY),
    ("/resources memo://one", "goes with", READY),
    ("What does it say?", "memo of two lines.", READY),
    ("/history", "assistant It is a memo", READY),
    ("/cost", "tokens in", READY),
    ("/help", "it leaves.", READY),
]


class Looked(Terminal):
    """A terminal that is looked at while its user types."""

    def __init__(self, *arguments: str, columns: int) -> None:
        """Start ``llmring`` with *arguments*."""
        self.glass = Glass(columns)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        super().__init__(*arguments, columns=columns)

    def wait(self, line: str, wanted: str = "", more_than: int = -1) -> None:
        """Look until the cursor stands behind *line* (``^``: anywhere), and *wanted* has been seen more often than so many times."""
        while (line not in {"^", self.glass.line}) or self.glass.text.count(wanted) <= more_than:
            if not select.select([self._ours], [], [], PATIENCE)[0] or not self._look():
                pytest.fail(f"waited for {line!r} and {wanted!r}, the cursor is behind {self.glass.line!r} in\n{self.glass.text}")

    def _look(self) -> bool:
        piece = b""
        with contextlib.suppress(OSError):  # the other side is closed
            piece = os.read(self._ours, 4096)
        if answer := self.glass.write(self._decoder.decode(piece)):
            os.write(self._ours, answer.encode())
        return bool(piece)

    def press(self, keys: str) -> None:
        """Type *keys* and, once they are seen, Enter; ``^`` is Ctrl-C."""
        before = self.glass.line
        if keys != "^":
            os.write(self._ours, keys.encode())
            self.wait(before + keys)
            os.write(self._ours, b"\r")
        else:
            self.interrupt()

    def ended(self) -> str:
        """Look to the end, and give all that was shown."""
        while self._look():
            pass
        return self.glass.text


@pytest.mark.parametrize("columns", [80, 120])
def test_looks_as_it_was_recorded(user: Path, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Tools are called, approved of, declined and stopped; forms are filled and pages visited; prompts and resources are used."""
    lockfile(user, fast=["openai:gpt-5.4-mini"])
    (user / "registry.json").write_text(text(MODELS), encoding="utf-8")
    (user / "servers.json").write_text(json.dumps({"mcpServers": {"notes": {"command": sys.executable, "args": [SERVER, "more"]}}}))
    monkeypatch.setenv("LLMRING_REGISTRY_URL", str(user / "registry.json"))
    with Simulator(script=SCRIPT) as simulator:
        monkeypatch.setenv("OPENAI_BASE_URL", simulator.urls["openai"])
        with Looked(*COMMAND.split()[1:], columns=columns) as terminal:
            terminal.wait(READY, "10 tools", 0)
            for keys, wanted, asked in TALK:
                before = terminal.glass.text.count(wanted)
                terminal.press(keys)
                terminal.wait(asked, wanted, before)
            terminal.press("/exit")
            screen = terminal.ended()
    assert terminal.process.returncode == 0
    assert f"$ {COMMAND}\n{screen}\n\nexit 0\n" == (RECORDED / f"mcp-chat.{columns}.txt").read_text(encoding="utf-8")
    assert max(map(len, screen.splitlines())) < columns
