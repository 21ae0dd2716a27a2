"""Chat completions decode in all the spellings that servers have for them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from llmring._core.http import HttpReply
from llmring._gen.message import AudioPart, Citation, ImagePart, OpaquePart, ReasoningPart, TextPart
from llmring._gen.stream import ReasoningDelta, TextDelta, ToolCallComplete, ToolCallDelta
from llmring.exceptions import InvalidRequestError, ProviderAuthenticationError, ProviderError, ProviderResponseError, ProviderServerError
from llmring.protocols import openai_chat
from tests.protocols.wire import Outcome, stream

if TYPE_CHECKING:
    from llmring._gen.response import LLMResponse


def whole(message: Any = None, *, reason: str | None = "stop", **beside: Any) -> LLMResponse[Any]:
    """Decode an answer of one choice that says *message*."""
    body = {"id": "id", "model": "m", "choices": [{"message": message, "finish_reason": reason}], **beside}
    return openai_chat.decode(HttpReply(200, {"x": "y"}, json.dumps(body).encode()))


def streamed(*frames: dict[str, Any], done: bool = True) -> Outcome:
    """Decode a stream of *frames*."""
    data = [b"data: " + json.dumps(frame).encode() + b"\n\n" for frame in frames]
    return stream(openai_chat, [*data, b"data: [DONE]\n\n"] if done else data)


def deltas(*said: dict[str, Any], reason: str = "stop") -> LLMResponse[Any]:
    """Decode a stream of one choice that says *said*, piece by piece."""
    frames = [{"choices": [{"index": 0, "delta": each}]} for each in said]
    outcome = streamed(*frames, {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    assert outcome.error is None
    assert outcome.response is not None
    return outcome.response


# --- whole answers -------------------------------------------------------------------------------


def test_what_stands_beside_the_choices_is_kept() -> None:
    """Model, id, tier, headers and body stay readable."""
    response = whole({"content": "Hi"}, service_tier="flex")
    assert (response.content, response.model, response.id, response.service_tier) == ("Hi", "m", "id", "flex")
    assert response.headers == {"x": "y"}
    assert response.raw["choices"][0]["message"] == {"content": "Hi"}


@pytest.mark.parametrize(
    "reason,calls,unified",
    [
        ("stop", False, "stop"),
        ("eos", False, "stop"),
        ("stop", True, "tool_calls"),
        ("tool_call", True, "tool_calls"),
        ("length", True, "length"),
        ("model_length", False, "length"),
        ("content_filter", False, "content_filter"),
        ("MAX_TOKENS", False, "length"),
        ("something", False, "other"),
        ("", False, None),
        (None, True, "tool_calls"),
    ],
)
def test_reasons_are_unified(reason: str | None, calls: bool, unified: str | None) -> None:  # noqa: FBT001 - a column
    """Many words, few meanings; the server's own stays beside."""
    response = whole({"tool_calls": [{"id": "c", "function": {"name": "f"}}] if calls else None}, reason=reason)
    assert response.finish_reason == unified
    assert response.raw_finish_reason == (reason or None)


def test_a_refusal_is_told_apart_from_an_answer() -> None:
    """Its words are no content, and it is why the model stopped."""
    response = whole({"content": None, "refusal": "I can't."})
    assert (response.content, response.refusal, response.finish_reason) == ("", "I can't.", "refusal")


@pytest.mark.parametrize("content", [{"a": 1}, 5, True])
def test_content_that_is_no_text_is_its_json(content: Any) -> None:
    """Some servers decode the model's JSON before they send it."""
    assert whole({"content": content}).content == json.dumps(content, separators=(",", ":"))


def test_content_may_come_in_parts() -> None:
    """Mistral's thinking, text and images; what nobody knows goes back as it came."""
    reference = {"type": "reference", "reference_ids": [1]}
    content = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Well"}, {"type": "text"}]},
        {"type": "thinking", "thinking": ", so"},
        {"type": "text", "text": "A"},
        "B",
        reference,
        {"type": "image_url", "image_url": "https://x/y.png"},
        7,
    ]
    response = whole({"content": content})
    assert response.reasoning == "Well, so"
    assert response.content == "AB7"
    assert response.message is not None
    assert response.message.content == [
        ReasoningPart(text="Well, so", protocol="openai_chat", native={"thinking": None}),
        TextPart(text="AB"),
        OpaquePart(protocol="openai_chat", data=reference),
        ImagePart(url="https://x/y.png"),
        TextPart(text="7"),
    ]


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_reasoning_keeps_the_name_it_came_under(name: str) -> None:
    """Both spellings are readable, and known again when the turn goes back."""
    response = whole({"content": "4", name: "2+2"})
    assert response.reasoning == "2+2"
    assert response.message is not None
    assert response.message.content == [ReasoningPart(text="2+2", protocol="openai_chat", native={name: None}), TextPart(text="4")]


def test_reasoning_details_go_back_as_they_came() -> None:
    """They are readable where no plain spelling is beside them; a summary is none."""
    details = [
        {"type": "reasoning.text", "text": "Hm", "signature": "s", "index": 0},
        {"type": "reasoning.encrypted", "data": "x", "id": None, "index": 1},
        {"type": "reasoning.summary", "summary": "short"},
    ]
    response = whole({"content": "4", "reasoning_details": details})
    assert response.reasoning == "Hm"
    assert response.message is not None
    assert isinstance(response.message.content, list)
    assert response.message.content[0] == ReasoningPart(text="Hm", protocol="openai_chat", native={"reasoning_details": details})
    assert whole({"reasoning": None, "reasoning_details": details[1:]}).reasoning is None


def test_sources_are_citations() -> None:
    """OpenAI's annotations, and what Perplexity keeps beside the choices."""
    annotation = {"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 1, "end_index": 2, "content": "c"}}
    cited = whole({"content": "Hi", "annotations": [annotation, {"type": "file", "file": {}}]}).citations
    assert cited[0] == Citation(url="u", title="t", cited_text="c", start=1, end=2, source=annotation)
    result = {"url": "u", "title": "t", "snippet": "s"}
    assert whole({"content": "Hi"}, citations=["u"], search_results=[result]).citations == [
        Citation(url="u", title="t", cited_text="s", source=result)
    ]
    assert whole({"content": "Hi"}, citations=["u", 3]).citations == [Citation(url="u")]


def test_sound_and_images_are_parts() -> None:
    """Bytes are decoded, the sound's id is kept for the next turn."""
    audio = {"id": "a", "data": base64.b64encode(b"sound").decode(), "transcript": "Hi"}
    response = whole({"content": None, "audio": audio, "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]})
    assert response.message is not None
    assert response.message.content == [ImagePart(url="data:image/png;base64,AA"), AudioPart(data=b"sound", file_id="a", transcript="Hi")]


@pytest.mark.parametrize("audio", [{"id": "", "data": "", "transcript": ""}, {"id": "a", "data": "no base64"}, "odd"])
def test_empty_sound_is_none(audio: Any) -> None:
    """Some servers send an empty object; what is no base64 is no sound."""
    message = whole({"content": "Hi", "audio": audio}).message
    assert message is not None
    assert message.content == "Hi"


def test_log_probabilities_are_given_as_they_are() -> None:
    """With every list that the server has."""
    logprobs = {"content": [{"token": "a"}], "refusal": None}
    body = {"choices": [{"message": {"content": "a"}, "logprobs": logprobs}]}
    assert openai_chat.decode(HttpReply(200, {}, json.dumps(body).encode())).logprobs == logprobs


def test_several_choices() -> None:
    """Each keeps its number; the first one is the response's own."""
    body = {"choices": [{"index": 1, "message": {"content": "b"}}, {"index": 0, "message": {"content": "a"}}, "odd"]}
    response = openai_chat.decode(HttpReply(200, {}, json.dumps(body).encode()))
    assert response.content == "a"
    assert [(choice.index, choice.content) for choice in response.choices] == [(0, "a"), (1, "b")]


def test_no_choice_is_an_empty_answer() -> None:
    """An empty list is an answer that says nothing."""
    assert openai_chat.decode(HttpReply(200, {}, b'{"choices": []}')).content == ""


# --- tool calls ----------------------------------------------------------------------------------


def test_calls_of_a_message_are_never_merged() -> None:
    """Whatever ids and indexes say, each entry is a call; missing ids are made up."""
    calls = [
        {"id": "", "index": 0, "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"index": 0, "function": {"name": "f", "arguments": {"a": 2}}},
        {"id": "call_1", "function": {"name": "g", "arguments": None}},
        {"id": "c", "type": "custom", "custom": {"name": "sql", "input": "select 1"}},
        {"id": 7, "function": {"name": "h", "arguments": "null"}, "extra_content": {"google": {"thought_signature": "sig"}}},
    ]
    got = whole({"tool_calls": calls}).tool_calls
    assert [call.id for call in got] == ["call_0", "call_2", "call_1", "c", "7"]
    assert [call.raw_arguments for call in got] == ['{"a": 1}', '{"a":2}', "", "select 1", "null"]
    assert [call.arguments for call in got] == [{"a": 1}, {"a": 2}, {}, None, None]
    assert [call.kind for call in got] == ["function", "function", "function", "custom", "function"]
    assert got[4].signature == "sig"


def test_a_legacy_function_call_is_a_call() -> None:
    """Old models have one call, without id; some servers send an empty one."""
    assert whole({"function_call": {"name": "f", "arguments": "{}"}}, reason="function_call").tool_calls[0].name == "f"
    assert whole({"content": "Hi", "function_call": {"name": "", "arguments": ""}}).tool_calls == []
    response = deltas({"function_call": {"name": "f"}}, {"function_call": {"arguments": "{}"}}, {"function_call": {"name": ""}})
    assert [(call.name, call.raw_arguments) for call in response.tool_calls] == [("f", "{}")]


def call(arguments: str = "", **told: Any) -> dict[str, Any]:
    """Make a delta with one fragment of a call."""
    name = told.pop("name", None)
    return {"tool_calls": [{**told, "function": {"arguments": arguments, **({} if name is None else {"name": name})}}]}


def test_fragments_are_joined_by_index() -> None:
    """Two calls may be written in turn; names and ids may be repeated, blank or null."""
    response = deltas(
        call(index=0, id="a", name="f"),
        call(index=1, id="b", name="g"),
        call('{"x"', index=0, id="", name=""),
        call('{"y"', index=1, id="b", name="g"),
        call(":1}", index=0, id=None),
        call(":2}", index=1),
        call(index=1),
        reason="tool_calls",
    )
    assert [(call.id, call.name, call.raw_arguments) for call in response.tool_calls] == [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')]


def test_two_ids_under_one_index_are_two_calls() -> None:
    """Servers that number badly give every call the same index."""
    response = deltas(call('{"x":1}', index=0, id="a", name="f"), call('{"x":2}', index=0, id="b", name="f"))
    assert [(call.id, call.arguments) for call in response.tool_calls] == [("a", {"x": 1}), ("b", {"x": 2})]


def test_whole_calls_without_ids_under_one_index_are_several() -> None:
    """A name and arguments after a whole object begin another call."""
    response = deltas(call('{"x":1}', index=0, name="f"), call('{"x":2}', index=0, name="f"))
    assert [call.arguments for call in response.tool_calls] == [{"x": 1}, {"x": 2}]


def test_a_name_repeated_with_every_piece_is_one_call() -> None:
    """As long as what came is no whole object, the pieces belong together."""
    response = deltas(call('{"x"', index=0, name="f"), call(":1}", index=0, name="f"), call(index=0, name="f"))
    assert [call.arguments for call in response.tool_calls] == [{"x": 1}]


def test_fragments_without_index_follow_the_last_name() -> None:
    """A name begins a call, all else goes on with the last one; an id may come late."""
    response = deltas(
        call('{"x"', name="f", id="a"),
        call(":1", id="a", name="f"),
        call("}"),
        call("{}", name="g"),
        call(id="late"),
    )
    assert [(call.id, call.name, call.arguments) for call in response.tool_calls] == [("a", "f", {"x": 1}), ("late", "g", {})]
    assert deltas(call("{}")).tool_calls[0].name == ""


def test_events_tell_of_calls_as_they_are_written() -> None:
    """First id and name, then pieces of the arguments, then the whole."""
    outcome = streamed({"choices": [{"delta": call(index=0, id="a", name="f")}]}, {"choices": [{"delta": call("{}", index=0)}]})
    told = [event for event in outcome.events if isinstance(event, (ToolCallDelta, ToolCallComplete))]
    assert told[:2] == [ToolCallDelta(id="a", name="f"), ToolCallDelta(arguments="{}")]
    assert isinstance(told[2], ToolCallComplete)
    assert len(told) == 3


def test_glued_arguments_stay_readable_as_they_are() -> None:
    """Two objects in one text are no object."""
    (got,) = whole({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}{}"}}]}).tool_calls
    assert (got.arguments, got.raw_arguments) == (None, "{}{}")


# --- streams -------------------------------------------------------------------------------------


def test_text_comes_as_it_is_written() -> None:
    """Empty deltas and deltas that are none say nothing."""
    outcome = streamed(
        {"id": "id", "model": "m", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
        {"choices": [{"index": 0, "delta": {"content": "Hi"}}]},
        {"choices": [{"index": 0, "delta": {"content": ""}}]},
        {"choices": [{"index": 0, "delta": None}, "odd"]},
        {"object": "keepalive"},
        {"choices": [{"index": 0, "delta": {"content": " you"}, "finish_reason": "stop"}], "service_tier": "default"},
    )
    assert [event.delta for event in outcome.events] == ["Hi", " you", ""]
    assert outcome.response is not None
    assert (outcome.response.id, outcome.response.model, outcome.response.service_tier) == ("id", "m", "default")
    assert outcome.ended


def test_a_stream_without_end_is_noticed() -> None:
    """Without a reason for every choice or an end marker, something is missing."""
    said = {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}
    other = {"choices": [{"index": 1, "delta": {"content": "Hi"}}]}
    assert streamed(said, done=False).ended
    assert not streamed(said, other, done=False).ended
    assert streamed(said, other).ended
    assert not streamed(done=False).ended


def test_content_may_turn_from_list_to_text() -> None:
    """As Mistral's does when it has thought enough."""
    response = deltas({"content": [{"type": "thinking", "thinking": [{"text": "So"}]}]}, {"content": "4"})
    assert (response.reasoning, response.content) == ("So", "4")


def test_reasoning_details_are_joined() -> None:
    """Pieces with the same index and type are one; null tells nothing new."""
    response = deltas(
        {"reasoning": "A", "reasoning_details": [{"type": "reasoning.text", "text": "A", "format": "f", "index": 0}]},
        {"reasoning": "B", "reasoning_details": [{"type": "reasoning.text", "text": "B", "format": None, "index": 0}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "x", "index": 0}]},
        {"reasoning": None, "reasoning_details": []},
        {"content": "4"},
    )
    assert response.reasoning == "AB"
    assert response.message is not None
    assert isinstance(response.message.content, list)
    part = response.message.content[0]
    assert isinstance(part, ReasoningPart)
    assert part.native == {
        "reasoning": None,
        "reasoning_details": [
            {"type": "reasoning.text", "text": "AB", "format": "f", "index": 0},
            {"type": "reasoning.encrypted", "data": "x", "index": 0},
        ],
    }


def test_an_opaque_signature_of_a_message_is_kept() -> None:
    """Gemini's compatible endpoint signs the message as a whole."""
    extra = {"google": {"thought_signature": "s"}}
    response = deltas({"content": "4", "extra_content": extra})
    assert response.message is not None
    assert isinstance(response.message.content, list)
    assert response.message.content[1] == ReasoningPart(protocol="openai_chat", native={"extra_content": extra})
    assert response.reasoning is None


def test_sound_comes_in_pieces_of_base64() -> None:
    """Each piece is padded by itself."""
    response = deltas(
        {"audio": {"id": "a", "transcript": "H"}}, {"audio": {"data": "AA=="}}, {"audio": {"data": "AQ==", "transcript": "i"}}
    )
    assert response.message is not None
    assert response.message.content == [AudioPart(data=b"\0\1", file_id="a", transcript="Hi")]


def test_log_probabilities_go_on_from_chunk_to_chunk() -> None:
    """Lists are joined; null changes nothing."""
    outcome = streamed(
        {"choices": [{"delta": {}, "logprobs": {"content": [1], "refusal": None}}]},
        {"choices": [{"delta": {}, "logprobs": {"content": [2], "refusal": None}}]},
        {"choices": [{"delta": {}, "logprobs": {"content": None, "refusal": [3]}, "finish_reason": "stop"}]},
    )
    assert outcome.response is not None
    assert outcome.response.logprobs == {"content": [1, 2], "refusal": [3]}


@pytest.mark.parametrize(
    "frame",
    [
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
        {"choices": [], "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}},
        {"choices": [{"delta": {}, "usage": {"prompt_tokens": 3, "completion_tokens": 4}}]},
    ],
)
def test_the_last_usage_counts(frame: dict[str, Any]) -> None:
    """Wherever it stands; earlier ones are replaced, never added."""
    early = {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 1}}
    outcome = streamed(early, frame, {"choices": [], "usage": "odd"})
    assert outcome.response is not None
    assert (outcome.response.usage.input_tokens, outcome.response.usage.output_tokens) == (3, 4)


def test_usage_comes_once() -> None:
    """Only the last ending carries it; a stream without usage has none."""
    body: dict[str, Any] = {"choices": [{"index": 0, "delta": {}}, {"index": 1, "delta": {}}], "usage": {"prompt_tokens": 1}}
    assert [event.usage is not None for event in streamed(body).events] == [False, True]
    assert streamed({"choices": []}).events[-1].usage is None


def test_reasoning_is_one_block_of_its_own() -> None:
    """However it is mixed with text."""
    outcome = streamed({"choices": [{"delta": {"content": "a", "reasoning": "b"}}]})
    assert outcome.events[:2] == (ReasoningDelta(reasoning="b", block=0), TextDelta(delta="a"))


# --- usage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw,counted",
    [
        ({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}, {"input": 5, "output": 2}),
        ({"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}, {"input": 5, "output": 2, "read": 4}),
        ({"prompt_tokens": 5, "prompt_cache_hit_tokens": 3}, {"input": 5, "read": 3}),
        ({"prompt_tokens": 5, "cached_tokens": 3, "prompt_tokens_details": None}, {"input": 5, "read": 3}),
        ({"prompt_tokens": 5, "cache_creation_input_tokens": 2, "cache_read_input_tokens": 1}, {"input": 5, "read": 1, "write": 2}),
        (
            {
                "prompt_tokens": 5,
                "completion_tokens": 2,
                "total_tokens": 17,
                "completion_tokens_details": {"reasoning_tokens": 10},
            },
            {"input": 5, "output": 12, "reasoning": 10},
        ),
        ({"prompt_tokens": 35, "completion_tokens": 12, "total_tokens": 109}, {"input": 35, "output": 74}),
        (
            {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 9, "prompt_tokens_details": {"cached_tokens": 2}},
            {"input": 5, "output": 2, "read": 2},
        ),
        ({"prompt_tokens": -5, "completion_tokens": True, "total_tokens": "7"}, {}),
        ({"prompt_tokens": 5.0, "completion_tokens": 2.5}, {"input": 5}),
    ],
)
def test_usage_is_rebased(raw: dict[str, Any], counted: dict[str, int]) -> None:
    """Input with what was cached, output with what was thought, whatever the vendor calls it."""
    usage = whole({"content": "Hi"}, usage=raw).usage
    wanted = {"input": 0, "output": 0, "read": 0, "write": 0, "reasoning": 0} | counted
    assert {
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "read": usage.cache_read_tokens,
        "write": usage.cache_write_tokens,
        "reasoning": usage.reasoning_tokens,
    } == wanted
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body,told",
    [
        ({"error": {"message": "no", "type": "t", "code": "c", "param": "p"}}, ("no", "t", "c", "p")),
        ({"error": {"message": "no", "code": 400}}, ("no", None, "400", None)),
        ({"error": "no", "code": "c"}, ("no", None, "c", None)),
        ({"message": "no", "type": "t", "code": "1000"}, ("no", "t", "1000", None)),
        ({"detail": "no"}, ("no", None, None, None)),
        ({"detail": [{"msg": "no"}]}, ('[{"msg":"no"}]', None, None, None)),
        ({"errors": [{"message": "no", "code": 7}]}, ("no", None, "7", None)),
        ([{"error": {"message": "no"}}], ("no", None, None, None)),
        ([], ("[]", None, None, None)),
        ({"other": 1}, ('{"other":1}', None, None, None)),
    ],
)
def test_error_bodies_are_read_in_all_their_shapes(body: Any, told: tuple[str | None, ...]) -> None:
    """Message, type, code and parameter are found wherever they stand."""
    error = openai_chat.decode_error(HttpReply(400, {}, json.dumps(body).encode()))
    assert (error.message, error.type, error.code, error.param) == told
    assert error.body == body


def test_an_error_that_is_no_json_is_its_own_message() -> None:
    """A gateway's plain words are all there is; ids come from body or headers."""
    error = openai_chat.decode_error(HttpReply(503, {"x-request-id": "r", "retry-after": "2"}, b"upstream \xff"))
    assert (error.message, error.request_id, error.retry_after) == ("upstream \ufffd", "r", 2.0)
    assert openai_chat.decode_error(HttpReply(401, {}, b'{"message": "no", "request_id": "b"}')).request_id == "b"


def test_a_200_may_hold_an_error() -> None:
    """Beside the choices, inside one, or in their stead."""
    wanted: tuple[tuple[dict[str, Any], type[ProviderError]], ...] = (
        ({"error": {"message": "no", "code": 502}}, ProviderServerError),
        ({"error": {"message": "no", "code": 401}, "choices": []}, ProviderAuthenticationError),
        ({"choices": [{"error": {"message": "no", "code": "invalid", "type": "invalid_request_error"}}]}, InvalidRequestError),
        ({"error": "no"}, ProviderServerError),
        ({"object": "error", "message": "no", "type": "invalid_request_error"}, InvalidRequestError),
    )
    for body, kind in wanted:
        with pytest.raises(kind, match="no") as caught:
            openai_chat.decode(HttpReply(200, {}, json.dumps(body).encode()))
        assert caught.value.status_code == 200
        assert isinstance(streamed(body).error, kind)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"choices": null}'])
def test_what_is_no_answer_is_told(body: bytes) -> None:
    """A typed error, with the body at hand."""
    with pytest.raises(ProviderResponseError):
        openai_chat.decode(HttpReply(200, {}, body))
