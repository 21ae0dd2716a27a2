"""Events folded into a response: text, thoughts, calls, parts, sources, refusals and ends, in the order in which they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.accumulate import Accumulator, fold
from llmring._gen.message import Citation, ImagePart, Message, OpaquePart, ReasoningPart, RefusalPart, TextPart
from llmring._gen.response import Choice, LLMResponse
from llmring._gen.stream import (
    CitationEvent,
    Finish,
    PartEvent,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from llmring._gen.tool import ToolCall
from llmring._gen.usage import Usage
from tests.models import model

if TYPE_CHECKING:
    from collections.abc import Sequence

CALL = ToolCall(id="1", name="f", arguments={"a": 1})
SOURCE = Citation(url="https://e.org")
IMAGE = ImagePart(data=b"x")
USAGE = Usage(input_tokens=3, output_tokens=4, total_tokens=7)
END = Finish(usage=USAGE, model="m", id="i", service_tier="t", warnings=["w"])
KINDS = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta, ToolCallComplete, CitationEvent, PartEvent, Finish)


def message(*events: StreamEvent) -> Message:
    """Fold *events* and give the turn."""
    return fold(events, protocol="p").message


def said(content: Any = None, *calls: ToolCall) -> Message:
    """Make the turn of an assistant."""
    return Message(role="assistant", content=content, tool_calls=[*calls])


TURNS: list[tuple[str, list[StreamEvent], Message]] = [
    ("nothing", [], said()),
    ("text", [TextDelta(delta="Hel"), TextDelta(delta="lo")], said("Hello")),
    ("empty text", [TextDelta(delta="")], said("")),
    ("a call alone", [ToolCallDelta(name="f"), ToolCallDelta(arguments="{"), ToolCallComplete(tool_call=CALL)], said(None, CALL)),
    ("a call after text", [TextDelta(delta="Hm"), ToolCallComplete(tool_call=CALL)], said("Hm", CALL)),
    ("a call before text", [ToolCallComplete(tool_call=CALL), TextDelta(delta="Hm")], said("Hm", attrs.evolve(CALL, at=0))),
    (
        "a call between texts",
        [TextDelta(delta="a"), ToolCallComplete(tool_call=CALL), TextDelta(delta="b")],
        said([TextPart(text="a"), TextPart(text="b")], attrs.evolve(CALL, at=1)),
    ),
    (
        "thoughts, then text",
        [ReasoningDelta(reasoning="h"), ReasoningDelta(reasoning="m"), TextDelta(delta="Hi")],
        said([ReasoningPart(text="hm"), TextPart(text="Hi")]),
    ),
    (
        "thoughts between texts",
        [TextDelta(delta="a"), ReasoningDelta(reasoning="hm"), TextDelta(delta="b")],
        said([TextPart(text="a"), ReasoningPart(text="hm"), TextPart(text="b")]),
    ),
    (
        "signed thoughts",
        [ReasoningDelta(reasoning="hm", signature="s1"), ReasoningDelta(signature="s2", id="i")],
        said([ReasoningPart(text="hm", signature="s1s2", id="i", protocol="p")]),
    ),
    (
        "redacted thoughts",
        [ReasoningDelta(data="d1", block=0), ReasoningDelta(data="d2", block=0), ReasoningDelta(data="x", block=1)],
        said([ReasoningPart(data="d1d2", protocol="p"), ReasoningPart(data="x", protocol="p")]),
    ),
    (
        "the last native item counts",
        [ReasoningDelta(native={"a": 1}), ReasoningDelta(native={"a": 2})],
        said([ReasoningPart(native={"a": 2}, protocol="p")]),
    ),
    (
        "numbered blocks, out of turn",
        [
            TextDelta(delta="a", block=0),
            TextDelta(delta="b", block=1),
            TextDelta(delta="A", block=0),
            ReasoningDelta(reasoning="hm", block=0),
        ],
        said([TextPart(text="aA"), TextPart(text="b"), ReasoningPart(text="hm")]),
    ),
    ("signed text", [TextDelta(delta="a"), TextDelta(delta="", signature="s")], said([TextPart(text="a", signature="s")])),
    ("a source", [TextDelta(delta="a"), CitationEvent(citation=SOURCE)], said([TextPart(text="a", citations=[SOURCE])])),
    (
        "a source of a numbered text",
        [TextDelta(delta="a", block=3), TextDelta(delta="b", block=4), CitationEvent(citation=SOURCE, block=3)],
        said([TextPart(text="a", citations=[SOURCE]), TextPart(text="b")]),
    ),
    ("a source before its text", [CitationEvent(citation=SOURCE), TextDelta(delta="a")], said([TextPart(text="a", citations=[SOURCE])])),
    ("a part", [TextDelta(delta="a"), PartEvent(part=IMAGE), TextDelta(delta="b")], said([TextPart(text="a"), IMAGE, TextPart(text="b")])),
    (
        "a part between thoughts",
        [ReasoningDelta(reasoning="a"), PartEvent(part=OpaquePart(protocol="p", data={})), ReasoningDelta(reasoning="b")],
        said([ReasoningPart(text="a"), OpaquePart(protocol="p", data={}), ReasoningPart(text="b")]),
    ),
    ("a refusal", [RefusalDelta(refusal="I "), RefusalDelta(refusal="won't")], said([RefusalPart(refusal="I won't")])),
    (
        "a refusal after text",
        [TextDelta(delta="Well,"), RefusalDelta(refusal="no"), ToolCallComplete(tool_call=CALL)],
        said([TextPart(text="Well,"), RefusalPart(refusal="no")], CALL),
    ),
]


@pytest.mark.parametrize("events, turn", [each[1:] for each in TURNS], ids=[each[0] for each in TURNS])
def test_makes_the_turn(events: list[StreamEvent], turn: Message) -> None:
    """Ready to be appended: text where that says all, parts otherwise, each call where it stood."""
    assert message(*events) == turn


def test_makes_the_response() -> None:
    """Content, thoughts, calls and sources by themselves, and what the end says."""
    events = [
        ReasoningDelta(reasoning="one", block=0),
        ReasoningDelta(data="opaque", block=1),
        ReasoningDelta(reasoning="two", block=2),
        TextDelta(delta="Hi", block=3),
        CitationEvent(citation=SOURCE, block=3),
        ToolCallComplete(tool_call=CALL),
        attrs.evolve(END, finish_reason="tool_calls", raw_finish_reason="tool_use", logprobs={"a": 1}),
    ]
    response = fold(events, protocol="p", raw={"r": 1}, headers={"h": "1"})
    assert response == LLMResponse(
        content="Hi",
        message=message(*events),
        tool_calls=[CALL],
        reasoning="one\n\ntwo",
        finish_reason="tool_calls",
        raw_finish_reason="tool_use",
        model="m",
        id="i",
        usage=USAGE,
        citations=[SOURCE],
        logprobs={"a": 1},
        service_tier="t",
        warnings=["w"],
    )
    assert (response.raw, response.headers) == ({"r": 1}, {"h": "1"})


def test_the_content_is_all_text() -> None:
    """Whatever stands between."""
    response = fold([TextDelta(delta="a"), PartEvent(part=IMAGE), TextDelta(delta="b")], protocol="p")
    assert (response.content, response.reasoning, response.refusal) == ("ab", None, None)
    assert fold([RefusalDelta(refusal="no")], protocol="p").refusal == "no"


def test_nothing_is_a_response_too() -> None:
    """Asked before the first event."""
    assert Accumulator().response() == LLMResponse(message=said())


def test_several_choices() -> None:
    """Each by its index; the first is the answer; the last usage and tier count, and all warnings."""
    response = fold(
        [
            TextDelta(delta="b", index=1),
            TextDelta(delta="a", index=0),
            Finish(index=1, finish_reason="length", usage=Usage(input_tokens=1), model="m", warnings=["w1"], service_tier="t"),
            Finish(index=0, finish_reason="stop", id="i", warnings=["w0"]),
            Finish(index=1, finish_reason="length", usage=USAGE, model="m", warnings=["w1"]),
        ],
        protocol="p",
    )
    assert response == LLMResponse(
        content="a",
        message=said("a"),
        finish_reason="stop",
        model="m",
        id="i",
        usage=USAGE,
        warnings=["w0", "w1"],
        choices=[
            Choice(index=0, message=said("a"), content="a", finish_reason="stop"),
            Choice(index=1, message=said("b"), content="b", finish_reason="length"),
        ],
    )


events_of: Any = st.lists(st.sampled_from(KINDS).flatmap(model), max_size=8)


@given(events_of, events_of)
def test_asking_early_changes_nothing(before: Sequence[StreamEvent], after: Sequence[StreamEvent]) -> None:
    """The response may be asked at any time; what was given then stays as it was."""
    accumulator = Accumulator("p")
    for event in before:
        accumulator.add(event)
    early = accumulator.response()
    again = fold(before, protocol="p")
    for event in after:
        accumulator.add(event)
    assert accumulator.response() == fold([*before, *after], protocol="p")
    assert early == again


@given(st.lists(st.text(max_size=3), max_size=6), st.integers(0, 6))
def test_pieces_do_not_matter(pieces: list[str], cut: int) -> None:
    """Text is the same, however it came; so are thoughts and their signatures."""
    whole = "".join(pieces)
    assert fold([TextDelta(delta=piece) for piece in pieces], protocol="p").content == whole
    halves: list[StreamEvent] = [
        ReasoningDelta(reasoning="x"),
        ReasoningDelta(signature="".join(pieces[:cut])),
        ReasoningDelta(signature="".join(pieces[cut:])),
    ]
    assert fold(halves, protocol="p").message == said([ReasoningPart(text="x", signature=whole, protocol="p")])


@given(events_of)
def test_the_turn_holds_what_the_response_says(events: Sequence[StreamEvent]) -> None:
    """Text, calls and refusal of the message are those of the response."""
    response = fold(events, protocol="p")
    turn = response.message
    assert turn is not None
    parts = turn.content if isinstance(turn.content, list) else [] if turn.content is None else [TextPart(text=turn.content)]
    first = min((event.index for event in events if not isinstance(event, ToolCallDelta)), default=0)
    own = [
        event.part.text for event in events if isinstance(event, PartEvent) and isinstance(event.part, TextPart) and event.index == first
    ]
    if not own:
        assert "".join(part.text for part in parts if isinstance(part, TextPart)) == response.content
    assert turn.tool_calls == response.tool_calls
    assert all(call.at is None or call.at < len(parts) for call in turn.tool_calls)


def test_calls_that_are_being_written_are_measured() -> None:
    """Until they are whole, so that what was paid for them can be estimated."""
    accumulator = Accumulator("p")
    for piece in ('{"a"', ": 1", "}"):
        accumulator.add(ToolCallDelta(arguments=piece))
        accumulator.add(ToolCallDelta(arguments=piece, index=1))
    assert accumulator.written == 16
    accumulator.add(ToolCallComplete(tool_call=ToolCall(id="1", name="f", arguments='{"a": 1}')))
    assert accumulator.written == 8
    assert accumulator.response().tool_calls[0].name == "f"
