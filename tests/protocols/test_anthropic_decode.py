"""Messages and their streams, piece by piece: what the recordings do not show, and shapes that nobody should send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.accumulate import Accumulator, fold
from llmring._core.http import HttpReply
from llmring._gen.message import OpaquePart, ReasoningPart, TextPart
from llmring._gen.response import LLMResponse
from llmring._gen.stream import Finish, StreamEvent, ToolCallComplete, ToolCallDelta
from llmring._gen.usage import Usage
from llmring.exceptions import (
    InvalidRequestError,
    LLMRingError,
    ProviderOverloadedError,
    ProviderPermissionError,
    ProviderQuotaError,
    ProviderResponseError,
    ProviderServerError,
)
from llmring.protocols import anthropic_extras
from llmring.protocols import anthropic_messages as anthropic

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "text", "tool_use", "thinking", "error", "{"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "name", "id", "index", "input"]), inner, max_size=4)
    ),
    max_leaves=8,
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
CITATION = st.fixed_dictionaries(
    {
        "type": st.just("char_location"),
        "cited_text": WORDS,
        "document_title": WORDS,
        "start_char_index": st.just(0),
        "end_char_index": st.just(4),
    }
)
OBJECT = st.dictionaries(WORDS, st.none() | st.booleans() | st.integers() | WORDS, max_size=4)
BLOCK: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "text": WORDS}),
    st.fixed_dictionaries({"type": st.just("text"), "text": WORDS, "citations": st.lists(CITATION, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"type": st.just("thinking"), "thinking": WORDS | st.just(""), "signature": WORDS}),
    st.fixed_dictionaries({"type": st.just("redacted_thinking"), "data": WORDS}),
    st.fixed_dictionaries({"type": st.just("tool_use"), "id": WORDS, "name": WORDS, "input": OBJECT}),
    st.fixed_dictionaries({"type": st.just("server_tool_use"), "id": WORDS, "name": WORDS, "input": OBJECT}),
    st.fixed_dictionaries({"type": st.just("web_search_tool_result"), "tool_use_id": WORDS, "content": st.lists(OBJECT, max_size=2)}),
    st.fixed_dictionaries({"type": st.just("compaction"), "content": WORDS}),
)
USAGE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"input_tokens": st.integers(0, 99), "output_tokens": st.integers(0, 99)},
    optional={
        "cache_read_input_tokens": st.integers(0, 99) | st.none(),
        "cache_creation_input_tokens": st.integers(0, 99) | st.none(),
        "cache_creation": st.fixed_dictionaries({"ephemeral_1h_input_tokens": st.integers(0, 99)}),
        "service_tier": st.just("standard"),
    },
)
MESSAGE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "id": WORDS,
        "type": st.just("message"),
        "role": st.just("assistant"),
        "model": WORDS,
        "content": st.lists(BLOCK, max_size=6),
        "stop_reason": st.sampled_from(["end_turn", "tool_use", "max_tokens", "refusal", "something_new"]),
        "usage": USAGE,
    }
)


def decoded(body: Any, status: int = 200) -> LLMResponse[Any]:
    """Decode *body* as a whole answer."""
    return anthropic.decode(HttpReply(status, {"request-id": "req_1"}, json.dumps(body).encode()))


def streamed(frames: list[dict[str, Any]]) -> list[StreamEvent]:
    """Translate all *frames* of a stream."""
    state = anthropic.start()
    events = [event for frame in frames for event in anthropic.events(state, frame)]
    return events + anthropic.finish(state)


def told(frames: list[dict[str, Any]]) -> LLMResponse[Any]:
    """Fold what *frames* tell."""
    return fold(streamed(frames), protocol=anthropic.NAME)


def message(*content: dict[str, Any], stop_reason: str | None = "end_turn", **more: Any) -> dict[str, Any]:
    """Give a whole message."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": list(content),
        "stop_reason": stop_reason,
        **more,
    }


def halves(text: str) -> list[str]:
    """Cut *text* in two."""
    return [text[: len(text) // 2], text[len(text) // 2 :]]


def as_stream(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Tell *body* as the API would stream it."""
    frames: list[dict[str, Any]] = [{"type": "message_start", "message": {**body, "content": [], "stop_reason": None}}, {"type": "ping"}]
    for at, block in enumerate(body["content"]):
        begun, deltas = taken_apart(block)
        frames.append({"type": "content_block_start", "index": at, "content_block": begun})
        frames += [{"type": "content_block_delta", "index": at, "delta": delta} for delta in deltas]
        frames.append({"type": "content_block_stop", "index": at})
    end = {"stop_reason": body["stop_reason"], "stop_sequence": None}
    return [*frames, {"type": "message_delta", "delta": end, "usage": body["usage"]}, {"type": "message_stop"}]


def taken_apart(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give the beginning of *block* and its deltas."""
    match block["type"]:
        case "text":
            cited = [{"type": "citations_delta", "citation": citation} for citation in block.get("citations", ())]
            return {"type": "text", "text": ""}, [*({"type": "text_delta", "text": half} for half in halves(block["text"])), *cited]
        case "thinking":
            words = [{"type": "thinking_delta", "thinking": half} for half in halves(block["thinking"])]
            begun = {"type": "thinking", "thinking": "", "signature": ""}
            return begun, [*words, {"type": "signature_delta", "signature": block["signature"]}]
        case "tool_use" | "server_tool_use":
            pieces = halves(json.dumps(block["input"])) if block["input"] else [""]
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        case "compaction":
            return {"type": "compaction", "content": None}, [
                {"type": "compaction_delta", "content": half} for half in halves(block["content"])
            ]
        case _:
            return block, []


@given(MESSAGE)
def test_a_stream_tells_what_the_whole_message_says(body: dict[str, Any]) -> None:
    """Folding the events of a message's stream gives what decoding the message gives."""
    assert told(as_stream(body)) == decoded(body)


@given(
    st.lists(st.dictionaries(st.sampled_from(["type", "index", "delta", "content_block", "message", "usage", "error"]), JSON), max_size=4)
)
def test_any_frames_are_answer_or_error(frames: list[dict[str, Any]]) -> None:
    """Whatever JSON a stream brings, nothing but our own errors is raised."""
    try:
        response = told(frames)
    except LLMRingError:
        return
    assert isinstance(response, LLMResponse)


@given(
    st.sampled_from(["text", "thinking", "redacted_thinking", "tool_use", "odd"]),
    st.lists(st.tuples(st.sampled_from(["text_delta", "thinking_delta", "input_json_delta", "citations_delta", "odd"]), JSON), max_size=4),
)
def test_any_deltas_are_answer_or_error(kind: str, deltas: list[tuple[str, Any]]) -> None:
    """Blocks take any delta without raising anything but our own errors."""
    keys = ("text", "thinking", "signature", "partial_json", "citation", "content")
    frames = [{"type": "content_block_start", "index": 0, "content_block": {"type": kind, "name": "f"}}]
    frames += [{"type": "content_block_delta", "index": 0, "delta": {"type": name, **dict.fromkeys(keys, value)}} for name, value in deltas]
    assert isinstance(told([*frames, {"type": "message_stop"}]), LLMResponse)


@given(st.dictionaries(st.sampled_from(["content", "usage", "stop_reason", "stop_details", "model", "id", "error", "type"]), JSON))
def test_any_body_is_answer_or_error(body: dict[str, Any]) -> None:
    """Whatever JSON a body holds, nothing but our own errors is raised, whatever the status."""
    reply = HttpReply(200, {}, json.dumps(body).encode())
    try:
        response = anthropic.decode(reply)
    except LLMRingError:
        return
    assert isinstance(response, LLMResponse)


@given(JSON)
def test_any_error_body_is_an_error(body: Any) -> None:
    """Whatever JSON an error's body holds, it becomes a typed error."""
    assert isinstance(anthropic.decode_error(HttpReply(500, {}, json.dumps(body).encode())), ProviderServerError)


# --- blocks --------------------------------------------------------------------------------------


def test_server_tools_are_kept_but_never_called() -> None:
    """The provider's own tools and their results stay as they were written, input merged; they are no calls."""
    use = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "otters"}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{"type": "web_search_result", "url": "https://a"}]}
    response = told(as_stream(message(use, found, {"type": "text", "text": "Otters."}, usage={"input_tokens": 1, "output_tokens": 1})))
    assert response.tool_calls == []
    assert response.content == "Otters."
    assert response.message is not None
    assert response.message.content == [
        OpaquePart(protocol="anthropic_messages", data=use),
        OpaquePart(protocol="anthropic_messages", data=found),
        TextPart(text="Otters."),
    ]


def test_input_that_is_no_json_stays_readable() -> None:
    """A server tool's cut input is kept as text."""
    frames: list[dict[str, Any]] = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "server_tool_use", "id": "s", "name": "n", "input": {}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"a'}},
        {"type": "content_block_stop", "index": 0},
    ]
    events = streamed(frames)
    assert events[0].to_dict()["part"]["data"]["input"] == '{"a'


def test_thoughts_keep_their_signatures() -> None:
    """Signed, empty but signed, and redacted thoughts are kept byte for byte."""
    response = decoded(
        message(
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "thinking", "thinking": "", "signature": "ZW1wdHk="},
            {"type": "redacted_thinking", "data": "ZGF0YQ=="},
        )
    )
    assert response.reasoning == "Hm."
    assert response.message is not None
    assert response.message.content == [
        ReasoningPart(text="Hm.", signature="c2ln", protocol="anthropic_messages"),
        ReasoningPart(signature="ZW1wdHk=", protocol="anthropic_messages"),
        ReasoningPart(data="ZGF0YQ==", protocol="anthropic_messages"),
    ]


def test_calls_are_told_piece_by_piece_then_whole() -> None:
    """Each piece of a call's arguments is an event, and the whole call one more; ids are made up where missing."""
    frames: list[dict[str, Any]] = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "name": "f", "input": {}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"a":'}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "1}"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    ]
    events = streamed(frames)
    assert [type(event) for event in events] == [ToolCallDelta, ToolCallDelta, ToolCallDelta, ToolCallComplete, Finish]
    assert isinstance(events[3], ToolCallComplete)
    assert (events[3].tool_call.id, events[3].tool_call.arguments) == ("call_0", {"a": 1})
    assert events[4].finish_reason == "tool_calls"


def test_only_what_is_of_a_call_goes_into_it() -> None:
    """A delta of another kind inside of its block, text or news, is no piece of its arguments."""
    frames: list[dict[str, Any]] = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "a", "name": "f", "input": {}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"a":'}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "news_delta"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "1}"}},
        {"type": "message_stop"},
    ]
    response = told(frames)
    assert ([call.arguments for call in response.tool_calls], response.content) == ([{"a": 1}], "")


def test_calls_say_who_made_them() -> None:
    """What a call says beside id, name and input is kept, unless it says nothing."""
    code = {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"}
    response = decoded(
        message(
            {"type": "tool_use", "id": "a", "name": "f", "input": {}, "caller": code},
            {"type": "tool_use", "id": "b", "name": "f", "input": {}, "caller": {"type": "direct"}},
            {"type": "tool_use", "id": "c", "name": "f", "input": '{"x": 1}'},
        )
    )
    first, second, third = response.tool_calls
    assert json.loads(first.signature or "") == {"caller": code}
    assert second.signature is None
    assert third.arguments == {"x": 1}


def test_an_open_block_counts_only_at_the_end() -> None:
    """A call that was never closed is whole when the message ended, and nothing when the stream broke off."""
    begun: dict[str, Any] = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "tool_use", "id": "a", "name": "f", "input": {}},
    }
    assert len(told([begun, {"type": "message_stop"}]).tool_calls) == 1
    assert told([begun]).tool_calls == []
    state = anthropic.start()
    anthropic.events(state, begun)
    anthropic.finish(state)
    assert not state.done
    assert anthropic.finish(state) == []
    assert anthropic.events(state, begun) == []


def test_citations_name_their_sources() -> None:
    """Addresses, titles and quoted words are read; the citation itself is kept."""
    web = {"type": "web_search_result_location", "url": "https://a", "title": "A", "cited_text": "a", "encrypted_index": "x"}
    found = {"type": "search_result_location", "source": "https://b", "title": "B", "cited_text": "b"}
    document = {"type": "char_location", "document_title": "C", "cited_text": "c", "source": "internal"}
    response = decoded(message({"type": "text", "text": "abc", "citations": [web, found, document, None]}))
    assert [(each.url, each.title, each.cited_text) for each in response.citations] == [
        ("https://a", "A", "a"),
        ("https://b", "B", "b"),
        (None, "C", "c"),
    ]
    assert [each.source for each in response.citations] == [web, found, document]


def test_plain_text_as_content_is_read() -> None:
    """Servers that are nearly compatible may give the content as one text."""
    assert decoded({"content": "Hi", "stop_reason": "end_turn"}).content == "Hi"


# --- the message ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw, unified",
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("pause_turn", "pause"),
        ("compaction", "pause"),
        ("refusal", "refusal"),
        ("something_new", "other"),
        (None, None),
    ],
)
def test_stop_reasons_are_unified(raw: str | None, unified: str | None) -> None:
    """The API's word is kept beside ours."""
    response = decoded(message(stop_reason=raw))
    assert (response.raw_finish_reason, response.finish_reason, response.content) == (raw, unified, "")


def test_a_refusal_is_explained() -> None:
    """The explanation of a refusal is the refusal's words."""
    details = {"type": "refusal", "category": "bio", "explanation": "No."}
    assert decoded(message(stop_reason="refusal", stop_details=details)).refusal == "No."


def test_usage_of_a_stream_replaces() -> None:
    """Counters of the last event win, those it leaves out or null stay; hours are told apart."""
    first = {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 5, "service_tier": "priority"}
    first |= {"cache_creation_input_tokens": 7, "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}}
    response = told(
        [
            {"type": "message_start", "message": {"usage": first}},
            {"type": "message_delta", "usage": {"output_tokens": 9, "input_tokens": None, "output_tokens_details": {"thinking_tokens": 6}}},
            {"type": "message_stop"},
        ]
    )
    assert response.usage == Usage(
        input_tokens=22,
        output_tokens=9,
        total_tokens=31,
        cache_read_tokens=5,
        cache_write_tokens=7,
        cache_write_1h_tokens=4,
        reasoning_tokens=6,
    )
    assert response.service_tier == "priority"


def test_iterations_are_summed_where_they_hold_more() -> None:
    """Passes that the top level leaves out are billed; those it repeats count once."""
    one = {"input_tokens": 10, "output_tokens": 2}
    assert decoded(message(usage={**one, "iterations": [one, one, "odd"]})).usage.total_tokens == 24
    assert decoded(message(usage={**one, "iterations": [one]})).usage.total_tokens == 12
    assert decoded(message(usage={**one, "iterations": []})).usage.total_tokens == 12


def test_cache_writes_are_known_by_their_times() -> None:
    """Where only the times are told, they add up."""
    times = {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}
    usage = decoded(message(usage={"input_tokens": 1, "output_tokens": 1, "cache_creation": times})).usage
    assert (usage.input_tokens, usage.cache_write_tokens, usage.cache_write_1h_tokens) == (8, 7, 4)


# --- errors --------------------------------------------------------------------------------------


def test_an_error_inside_a_stream_is_raised() -> None:
    """The status stays 200, the class is that of the error's type, and what came before remains."""
    state = anthropic.start()
    accumulator = Accumulator(anthropic.NAME)
    for event in anthropic.events(state, {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}):
        accumulator.add(event)
    with pytest.raises(ProviderOverloadedError, match="Overloaded") as caught:
        anthropic.events(state, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    assert caught.value.status_code == 200
    assert accumulator.response().content == "Hi"


def test_an_error_inside_an_answer_is_raised() -> None:
    """An error with status 200 is one."""
    with pytest.raises(ProviderQuotaError) as caught:
        decoded({"type": "error", "error": {"type": "billing_error", "message": "Your credit balance is too low"}})
    assert caught.value.request_id == "req_1"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"id": "msg_1"}', b'{"content": 7}', b"[" * 9999])
def test_what_is_no_message_is_an_error(body: bytes) -> None:
    """A body that cannot be understood says so."""
    with pytest.raises(ProviderResponseError):
        anthropic.decode(HttpReply(200, {}, body))


@pytest.mark.parametrize(
    "body, told_message, type_",
    [
        (b'[{"error": {"code": 403, "message": "denied", "status": "PERMISSION_DENIED"}}]', "denied", "PERMISSION_DENIED"),
        (b'{"message": "denied"}', "denied", None),
        (b'{"error": "denied"}', "denied", None),
        (b" denied\n", "denied", None),
        (b"", "the provider answered with status 403 and no message", None),
    ],
)
def test_errors_of_those_in_between_are_read(body: bytes, told_message: str, type_: str | None) -> None:
    """Vertex, gateways and proxies word their errors in their own way."""
    error = anthropic.decode_error(HttpReply(403, {}, body))
    assert isinstance(error, ProviderPermissionError)
    assert (error.message, error.type) == (told_message, type_)


def test_the_body_knows_its_request() -> None:
    """The request's id is in the body, too."""
    error = anthropic.decode_error(
        HttpReply(400, {}, b'{"error": {"type": "invalid_request_error", "message": "x"}, "request_id": "req_9"}')
    )
    assert isinstance(error, InvalidRequestError)
    assert error.request_id == "req_9"


# --- beside chat ---------------------------------------------------------------------------------


def test_pages_of_models_follow_each_other() -> None:
    """The last id leads to the next page, while there is one."""
    page = {"data": [{"id": "a"}, {"id": "b"}, "odd"], "has_more": True, "last_id": "b"}
    models, after = anthropic_extras.decode_models(HttpReply(200, {}, json.dumps(page).encode()))
    assert ([model["id"] for model in models], after) == (["a", "b"], "b")
    assert anthropic_extras.encode_models().path == "/v1/models?limit=1000"
    assert anthropic_extras.decode_count(HttpReply(200, {}, b'{"input_tokens": 7}')) == 7
    assert anthropic_extras.encode_models("b&c").path == "/v1/models?limit=1000&after_id=b%26c"


@pytest.mark.parametrize("body", [b"{}", b'{"input_tokens": "7", "data": {}}'])
def test_what_is_no_count_and_no_list_is_an_error(body: bytes) -> None:
    """A reply that does not say what was asked is an error."""
    with pytest.raises(ProviderResponseError):
        anthropic_extras.decode_count(HttpReply(200, {}, body))
    with pytest.raises(ProviderResponseError):
        anthropic_extras.decode_models(HttpReply(200, {}, body))
