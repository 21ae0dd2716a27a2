"""Ollama's chat: a stream says what the whole says, requests take its shape, no shape breaks the decoder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.http import HttpReply
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import (
    AudioPart,
    DocumentPart,
    ImagePart,
    Message,
    OpaquePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolResultPart,
)
from llmring._gen.tool import Tool, ToolCall
from llmring.exceptions import (
    InvalidMessageError,
    InvalidRequestError,
    LLMRingError,
    ModelNotFoundError,
    ProviderError,
    ProviderResponseError,
    ProviderServerError,
    UnsupportedParameterError,
)
from llmring.protocols import ollama_chat
from tests.protocols.shapes import anything, as_bytes, objects, pieces, spoiled
from tests.protocols.wire import Outcome, cut, stream

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from llmring._gen.response import LLMResponse

HI = Message(role="user", content="Hi")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def whole(message: Any, **beside: Any) -> LLMResponse[Any]:
    """Decode a whole answer that says *message*."""
    return ollama_chat.decode(HttpReply(200, {}, as_bytes({"model": "m", "message": message, "done": True, **beside})))


def streamed(*lines: dict[str, Any]) -> Outcome:
    """Decode a stream of *lines*."""
    return stream(ollama_chat, [as_bytes(line) + b"\n" for line in lines])


def body(*messages: Message, model: str = "m", **told: Any) -> dict[str, Any]:
    """Encode *messages*, by default a greeting."""
    call = ollama_chat.encode(NormalRequest(messages=messages or (HI,), **told), model)
    assert (call.method, call.path) == ("POST", "/api/chat")
    assert isinstance(call.body, dict)
    json.dumps(call.body)
    return call.body


# --- decoding ------------------------------------------------------------------------------------


def test_a_whole_answer() -> None:
    """Text, thoughts, calls, counters and ending."""
    calls: list[Any] = [{"function": {"name": "f", "arguments": {"a": 1}}}, {"id": "call_0", "function": {"name": "g", "arguments": {}}}]
    logprobs = [{"token": "a", "logprob": -1}]
    response = whole(
        {"role": "assistant", "content": "Hi", "thinking": "Hm", "tool_calls": calls},
        done_reason="stop",
        prompt_eval_count=3,
        eval_count=4,
        logprobs=logprobs,
    )
    assert (response.content, response.reasoning, response.model) == ("Hi", "Hm", "m")
    assert [(call.id, call.name, call.arguments) for call in response.tool_calls] == [("call_1", "f", {"a": 1}), ("call_0", "g", {})]
    assert (response.finish_reason, response.raw_finish_reason) == ("tool_calls", "stop")
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (3, 4, 7)
    assert response.logprobs == {"content": logprobs}
    assert response.message is not None
    assert response.message.content == [ReasoningPart(text="Hm"), TextPart(text="Hi")]


@pytest.mark.parametrize("reason,unified", [("stop", "stop"), ("length", "length"), ("load", "other"), ("new", "other"), (None, None)])
def test_reasons_are_unified(reason: str | None, unified: str | None) -> None:
    """The server's own word stays beside."""
    response = whole({"content": "Hi"}, done_reason=reason)
    assert (response.finish_reason, response.raw_finish_reason) == (unified, reason)


def test_counters_may_be_missing() -> None:
    """A prompt that came from the cache whole is not counted."""
    assert whole({"content": "Hi"}, eval_count=4).usage.output_tokens == 4
    assert ollama_chat.finish(ollama_chat.start())[-1].usage is None


def test_calls_come_on_lines_of_their_own() -> None:
    """Several lines under one index hold several calls."""
    call = {"function": {"index": 0, "name": "f", "arguments": {"a": 1}}}
    outcome = streamed(
        {"message": {"content": "", "tool_calls": [call]}, "done": False},
        {"message": {"content": "", "tool_calls": [call]}, "done": False, "logprobs": [{"token": "a"}]},
        {"model": "m", "message": {"content": ""}, "done": True, "done_reason": "stop", "eval_count": 1},
    )
    assert outcome.ended
    assert outcome.response is not None
    assert [call.id for call in outcome.response.tool_calls] == ["call_0", "call_1"]
    assert outcome.response.finish_reason == "tool_calls"


def test_a_stream_without_its_last_line_is_noticed() -> None:
    """Only ``done`` ends it."""
    assert not streamed({"message": {"content": "Hi"}, "done": False}).ended


def test_errors_are_one_string() -> None:
    """With a status, inside a stream, and in whatever else a proxy sends."""
    missing = ollama_chat.decode_error(HttpReply(404, {}, b'{"error": "model \'x\' not found"}'))
    assert isinstance(missing, ModelNotFoundError)
    assert missing.message == "model 'x' not found"
    assert type(ollama_chat.decode_error(HttpReply(400, {}, b'{"error": "m does not support tools"}'))) is InvalidRequestError
    assert ollama_chat.decode_error(HttpReply(502, {}, b"bad gateway")).message == "bad gateway"
    assert ollama_chat.decode_error(HttpReply(400, {}, b'{"error": {"message": "no", "code": 3}}')).code == "3"
    outcome = streamed({"message": {"content": "Hi"}, "done": False}, {"error": "it broke"})
    assert isinstance(outcome.error, ProviderServerError)
    assert outcome.response is not None
    assert outcome.response.content == "Hi"
    with pytest.raises(ProviderServerError, match="it broke"):
        ollama_chat.decode(HttpReply(200, {}, b'{"error": "it broke"}'))


@pytest.mark.parametrize("raw", [b"{}", b"[]", b"<html>", b'{"message": "Hi"}'])
def test_what_is_no_answer_is_told(raw: bytes) -> None:
    """A typed error."""
    with pytest.raises(ProviderResponseError):
        ollama_chat.decode(HttpReply(200, {}, raw))


WHOLE: dict[str, Any] = {
    "model": "m",
    "message": {"content": "Hi", "thinking": "Hm", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": {"a": 1}}}]},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 1,
    "eval_count": 2,
    "logprobs": [{"token": "a"}],
}


@st.composite
def told_both_ways(draw: DrawFn) -> tuple[dict[str, Any], bytes]:
    """Make a whole answer and the stream that says the same."""
    thinking, content = draw(st.just("") | TEXT), draw(st.just("") | TEXT)
    calls = [{"function": {"name": name, "arguments": {"a": 1}}} for name in draw(st.lists(TEXT, max_size=3))]
    end = {"model": "m", "done": True, "done_reason": draw(st.sampled_from(["stop", "length"])), "eval_count": draw(st.integers(0, 9))}
    said: list[dict[str, Any]] = [{"thinking": piece, "content": ""} for piece in draw(pieces(thinking))]
    said += [{"content": piece} for piece in draw(pieces(content))]
    said += [{"content": "", "tool_calls": [call]} for call in calls]
    lines = [{"model": "m", "message": each, "done": False} for each in said] + [{**end, "message": {"content": ""}}]
    return {**end, "message": {"content": content, "thinking": thinking, "tool_calls": calls}}, b"\n".join(map(as_bytes, lines))


@given(told_both_ways(), st.integers(0, 99), st.integers(1, 100))
def test_a_stream_says_what_the_whole_says(both: tuple[dict[str, Any], bytes], seed: int, longest: int) -> None:
    """Folding the events of a stream gives the same response as decoding the whole."""
    said, raw = both
    outcome = stream(ollama_chat, cut(raw, seed, longest))
    assert outcome.ended
    assert outcome.response == ollama_chat.decode(HttpReply(200, {}, as_bytes(said)))


@given(st.lists(st.one_of(objects, spoiled(WHOLE)), min_size=1, max_size=4))
def test_no_shape_breaks_the_decoder(lines: list[dict[str, Any]]) -> None:
    """Whatever JSON comes gives an answer or one of our errors."""
    streamed(*lines)
    try:
        ollama_chat.decode(HttpReply(200, {}, as_bytes(lines[0]))).to_dict()
    except LLMRingError:
        return


@given(anything.map(as_bytes) | st.binary())
def test_no_body_breaks_an_error(raw: bytes) -> None:
    """Whatever comes with an error status is an error."""
    assert isinstance(ollama_chat.decode_error(HttpReply(500, {}, raw)), ProviderError)


# --- encoding ------------------------------------------------------------------------------------


def test_plain_turns_are_plain() -> None:
    """Role and text; whether to stream is always said."""
    developer = Message(role="developer", content="Be kind")
    assert body(developer, HI) == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hi"}],
        "stream": False,
    }
    assert body(stream=True)["stream"] is True


def test_tool_calls_and_results() -> None:
    """Arguments go as an object, results by the tool's name."""
    assert body(
        Message(role="assistant", tool_calls=[ToolCall(id="a", name="f", arguments='{"x": 1}')]),
        Message(role="tool", tool_call_id="a", content="1", name="f"),
        Message(role="tool", tool_call_id="b", content=[TextPart(text="2")]),
    )["messages"] == [
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]},
        {"role": "tool", "content": "1", "tool_name": "f"},
        {"role": "tool", "content": "2"},
    ]


def test_arguments_that_are_no_object_are_refused() -> None:
    """The error names the place."""
    with pytest.raises(InvalidMessageError) as caught:
        body(HI, Message(role="assistant", tool_calls=[ToolCall(name="f", arguments="{")]))
    assert caught.value.path == "messages[1].tool_calls[0].arguments"


def test_results_inside_a_message_become_turns_of_their_own() -> None:
    """What else is said follows as the user's."""
    results: list[Part] = [
        ToolResultPart(tool_call_id="a", content="1", name="f"),
        ToolResultPart(tool_call_id="b", content=[TextPart(text="2")]),
    ]
    wanted = [{"role": "tool", "content": "1", "tool_name": "f"}, {"role": "tool", "content": "2"}]
    assert body(Message(role="user", content=results))["messages"] == wanted
    assert body(Message(role="tool", content=[*results, TextPart(text="And?")]))["messages"] == [
        *wanted,
        {"role": "user", "content": "And?"},
    ]


def test_parts_are_put_at_their_places() -> None:
    """Text together, images as bare base64, thoughts beside; another provider's blocks are left out."""
    content = [
        TextPart(text="A"),
        DocumentPart(text="B"),
        DocumentPart(data=b"C", media_type="text/plain"),
        RefusalPart(refusal="D"),
        ImagePart(data=b"x"),
        ImagePart(url="data:image/png;base64,eQ=="),
        ReasoningPart(text="Hm"),
        ReasoningPart(text="m", protocol="ollama_chat"),
        ReasoningPart(text="signed", protocol="anthropic_messages"),
        OpaquePart(protocol="anthropic_messages", data={}),
    ]
    assert body(Message(role="assistant", content=content))["messages"] == [
        {"role": "assistant", "content": "A\nB\nC\nD", "images": ["eA==", "eQ=="], "thinking": "Hmm"}
    ]


@pytest.mark.parametrize(
    "part",
    [ImagePart(url="https://x"), ImagePart(path="a.png"), AudioPart(data=b"x"), DocumentPart(data=b"%PDF")],
    ids=lambda part: part.type,
)
def test_what_the_api_has_no_place_for_is_refused(part: Part) -> None:
    """Before anything is sent, naming the place."""
    with pytest.raises(UnsupportedParameterError) as caught:
        body(Message(role="user", content=[part]))
    assert (caught.value.path, caught.value.parameter) == ("messages[0].content[0]", part.type)


def test_tools() -> None:
    """Functions alone, each with a schema."""
    assert body(tools=(Tool(name="f", description="does", parameters={"type": "object"}), Tool(name="g")))["tools"] == [
        {"type": "function", "function": {"name": "f", "description": "does", "parameters": {"type": "object"}}},
        {"type": "function", "function": {"name": "g", "parameters": {"type": "object", "properties": {}}}},
    ]
    assert "tools" not in body(tools=(Tool(name="f"),), tool_choice="none")
    with pytest.raises(UnsupportedParameterError, match="web_search"):
        body(tools=(Tool(type="web_search"),))
    with pytest.raises(UnsupportedParameterError, match="force"):
        body(tools=(Tool(name="f"),), tool_choice="required")


def test_settings_stand_under_options() -> None:
    """A caller's own options are merged with them, last."""
    options = {"temperature": 0.5, "max_tokens": 9, "seed": 1, "stop": "x"}
    assert body(options=options, extra={"num_ctx": 4096, "keep_alive": "5m", "options": {"mirostat": 1, "seed": 2}}) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": False,
        "options": {"temperature": 0.5, "num_predict": 9, "seed": 2, "stop": ["x"], "num_ctx": 4096, "mirostat": 1},
        "keep_alive": "5m",
    }
    assert body(options={"stop": ("x", "y")})["options"] == {"stop": ["x", "y"]}


@pytest.mark.parametrize(
    "model,wanted,think",
    [
        ("qwen3", "high", True),
        ("qwen3", "none", False),
        ("qwen3", 100, True),
        ("qwen3", 0, False),
        ("gpt-oss:20b", "high", "high"),
        ("gpt-oss:20b", "minimal", "low"),
        ("gpt-oss:20b", {"effort": "max"}, "high"),
        ("qwen3", {"budget_tokens": 0}, False),
        ("qwen3", {}, True),
        ("deepseek-v4-pro", {"level": "max"}, "max"),
    ],
)
def test_whether_to_think(model: str, wanted: Any, think: bool | str) -> None:  # noqa: FBT001 - a column
    """Most models know yes and no, one family three levels."""
    assert body(model=model, options={"reasoning": wanted})["think"] == think


def test_the_form_of_the_answer() -> None:
    """Any object, or one of a schema."""
    assert body(response_format=ResponseFormat(kind="json_object"))["format"] == "json"
    assert body(response_format=ResponseFormat(kind="json_schema", schema={"type": "object"}))["format"] == {"type": "object"}
