"""Tables at the widths of terminals and files: nothing is lost, no line is too long."""

from __future__ import annotations

import pytest

from llmring.cli.tables import facts, table

ROWS = [
    ("summarizer", "anthropic:claude-haiku-4-5-20251001", "openai:gpt-5.4-mini, google:gemini-3.5-flash-lite", "0.75"),
    ("fast", "openai:gpt-5.4-mini", "-", "-"),
]
AT_80 = """\
alias       uses                             else                             $
summarizer  anthropic:claude-haiku-          openai:gpt-5.4-mini,          0.75
            4-5-20251001                     google:gemini-3.5-flash-lite
fast        openai:gpt-5.4-mini              -                                -
"""


@pytest.fixture
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """Let stdout be so many columns wide."""
    monkeypatch.setattr("llmring.cli.tables.width", lambda: request.param)
    return request.param


@pytest.mark.parametrize("columns", [64, 80, 120, None], indirect=True)
def test_nothing_is_lost_and_nothing_is_too_wide(columns: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    """Every word is there; a terminal's lines fit."""
    table(("alias", "uses", "else", "$"), ROWS)
    out = capsys.readouterr().out
    for row in ROWS:
        for cell in row:
            assert set(cell.replace(",", "").replace(" ", "")) <= set(out)
    assert max(map(len, out.splitlines())) < (columns or 1000)
    assert len(out.splitlines()) == 3 or (columns or 1000) < 120


@pytest.mark.parametrize("columns", [120], indirect=True)
def test_what_fits_is_not_folded(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each row, numbers on the right."""
    table(("alias", "uses", "$"), [("fast", "openai:gpt-5.4-mini", "0.75"), ("deep", "x:y", "10")])
    assert (
        capsys.readouterr().out == "alias  uses                    $\nfast   openai:gpt-5.4-mini  0.75\ndeep   x:y                    10\n"
    )


@pytest.mark.parametrize("columns", [40], indirect=True)
def test_facts_are_folded_behind_their_names(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Long ones go on below; lines of their own stay."""
    facts([("name", "one"), ("what", "word " * 12), ("", ""), ("two", "a\nb")])
    assert capsys.readouterr().out == (
        "name  one\nwhat  word word word word word word\n      word word word word word word\n\ntwo   a\n      b\n"
    )


def test_without_a_terminal_facts_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """However long."""
    facts([("name", "x " * 200)])
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("columns", [30], indirect=True)
def test_characters_of_two_columns_are_counted_as_such(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns stand below each other, and what is too wide is folded where a terminal would cut it."""
    table(("alias", "models"), [("日本", "x:y"), ("cafe\u0301", "x:y"), ("long", "日本語の" * 5)])
    assert capsys.readouterr().out.splitlines() == [
        "alias  models",
        "日本   x:y",
        "cafe\u0301   x:y",
        "long   日本語の日本語の日本語",
        "       の日本語の日本語の",
    ]
    facts([("日本", "x:y"), ("name", "x:y")])
    assert capsys.readouterr().out == "日本  x:y\nname  x:y\n"


@pytest.mark.parametrize("columns", [80, None], indirect=True)
def test_nothing_in_a_cell_steers_the_terminal(columns: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    """Names come from files of others."""
    table(("alias", "models"), [("a\x1b[2J\nb", "x:y")])
    facts([("name", "x\x1b[2J")])
    assert capsys.readouterr().out == "alias    models\na�[2J�b  x:y\nname  x�[2J\n"
