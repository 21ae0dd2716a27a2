"""The demo's page is never wider than the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmring.cli.screen import Screen, align

if TYPE_CHECKING:
    from collections.abc import Iterable


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch) -> int:
    """Give the width of the terminal that stdout is."""
    monkeypatch.setattr("llmring.cli.screen.width", lambda: 40)
    return 40


def written(capsys: pytest.CaptureFixture[str], pieces: Iterable[str]) -> str:
    """Write *pieces* as one line and give it."""
    screen = Screen()
    screen.begin("label")
    for piece in pieces:
        screen.more(piece)
    screen.end()
    return capsys.readouterr().out


@pytest.mark.parametrize("size", [1, 2, 7, 200])
def test_a_line_is_cut_once(columns: int, capsys: pytest.CaptureFixture[str], size: int) -> None:
    """However it comes, what is too long is cut at the same place, marked once."""
    text = "abcdefghij" * 10
    line = written(capsys, [text[at : at + size] for at in range(0, len(text), size)])
    assert line == f"  label       {text[:22]}...\n"
    assert len(line) <= columns


@pytest.mark.parametrize("pieces", [["short"], ["sh", "ort"], ["short", ""]])
def test_what_fits_is_left_alone(columns: int, capsys: pytest.CaptureFixture[str], pieces: list[str]) -> None:
    """A short line is whole."""
    assert written(capsys, pieces) == "  label       short\n"


def test_without_a_terminal_nothing_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """What goes to a file is whole."""
    assert written(capsys, ["x" * 500]) == f"  label       {'x' * 500}\n"


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    """A silent page writes nothing."""
    screen = Screen(silent=True)
    screen.title("name", "detail")
    screen.line("label", "text")
    screen.table(["a"], [["1"]], ["1"])
    assert capsys.readouterr().out == ""


def test_columns_of_a_table() -> None:
    """Numbers and amounts stand on the right, texts on the left."""
    assert align(["calls", "7", "28"]) == ["calls", "    7", "   28"]
    assert align(["cost", "-", "$0.1"]) == ["cost", "   -", "$0.1"]
    assert align(["model", "a", ""]) == ["model", "a    ", "     "]
