"""Chat completions: a stream says what the whole answer says, and no shape breaks the decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from llmring._core.http import HttpReply
from llmring._gen.response import LLMResponse
from llmring.exceptions import LLMRingError, ProviderError
from llmring.protocols import openai_chat
from tests.protocols.shapes import anything, as_bytes, objects, pieces, spoiled
from tests.protocols.wire import cut, stream

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
TOKENS = st.lists(st.fixed_dictionaries({"token": TEXT, "logprob": st.floats(-9, 0)}), min_size=1, max_size=3)
CALL = st.fixed_dictionaries({"name": TEXT, "arguments": st.one_of(st.just(""), st.just('{"a": 1}'), TEXT)})
USAGE = st.fixed_dictionaries(
    {"prompt_tokens": st.integers(0, 99), "completion_tokens": st.integers(0, 99)},
    optional={"completion_tokens_details": st.just({"reasoning_tokens": 3}), "prompt_tokens_details": st.just({"cached_tokens": 2})},
)


@st.composite
def choices(draw: DrawFn, index: int) -> dict[str, Any]:
    """Make one choice of a whole answer."""
    message: dict[str, Any] = {"role": "assistant", "content": draw(st.none() | TEXT)}
    reasoning = draw(st.sampled_from([None, "reasoning", "reasoning_content", "reasoning_details"]))
    if reasoning == "reasoning_details":
        message[reasoning] = [
            {"type": "reasoning.text", "text": draw(TEXT), "index": 0},
            {"type": "reasoning.encrypted", "data": "x", "index": 1},
        ]
    elif reasoning:
        message[reasoning] = draw(TEXT)
    if draw(st.booleans()):
        message["refusal"] = draw(TEXT)
    calls = draw(st.lists(CALL, max_size=3))
    if calls:
        message["tool_calls"] = [{"id": f"id{at}", "type": "function", "function": call} for at, call in enumerate(calls)]
    logprobs = draw(st.none() | st.fixed_dictionaries({"content": TOKENS}))
    reason = draw(st.sampled_from(["stop", "length", "tool_calls", "content_filter", "eos", "odd"]))
    return {"index": index, "message": message, "finish_reason": reason, "logprobs": logprobs}


@st.composite
def answers(draw: DrawFn) -> dict[str, Any]:
    """Make a whole answer of one to three choices."""
    body: dict[str, Any] = {"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "service_tier": "default"}
    body["choices"] = [draw(choices(at)) for at in range(draw(st.integers(1, 3)))]
    usage = draw(st.none() | USAGE)
    return body if usage is None else {**body, "usage": usage}


@st.composite
def deltas(draw: DrawFn, choice: dict[str, Any]) -> list[dict[str, Any]]:
    """Say *choice* piece by piece."""
    message = choice["message"]
    said: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    said += [{"reasoning_details": [detail]} for detail in message.get("reasoning_details", ())]
    for name in ("reasoning", "reasoning_content", "content", "refusal"):
        said += [{name: piece} for piece in draw(pieces(message.get(name) or ""))]
    for at, call in enumerate(message.get("tool_calls", ())):
        function = call["function"]
        first = {"index": at, "id": call["id"], "type": "function", "function": {"name": function["name"], "arguments": ""}}
        rest = [{"index": at, "function": {"arguments": piece}} for piece in draw(pieces(function["arguments"]))]
        said += [{"tool_calls": [entry]} for entry in (first, *rest)]
    told = [{"index": choice["index"], "delta": each, "finish_reason": None} for each in said]
    tokens: list[Any] = choice["logprobs"]["content"] if choice["logprobs"] else []
    told += [{"index": choice["index"], "delta": {}, "logprobs": {"content": [token]}} for token in tokens]
    return [*told, {"index": choice["index"], "delta": {}, "finish_reason": choice["finish_reason"]}]


@st.composite
def told_both_ways(draw: DrawFn) -> tuple[dict[str, Any], bytes]:
    """Make a whole answer and the stream that says the same, its choices interleaved."""
    body = draw(answers())
    queues = [draw(deltas(choice)) for choice in body["choices"]]
    chunks: list[dict[str, Any]] = []
    while any(queues):
        queue = draw(st.sampled_from([queue for queue in queues if queue]))
        chunks.append({"choices": [queue.pop(0)]})
    frames = [{**chunk, "id": body["id"], "model": body["model"], "service_tier": "default"} for chunk in chunks]
    if "usage" in body:
        frames.append({"choices": [], "usage": body["usage"]})
    return body, b"".join(b"data: " + as_bytes(frame) + b"\n\n" for frame in frames) + b"data: [DONE]\n\n"


@given(told_both_ways(), st.integers(0, 99), st.integers(1, 300))
def test_a_stream_says_what_the_whole_says(both: tuple[dict[str, Any], bytes], seed: int, longest: int) -> None:
    """Folding the events of a stream gives the same response as decoding the whole."""
    body, raw = both
    outcome = stream(openai_chat, cut(raw, seed, longest))
    assert outcome.error is None
    assert outcome.ended
    assert outcome.response == openai_chat.decode(HttpReply(200, {}, as_bytes(body)))


WHOLE: dict[str, Any] = {
    "id": "x",
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "logprobs": {"content": [{"token": "a"}]},
            "message": {
                "content": [{"type": "text", "text": "t"}, {"type": "thinking", "thinking": [{"type": "text", "text": "h"}]}],
                "reasoning": "r",
                "reasoning_details": [{"type": "reasoning.text", "text": "d", "index": 0}],
                "refusal": "no",
                "annotations": [{"type": "url_citation", "url_citation": {"url": "u", "start_index": 1, "end_index": 2}}],
                "images": [{"image_url": {"url": "u"}}],
                "audio": {"id": "a", "data": "AA==", "transcript": "t"},
                "extra_content": {"google": {"thought_signature": "s"}},
                "function_call": {"name": "f", "arguments": "{}"},
                "tool_calls": [
                    {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}, "extra_content": {"google": {}}},
                    {"id": "d", "custom": {"name": "g", "input": "text"}},
                ],
            },
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}},
    "citations": ["u"],
    "search_results": [{"url": "u"}],
    "x_groq": {"usage": {"prompt_tokens": 1}},
}
CHUNK: dict[str, Any] = {**WHOLE, "choices": [{**WHOLE["choices"][0], "delta": WHOLE["choices"][0]["message"]}]}


@given(st.one_of(objects, spoiled(WHOLE)))
def test_no_shape_breaks_a_whole_answer(body: dict[str, Any]) -> None:
    """Whatever JSON comes gives a response or one of our errors."""
    try:
        response = openai_chat.decode(HttpReply(200, {}, as_bytes(body)))
    except LLMRingError:
        return
    assert LLMResponse.from_dict(response.to_dict()).content == response.content


@given(st.lists(st.one_of(objects, spoiled(CHUNK)), max_size=4))
def test_no_shape_breaks_a_stream(frames: list[dict[str, Any]]) -> None:
    """Whatever JSON comes gives events or one of our errors."""
    stream(openai_chat, [b"data: " + as_bytes(frame) + b"\n\n" for frame in frames])


@given(st.one_of(anything.map(as_bytes), st.binary()), st.sampled_from([400, 404, 429, 500]))
def test_no_body_breaks_an_error(body: bytes, status: int) -> None:
    """Whatever comes with an error status is an error of that status."""
    error = openai_chat.decode_error(HttpReply(status, {}, body))
    assert isinstance(error, ProviderError)
    assert error.status_code == status
