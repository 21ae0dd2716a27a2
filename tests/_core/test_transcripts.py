"""Conversations as lines: what was written is read again, and what a crash spoiled costs no more than itself."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.transcripts import (
    Transcript,
    back_line,
    chosen_line,
    first_words,
    header_line,
    open_calls,
    read_transcript,
    spoken,
    turns_line,
    whole,
)
from llmring.exceptions import ConfigurationError
from llmring.schemas import Cost, ImagePart, LLMResponse, Message, TextPart, ToolCall, ToolResultPart, Usage

HEAD = header_line("2026-11-27T22:00:00+00:00", "fast", "Be brief.")
ASKED = Message(role="user", content="Hi")
SAID = Message(role="assistant", content="Hello \u2028 there")
CALLS = Message(role="assistant", tool_calls=[ToolCall(id="1", name="a", arguments={}), ToolCall(id="2", name="b", arguments={})])
TOLD = [Message(role="tool", tool_call_id=name, content="done") for name in ("1", "2")]


def answer(cost: str | None) -> LLMResponse[None]:
    """Give an answer of ten tokens that cost so much."""
    price = None if cost is None else Cost(input=Decimal(0), output=Decimal(cost), total=Decimal(cost), price_id="p")
    return LLMResponse(model="openai:m", usage=Usage(input_tokens=7, output_tokens=3, total_tokens=10), cost=price)


def test_what_is_written_is_read() -> None:
    """Turns, model, instructions, tokens and cost; a line separator inside a text ends no line."""
    text = HEAD + turns_line([ASKED]) + turns_line([SAID], answer("0.01")) + turns_line([ASKED, SAID], answer(None))
    read = read_transcript(text + chosen_line("deep", "Be long."))
    assert (read.began, read.model, read.system) == ("2026-11-27T22:00:00+00:00", "deep", "Be long.")
    assert read.turns == [ASKED, SAID, ASKED, SAID]
    assert (read.answers, read.usage.total_tokens, read.cost, read.unpriced) == (2, 20, Decimal("0.01"), 1)
    assert (read.lost, read.unanswered) == (0, [])


@given(st.integers(0, 200))
def test_a_cut_anywhere_costs_the_line_that_it_cuts(cut: int) -> None:
    """All lines before it are there, and at most one is counted as lost."""
    lines = [HEAD, turns_line([ASKED, SAID]), turns_line([ASKED, SAID])]
    text = "".join(lines)
    kept = text[: max(len(HEAD), len(text) - cut)]
    read = read_transcript(kept)
    assert len(read.turns) >= 2 * (kept.count("\n") - 1)
    assert read.lost == (not kept.endswith("\n") and len(read.turns) < 2 * kept.count("\n"))


def test_goes_back() -> None:
    """Turns that were taken back are gone, what they used is not."""
    read = read_transcript(HEAD + turns_line([ASKED, SAID], answer("1")) + turns_line([ASKED]) + back_line(0))
    assert (read.turns, read.answers) == ([], 1)


@pytest.mark.parametrize(
    "line",
    [
        "nothing",
        "[1]",
        "{}",
        '{"turns": [{"role": "nobody"}]}',
        '{"turns": [], "usage": 3}',
        '{"turns": [], "cost": "much"}',
        '{"back": -1}',
        "[" * 9999,
    ],
)
def test_a_line_that_tells_nothing_is_counted(line: str) -> None:
    """Those around it hold."""
    read = read_transcript(HEAD + turns_line([ASKED]) + line + "\n" + turns_line([SAID]))
    assert (read.turns, read.lost) == ([ASKED, SAID], 1)


def test_what_has_no_answer_is_set_apart() -> None:
    """A question, and calls without all their results; what was answered before stays."""
    read = read_transcript(HEAD + turns_line([ASKED, SAID, ASKED, CALLS, TOLD[0]]))
    assert (len(read.turns), len(read.unanswered)) == (2, 3)


def test_where_a_conversation_can_go_on() -> None:
    """After an answer, and after the results of all calls."""
    assert whole([ASKED, CALLS, *TOLD]) == 4
    assert whole([ASKED, CALLS, TOLD[0]]) == 0
    assert whole([ASKED, SAID, ASKED]) == 2
    assert [call.id for call in open_calls([ASKED, CALLS, TOLD[0]])] == ["2"]
    assert open_calls([ASKED]) == []


def test_half_characters_are_replaced() -> None:
    """No UTF-8 carries them."""
    assert "caf?" in turns_line([Message(role="user", content="caf\udce9")])


@pytest.mark.parametrize("text, told", [("", "no conversation"), ('{"llmring.session": 2}', "version is 2"), ("{", "no conversation")])
def test_other_files_are_told_apart(text: str, told: str) -> None:
    """By their first line."""
    with pytest.raises(ConfigurationError, match=told):
        read_transcript(text)


def test_first_words_are_one_short_line() -> None:
    """Of the first question that says anything."""
    assert first_words([SAID, Message(role="user", content=" \n"), Message(role="user", content="One\n two ")]) == "One two"
    assert first_words([Message(role="user", content="word " * 30)], 20) == "word word word wo..."
    assert first_words([]) == ""


def test_tells_what_was_said() -> None:
    """Texts as they are, files by name or kind."""
    parts = [TextPart(text="Look"), ImagePart(path="a.png"), ImagePart(data=b"x", media_type="image/png")]
    assert spoken(Message(role="user", content=parts)) == "Look\n\n(a.png)\n\n(image)"
    assert spoken(CALLS) == ""
    results = [ToolResultPart(tool_call_id="1", content="done"), ToolResultPart(tool_call_id="2", content=[TextPart(text="a"), parts[2]])]
    assert spoken(Message(role="tool", tool_call_id="1", content=results)) == "done\n\na\n\n(image)"


def test_an_unknown_model_word_is_empty() -> None:
    """A header's words may be missing or wrong."""
    assert read_transcript('{"llmring.session": 1, "model": 3}') == Transcript()
