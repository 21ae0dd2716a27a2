"""The Responses API: a stream says what the whole response says, and no shape breaks the decoder or the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from llmring._core.http import HttpReply
from llmring._core.request import NormalRequest
from llmring._gen.response import LLMResponse
from llmring.exceptions import LLMRingError, ProviderError
from llmring.protocols import openai_responses
from tests.protocols.shapes import anything, as_bytes, objects, pieces, spoiled
from tests.protocols.wire import cut, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
CITATION = st.fixed_dictionaries(
    {"type": st.just("url_citation"), "url": TEXT, "title": TEXT, "start_index": st.integers(0, 9), "end_index": st.integers(0, 9)}
)
TOKEN = st.fixed_dictionaries({"token": TEXT, "logprob": st.floats(-9, 0)})
SAID = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("output_text"),
            "text": TEXT,
            "annotations": st.lists(CITATION, max_size=2),
            "logprobs": st.lists(TOKEN, max_size=2),
        }
    ),
    st.fixed_dictionaries({"type": st.just("refusal"), "refusal": TEXT}),
)
ITEM = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("message"), "role": st.just("assistant"), "content": st.lists(SAID, max_size=3)},
        optional={"phase": st.sampled_from([None, "commentary", "final_answer"])},
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("reasoning"),
            "summary": st.lists(st.fixed_dictionaries({"type": st.just("summary_text"), "text": TEXT}), max_size=3),
        },
        optional={
            "encrypted_content": TEXT,
            "content": st.lists(st.fixed_dictionaries({"type": st.just("reasoning_text"), "text": TEXT}), max_size=2),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("function_call"), "name": TEXT, "arguments": st.one_of(st.just(""), st.just('{"a": 1}'), TEXT)},
        optional={"namespace": TEXT},
    ),
    st.fixed_dictionaries({"type": st.just("custom_tool_call"), "name": TEXT, "input": TEXT}),
    st.fixed_dictionaries({"type": st.just("web_search_call"), "action": st.just({"type": "search"})}),
    st.fixed_dictionaries({"type": st.just("image_generation_call"), "result": st.sampled_from(["AA==", "?", None])}),
)
USAGE = st.fixed_dictionaries(
    {"input_tokens": st.integers(0, 99), "output_tokens": st.integers(0, 99), "output_tokens_details": st.just({"reasoning_tokens": 3})}
)
ENDINGS = st.sampled_from([("completed", None), ("incomplete", "max_output_tokens"), ("incomplete", "content_filter"), ("cancelled", None)])


@st.composite
def responses(draw: DrawFn) -> dict[str, Any]:
    """Make a whole response."""
    output: list[dict[str, Any]] = draw(st.lists(ITEM, max_size=5))
    for at, item in enumerate(output):
        item["id"] = f"item_{at}"
        if "name" in item:
            item["call_id"] = f"call_{at}"
    status, reason = draw(ENDINGS)
    return {
        "id": "resp_1",
        "object": "response",
        "model": "m",
        "status": status,
        "incomplete_details": reason and {"reason": reason},
        "output": output,
        "usage": draw(st.none() | USAGE),
        "service_tier": draw(st.sampled_from([None, "default"])),
    }


@st.composite
def told(draw: DrawFn, response: dict[str, Any]) -> list[dict[str, Any]]:
    """Tell *response* event by event, some of which a server may leave out."""
    events: list[dict[str, Any]] = [{"type": "response.created", "response": {**response, "output": [], "usage": None}}]
    way = draw(st.sampled_from(["all", "no deltas", "only the end"]))
    for at, item in enumerate(response["output"]):
        begun: dict[str, Any] = {
            key: [] if isinstance(value, list) else value for key, value in item.items() if key not in {"arguments", "input", "result"}
        }
        place = {"output_index": at, "item_id": item["id"]}
        events.append({"type": "response.output_item.added", "item": begun, **place})
        if way == "all":
            events += [{"type": f"response.{name}.delta", "delta": each, **part, **place} for name, part, each in draw(spoken(item))]
            events += [
                {"type": "response.output_text.annotation.added", **each, **place} for each in cited(item)[: draw(st.integers(0, 5))]
            ]
        if way != "only the end":
            events.append({"type": "response.output_item.done", "item": item, **place})
        events.append({"type": "keepalive"})
    return [*events, {"type": f"response.{response['status']}", "response": response}]


def cited(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the citations of a message's texts, by their places."""
    parts: list[dict[str, Any]] = item["content"] if item["type"] == "message" else []
    return [{"content_index": at, "annotation": each} for at, part in enumerate(parts) for each in part.get("annotations", ())]


@st.composite
def spoken(draw: DrawFn, item: dict[str, Any]) -> list[tuple[str, dict[str, Any], str]]:
    """Cut the texts of *item* into deltas: what they extend, which part of it, and how."""
    return [(name, part, piece) for name, part, text in texts(item) for piece in draw(pieces(text))]


def texts(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give the texts of *item* that are streamed."""
    match item["type"]:
        case "message":
            for at, part in enumerate(item["content"]):
                yield "output_text" if "text" in part else "refusal", {"content_index": at}, part.get("text") or part["refusal"]
        case "reasoning":
            yield from (("reasoning_summary_text", {"summary_index": at}, part["text"]) for at, part in enumerate(item["summary"]))
            yield from (("reasoning_text", {"content_index": at}, part["text"]) for at, part in enumerate(item.get("content", [])))
        case "function_call":
            yield "function_call_arguments", {}, item["arguments"]
        case "custom_tool_call":
            yield "custom_tool_call_input", {}, item["input"]
        case _:
            pass


def sse(frames: list[dict[str, Any]]) -> bytes:
    """Write *frames* as a stream."""
    return b"".join(b"data: " + as_bytes(frame) + b"\n\n" for frame in frames)


@given(responses().flatmap(lambda body: st.tuples(st.just(body), told(body))), st.integers(0, 99), st.integers(1, 300))
def test_a_stream_says_what_the_whole_says(both: tuple[dict[str, Any], list[dict[str, Any]]], seed: int, longest: int) -> None:
    """Folding the events of a stream gives the same response as decoding the whole."""
    body, frames = both
    outcome = stream(openai_responses, cut(sse(frames), seed, longest))
    assert outcome.error is None
    assert outcome.ended
    assert outcome.response == openai_responses.decode(HttpReply(200, {}, as_bytes(body)))


WHOLE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "model": "m",
    "status": "incomplete",
    "incomplete_details": {"reason": "max_output_tokens"},
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"text": "s"}], "content": [{"text": "c"}], "encrypted_content": "x"},
        {
            "type": "message",
            "id": "msg_1",
            "phase": "commentary",
            "content": [
                {"type": "output_text", "text": "t", "annotations": [{"type": "url_citation", "url": "u"}], "logprobs": [{"token": "t"}]},
                {"type": "refusal", "refusal": "no"},
            ],
        },
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}", "namespace": "n"},
        {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_2", "name": "g", "input": "x"},
        {"type": "image_generation_call", "id": "ig_1", "result": "AA==", "output_format": "png"},
    ],
    "usage": {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 1}, "output_tokens_details": {"reasoning_tokens": 1}},
}
MESSAGE: dict[str, Any] = WHOLE["output"][1]
PLACE: dict[str, Any] = {"output_index": 0, "item_id": "x", "content_index": 0, "summary_index": 0, "delta": "d"}
FRAMES: list[dict[str, Any]] = [
    {"type": "response.created", "response": WHOLE},
    {"type": "response.completed", "response": WHOLE},
    *({"type": "response.output_item.added", "item": item, **PLACE} for item in WHOLE["output"]),
    *({"type": "response.output_item.done", "item": item, **PLACE} for item in WHOLE["output"]),
    *(
        {"type": f"response.{name}.delta", **PLACE}
        for name in (
            "output_text",
            "refusal",
            "reasoning_summary_text",
            "reasoning_text",
            "function_call_arguments",
            "custom_tool_call_input",
        )
    ),
    {"type": "response.output_text.annotation.added", "annotation": MESSAGE["content"][0]["annotations"][0], **PLACE},
    {"type": "error", "error": {"message": "m", "code": "c"}},
]


@given(st.one_of(objects, spoiled(WHOLE)))
def test_no_shape_breaks_a_whole_response_or_its_way_back(body: dict[str, Any]) -> None:
    """Whatever JSON comes gives a response, ready to be sent again, or one of our errors."""
    try:
        response = openai_responses.decode(HttpReply(200, {}, as_bytes(body)))
    except LLMRingError:
        return
    assert LLMResponse.from_dict(response.to_dict()).content == response.content
    assert response.message is not None
    openai_responses.encode(NormalRequest(messages=(response.message,)), "m")


@given(st.lists(st.one_of(objects, spoiled(*FRAMES), st.sampled_from(FRAMES)), max_size=6))
def test_no_shape_breaks_a_stream(frames: list[dict[str, Any]]) -> None:
    """Whatever JSON comes gives events or one of our errors."""
    stream(openai_responses, [sse(frames)])


@given(st.one_of(anything.map(as_bytes), st.binary()), st.sampled_from([400, 404, 429, 500]))
def test_no_body_breaks_an_error(body: bytes, status: int) -> None:
    """Whatever comes with an error status is an error of that status."""
    error = openai_responses.decode_error(HttpReply(status, {}, body))
    assert isinstance(error, ProviderError)
    assert error.status_code == status
