"""The commands on a real terminal: a pseudo-terminal whose other side is read as a user would."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from typing import TYPE_CHECKING, Self

import pytest

from tests.cli.conftest import INTERRUPTIBLE

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from llmring.testing.simulator import Simulator

START = [sys.executable, "-c", INTERRUPTIBLE]
PAINT = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """A terminal of so many columns in which one command runs."""

    def __init__(self, *arguments: str, columns: int = 80) -> None:
        """Start ``llmring`` with *arguments*."""
        self.screen = ""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        self.process = subprocess.Popen(
            [*START, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment | {"TERM": "xterm"}, start_new_session=True
        )
        os.close(theirs)

    def read_until(self, wanted: str) -> str:
        """Read until *wanted* is on the screen."""
        while wanted not in self.screen:
            piece = os.read(self._ours, 4096)
            assert piece, self.screen
            self.screen += piece.decode()
        return self.screen

    def read_until_nth(self, wanted: str, number: int) -> None:
        """Read until *wanted* has begun a line *number* times."""
        while len(re.findall(rf"(?:^|\n|\r)(?:\x1b\[[?0-9;]*[a-zA-Z])*{re.escape(wanted)}", self.screen)) < number:
            piece = os.read(self._ours, 4096)
            assert piece, self.screen
            self.screen += piece.decode()

    def end(self) -> None:
        """Do what Ctrl-D does."""
        os.write(self._ours, b"\x04")

    def read(self) -> str:
        """Read to the end of the command."""
        with contextlib.suppress(OSError):  # the last one to hold the other side has closed it
            while piece := os.read(self._ours, 4096):
                self.screen += piece.decode()
        return self.screen.replace("\r\n", "\n")

    def write(self, *lines: str) -> None:
        """Type *lines*."""
        os.write(self._ours, "".join(f"{line}\n" for line in lines).encode())

    def interrupt(self) -> None:
        """Do what Ctrl-C does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def interrupt_until(self, wanted: str) -> None:
        """Press Ctrl-C until *wanted* is on the screen: a signal that comes just before a wait does not end it."""
        while wanted not in self.screen:
            self.interrupt()
            while wanted not in self.screen and select.select([self._ours], [], [], 3)[0]:
                self.screen += os.read(self._ours, 4096).decode()

    def __enter__(self) -> Self:
        """Hand out the terminal."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the command and close the terminal."""
        if self.process.poll() is None and kind is not None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_no_line_of_the_demo_is_wider_than_the_terminal(user: Path, columns: int) -> None:
    """Answers are cut, not wrapped; 80 columns are enough for everything."""
    with Terminal("demo", columns=columns) as terminal:
        screen = terminal.read()
    plain = PAINT.sub("", screen)
    sections, _, table = plain.partition("\n\n  provider ")
    assert max(map(len, sections.splitlines()[2:])) <= columns
    assert max(map(len, [*sections.splitlines(), *table.splitlines()])) <= max(columns, 80)
    assert ("..." in plain) is (columns < 80)
    assert screen != plain
    assert terminal.process.returncode == 0


def test_no_colour_where_it_is_not_wanted(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``NO_COLOR`` turns it off on a terminal too."""
    monkeypatch.setenv("NO_COLOR", "1")
    with Terminal("demo") as terminal:
        assert "\x1b" not in terminal.read()
    with Terminal("chat", "Hi", "-m", "nothing") as terminal:
        assert terminal.read().startswith("error: Unknown alias 'nothing'")


def test_errors_are_red(user: Path) -> None:
    """On a terminal the word that begins an error is red."""
    with Terminal("chat", "Hi", "-m", "nothing") as terminal:
        assert terminal.read().startswith("\x1b[31merror:\x1b[0m Unknown alias")


def test_an_answer_is_shown_as_it_comes(user: Path) -> None:
    """A terminal gets the words that have come while the model is silent; Ctrl-C then ends it in one line."""
    with Terminal("chat", "Hi", "-m", "openai:gpt-5.4-mini+say=First%20second%20third+fault=stall+after=3", "--plain") as terminal:
        terminal.read_until("First second")
        terminal.interrupt_until("interrupted")
        assert terminal.read() == "First second\ninterrupted\n"
    assert terminal.process.returncode == 130


def test_waiting_can_be_interrupted(user: Path, simulator: Simulator) -> None:
    """Ctrl-C ends a call that hangs."""
    with Terminal("chat", "Hi", "-m", "openai:gpt-5.4-mini+fault=hang") as terminal:
        while not simulator.requests:
            assert terminal.process.poll() is None, terminal.read()
            threading.Event().wait(0.01)
        terminal.interrupt_until("interrupted")
        assert terminal.read() == "\ninterrupted\n"
    assert terminal.process.returncode == 130


def test_an_answer_cannot_steer_the_terminal(user: Path) -> None:
    """Escape sequences in an answer are made visible."""
    with Terminal("chat", "Hi", "-m", "openai:gpt-5.4-mini+say=%1B%5B2Jgone%07%0D%0Athere", "--plain") as terminal:
        assert terminal.read() == "\ufffd[2Jgone\ufffd\nthere\n"


def test_markdown_is_laid_out(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Emphasis is shown and not its marks; escape sequences are still made visible."""
    with Terminal("chat", "Hi", "-m", "openai:gpt-5.4-mini+say=One%20**bold**%20%1B%5B2Jword.%0A%0A-%20item", "--no-stream") as terminal:
        screen = terminal.read()
    assert "One \x1b[1mbold\x1b[0m" in screen
    assert "\ufffd[2Jword." in screen
    assert "• " in PAINT.sub("", screen)


def test_an_error_does_not_leave_a_line_open(user: Path) -> None:
    """What had come is laid out, then the error stands on a line of its own."""
    with Terminal("chat", "Hi", "-m", "openai:gpt-5.4-mini+fault=cut+after=8") as terminal:
        assert "\n\x1b[31merror:" in terminal.read()
    assert terminal.process.returncode == 1
