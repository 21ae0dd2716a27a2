"""Streams read by any protocol: bytes cut anywhere, ends that come and do not come, failures and what came before them."""

from __future__ import annotations

import json
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.accumulate import Accumulator
from llmring._gen.stream import Finish, TextDelta
from llmring.exceptions import ProviderConnectionError, ProviderResponseError, ProviderServerError
from llmring.protocols.stream import Reading

if TYPE_CHECKING:
    from llmring._gen.stream import StreamEvent


@attrs.define
class State:
    """What a protocol keeps."""

    done: bool = False
    said: int = 0


def events(state: State, frame: dict[str, Any]) -> list[StreamEvent]:
    """Translate one frame: ``say`` words, ``stop``, or ``fail``."""
    state.done = state.done or "stop" in frame
    if "fail" in frame:
        raise ProviderServerError(frame["fail"], status_code=200)
    state.said += "say" in frame
    return [TextDelta(delta=frame["say"])] if "say" in frame else []


def finish(state: State) -> list[StreamEvent]:
    """Say how much was said."""
    return [Finish(finish_reason="stop", raw_finish_reason=str(state.said))]


def protocol(framing: str) -> ModuleType:
    """Make a wire format."""
    module = ModuleType("wire")
    vars(module).update(FRAMING=framing, start=State, events=events, finish=finish)
    return module


def wire(framing: str, *frames: dict[str, Any] | str) -> bytes:
    """Put *frames* on the wire."""
    texts = [frame if isinstance(frame, str) else json.dumps(frame) for frame in frames]
    return "".join(f"data: {text}\n\n" if framing == "sse" else f"{text}\n" for text in texts).encode()


def read(framing: str, *pieces: bytes) -> tuple[list[StreamEvent], Reading, Accumulator]:
    """Read *pieces* to the end."""
    accumulator = Accumulator("wire")
    reading = Reading(protocol(framing), accumulator)
    told = [event for piece in pieces for event in reading.read(piece)]
    return [*told, *reading.read(None)], reading, accumulator


HI: tuple[StreamEvent, ...] = (TextDelta(delta="H"), TextDelta(delta="i"), Finish(finish_reason="stop", raw_finish_reason="2"))
FRAMINGS = pytest.mark.parametrize("framing", ["sse", "ndjson"])


@FRAMINGS
def test_reads_to_the_end(framing: str) -> None:
    """Where a frame says that it is complete, the end is told at the end of the bytes."""
    told, reading, accumulator = read(framing, wire(framing, {"say": "H"}, {"say": "i", "stop": 1}))
    assert told == [*HI]
    assert (reading.over, reading.failure) == (True, None)
    assert accumulator.response().content == "Hi"


def test_an_end_marker_is_the_end() -> None:
    """What follows it is passed over, be it no JSON; and the end is told once."""
    told, reading, _ = read("sse", wire("sse", {"say": "H"}, {"say": "i"}, "[DONE]", {"say": "!"}, "{"), wire("sse", {"say": "!"}))
    assert told == [*HI]
    assert reading.failure is None


@given(st.lists(st.integers(0, 60), max_size=6), st.sampled_from(["sse", "ndjson"]))
def test_cuts_change_nothing(cuts: list[int], framing: str) -> None:
    """Wherever the bytes are cut, inside of a character too, the events are the same."""
    whole = wire(framing, {"say": "H"}, '{"say": "é\u2028"}', {"say": "i", "stop": 1})
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    pieces = [whole[start:end] for start, end in pairwise(places)]
    told, reading, accumulator = read(framing, *pieces)
    expected, _, folded = read(framing, whole)
    assert told == expected
    assert reading.failure is None
    assert accumulator.response() == folded.response()


@FRAMINGS
def test_a_stream_that_breaks_off_has_failed(framing: str) -> None:
    """Nobody is told of an end, but what is known counts for the partial response, in its order."""
    last = wire(framing, {"say": "i"}).rstrip(b"\n")
    told, reading, accumulator = read(framing, wire(framing, {"say": "H"}), last)
    assert told[0] == TextDelta(delta="H")
    assert not any(isinstance(event, Finish) for event in told)
    assert isinstance(reading.failure, ProviderConnectionError)
    assert "ended early" in reading.failure.message
    partial = accumulator.response()
    assert partial.content == "".join(event.delta for event in told)
    assert partial.finish_reason == "stop"


@FRAMINGS
def test_a_failure_inside_keeps_what_came_before(framing: str) -> None:
    """Events of the same piece are given, and the failure beside them."""
    accumulator = Accumulator("wire")
    reading = Reading(protocol(framing), accumulator)
    assert reading.read(wire(framing, {"say": "H"}, {"fail": "overheated"}, {"say": "i"})) == [TextDelta(delta="H")]
    assert isinstance(reading.failure, ProviderServerError)
    assert accumulator.response().content == "H"
    assert not reading.over


@FRAMINGS
def test_what_is_no_json_is_a_failure(framing: str) -> None:
    """Of the provider's."""
    reading = Reading(protocol(framing), Accumulator())
    assert reading.read(wire(framing, {"say": "H"}, "{nonsense")) == [TextDelta(delta="H")]
    assert isinstance(reading.failure, ProviderResponseError)


def test_blank_frames_are_passed_over() -> None:
    """They keep a connection alive."""
    told, reading, _ = read("sse", b": ping\n\n", wire("sse", "", {"say": "H"}, {"say": "i", "stop": 1}))
    assert told == [*HI]
    assert reading.failure is None


def test_leaving_keeps_what_was_told() -> None:
    """A stream that is read no further counts what its provider said beside the events, and nobody is told of an end."""
    accumulator = Accumulator()
    reading = Reading(protocol("sse"), accumulator)
    assert reading.read(wire("sse", {"say": "a"})) == [TextDelta(delta="a")]
    reading.leave()
    reading.leave()
    assert not reading.whole
    assert (accumulator.response().content, accumulator.response().raw_finish_reason) == ("a", "1")
    assert reading.read(wire("sse", {"say": "b"})) == []


def test_leaving_adds_nothing_to_the_answer() -> None:
    """Words that a protocol holds back to the end were never told, so they are no part of what is left."""

    def late(state: State) -> list[StreamEvent]:
        return [TextDelta(delta="held back"), *finish(state)]

    module = protocol("sse")
    vars(module)["finish"] = late
    accumulator = Accumulator()
    Reading(module, accumulator).leave()
    assert (accumulator.response().content, accumulator.response().raw_finish_reason) == ("", "0")


def test_leaving_at_the_end_changes_nothing() -> None:
    """What was read to its end is whole."""
    _, reading, accumulator = read("sse", wire("sse", {"say": "a"}, {"stop": 1}, "[DONE]"))
    before = accumulator.response()
    reading.leave()
    assert reading.whole
    assert accumulator.response() == before
