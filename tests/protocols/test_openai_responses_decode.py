"""Responses as the API sends them, one fact at a time; whole and streamed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from llmring._core.accumulate import fold
from llmring._core.http import HttpReply
from llmring._gen.message import ImagePart, OpaquePart, ReasoningPart, RefusalPart, TextPart
from llmring._gen.stream import CitationEvent, Finish, PartEvent, ReasoningDelta, TextDelta, ToolCallComplete, ToolCallDelta
from llmring._gen.usage import Usage
from llmring.exceptions import (
    ContentFilterError,
    ProviderOverloadedError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderResponseError,
    ProviderServerError,
)
from llmring.protocols import openai_responses

if TYPE_CHECKING:
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent

NAME = openai_responses.NAME
TEXT: dict[str, Any] = {"type": "output_text", "text": "Hi", "annotations": []}
MESSAGE: dict[str, Any] = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [TEXT]}
THOUGHT: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAA="}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": '{"x":1}', "status": "completed"}


def decode(*output: Any, **more: Any) -> LLMResponse[Any]:
    """Decode a completed response of *output*."""
    body = {"id": "resp_1", "object": "response", "model": "m", "status": "completed", "output": list(output), **more}
    return openai_responses.decode(HttpReply(200, {}, json.dumps(body).encode()))


def content(response: LLMResponse[Any]) -> Any:
    """Give the content of the turn."""
    assert response.message is not None
    return response.message.content


def play(*frames: dict[str, Any]) -> list[StreamEvent]:
    """Give the events of a stream of *frames*, its end included."""
    state = openai_responses.start()
    told = [event for frame in frames for event in openai_responses.events(state, frame)]
    return told + openai_responses.finish(state)


def added(at: int, item: Any) -> dict[str, Any]:
    """Announce an item."""
    return {"type": "response.output_item.added", "output_index": at, "item": item}


def done(at: int, item: Any) -> dict[str, Any]:
    """End an item."""
    return {"type": "response.output_item.done", "output_index": at, "item": item}


def delta(name: str, text: Any, **more: Any) -> dict[str, Any]:
    """Tell more of an item."""
    return {"type": f"response.{name}.delta", "output_index": 0, "delta": text, **more}


def completed(*output: Any, **more: Any) -> dict[str, Any]:
    """End the stream."""
    return {"type": "response.completed", "response": {"id": "resp_1", "model": "m", "output": list(output), **more}}


# --- items ---------------------------------------------------------------------------------------


def test_a_plain_answer_stays_plain() -> None:
    """Words alone are one text, without ids."""
    response = decode(MESSAGE)
    assert (response.content, content(response), response.id, response.model) == ("Hi", "Hi", "resp_1", "m")
    assert (response.finish_reason, response.raw_finish_reason) == ("stop", "completed")


def test_content_may_be_one_string() -> None:
    """Some servers send plain text; parts of kinds that are new say nothing."""
    assert decode({**MESSAGE, "content": "Hi"}).content == "Hi"
    assert decode({**MESSAGE, "content": [{"type": "output_hologram"}, TEXT]}).content == "Hi"


def test_citations() -> None:
    """Annotations become citations of their text, as the provider wrote them beside."""
    annotations = [
        {"type": "url_citation", "url": "https://a", "title": "A", "start_index": 0, "end_index": 2},
        {"type": "file_citation", "file_id": "file_1", "filename": "a.txt", "index": 1},
        None,
    ]
    response = decode({**MESSAGE, "content": [{**TEXT, "annotations": annotations}]})
    assert [(each.url, each.title, each.start, each.end) for each in response.citations] == [
        ("https://a", "A", 0, 2),
        (None, "a.txt", None, None),
    ]
    assert [each.source for each in response.citations] == annotations[:2]
    assert content(response) == [TextPart(text="Hi", citations=response.citations)]


def test_a_refusal() -> None:
    """The words for declining are not the answer's text."""
    response = decode({**MESSAGE, "content": [{"type": "refusal", "refusal": "No."}]})
    assert (response.content, response.refusal, response.finish_reason) == ("", "No.", "refusal")
    assert content(response) == [RefusalPart(refusal="No.")]


def test_a_phase_goes_back() -> None:
    """A message that tells comment from answer keeps what is known beside its words."""
    response = decode({**MESSAGE, "phase": "commentary"}, {**MESSAGE, "id": "msg_2", "phase": None})
    assert [part for part in content(response) if isinstance(part, OpaquePart)] == [
        OpaquePart(
            protocol=NAME, data={"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "phase": "commentary"}
        )
    ]


def test_thoughts() -> None:
    """Summaries and thoughts are readable, and the item itself goes back."""
    thought = {
        **THOUGHT,
        "summary": [{"type": "summary_text", "text": "A"}, {"type": "summary_text", "text": "B"}],
        "content": [{"text": "C"}],
    }
    response = decode(thought, MESSAGE)
    assert response.reasoning == "A\n\nB\n\nC"
    assert content(response)[0] == ReasoningPart(text="A\n\nB\n\nC", id="rs_1", protocol=NAME, native=thought)
    assert content(response)[2].data["id"] == "msg_1"


def test_thoughts_that_cannot_be_read() -> None:
    """An encrypted thought has no words."""
    response = decode(THOUGHT)
    assert response.reasoning is None
    assert content(response) == [ReasoningPart(id="rs_1", protocol=NAME, native=THOUGHT)]


def test_calls() -> None:
    """The call's id is what its result names; the item's own id goes back beside it."""
    response = decode(THOUGHT, CALL, {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_2", "name": "g", "input": "4 + 4"})
    first, second = response.tool_calls
    assert (first.id, first.item_id, first.name, first.arguments, first.kind) == ("call_1", "fc_1", "f", {"x": 1}, "function")
    assert (second.id, second.item_id, second.raw_arguments, second.arguments, second.kind) == ("call_2", "ctc_1", "4 + 4", None, "custom")
    assert (response.finish_reason, response.raw_finish_reason) == ("tool_calls", "completed")


def test_calls_without_ids() -> None:
    """A call is named by its item, or by its number."""
    response = decode({**CALL, "call_id": None}, {"type": "function_call", "arguments": {"x": 1}})
    assert [(call.id, call.name, call.arguments) for call in response.tool_calls] == [("fc_1", "f", {"x": 1}), ("call_1", "", {"x": 1})]


def test_what_stands_beside_a_call_goes_back() -> None:
    """Its namespace is kept; that the model called directly is no news."""
    response = decode({**CALL, "namespace": "crm", "caller": {"type": "direct"}})
    beside = {"type": "function_call", "call_id": "call_1", "namespace": "crm"}
    assert content(response) == [OpaquePart(protocol=NAME, data=beside)]
    assert len(response.tool_calls) == 1


def test_hosted_tools_are_no_calls() -> None:
    """What the provider runs itself, and what wants an answer of another form, stays as it is."""
    items: list[dict[str, Any]] = [
        {"type": "web_search_call", "id": "ws_1", "action": {}},
        {"type": "mcp_call", "id": "mcp_1"},
        {"type": "compaction"},
        {},
    ]
    response = decode(*items)
    assert content(response) == [OpaquePart(protocol=NAME, data=item) for item in items]
    assert (response.tool_calls, response.finish_reason) == ([], "stop")


@pytest.mark.parametrize("result, data", [("AAE=", b"\x00\x01"), ("?", None), ("é", None), (None, None)])
def test_generated_images(result: str | None, data: bytes | None) -> None:
    """An image is there to be looked at, its item to be sent back."""
    item = {"type": "image_generation_call", "id": "ig_1", "output_format": "webp", "result": result}
    image = [] if data is None else [ImagePart(data=data, media_type="image/webp")]
    assert content(decode(item)) == [OpaquePart(protocol=NAME, data=item), *image]


def test_token_probabilities() -> None:
    """Those of all texts are one list."""
    told = [{**TEXT, "logprobs": [{"token": "Hi"}]}, {**TEXT, "logprobs": None}]
    assert decode({**MESSAGE, "content": told}).logprobs == {"content": [{"token": "Hi"}]}
    assert decode(MESSAGE).logprobs is None


# --- endings and usage ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told, reasons",
    [
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, ("max_output_tokens", "length")),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, ("content_filter", "content_filter")),
        ({"status": "incomplete", "incomplete_details": None}, ("incomplete", "other")),
        ({"status": "queued"}, ("queued", "other")),
        ({"status": "cancelled"}, ("cancelled", "other")),
        ({"status": None}, (None, None)),
    ],
)
def test_endings(told: dict[str, Any], reasons: tuple[str | None, str | None]) -> None:
    """The reason counts where there is one, else the status."""
    response = decode(**told)
    assert (response.raw_finish_reason, response.finish_reason) == reasons


def test_usage_and_tier() -> None:
    """Input includes what the cache read and wrote, output includes thoughts."""
    raw = {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 5},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 17,
    }
    response = decode(usage=raw, service_tier="flex")
    wanted = Usage(input_tokens=10, output_tokens=7, total_tokens=17, cache_read_tokens=4, cache_write_tokens=5, reasoning_tokens=3)
    assert (response.usage, response.service_tier) == (wanted, "flex")
    assert decode(usage={**raw, "total_tokens": 20}).usage.output_tokens == 10


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"upstream connect error", b"[]", b"{}", b'{"id": "x", "output": "no list"}'])
def test_what_is_no_response(body: bytes) -> None:
    """Anything else under a 200 cannot be understood."""
    with pytest.raises(ProviderResponseError):
        openai_responses.decode(HttpReply(200, {}, body))


def test_errors_inside_a_200() -> None:
    """A bare error, and a response that failed, with or without saying why."""
    with pytest.raises(ProviderServerError, match="Boom"):
        openai_responses.decode(HttpReply(200, {}, b'{"error": {"message": "Boom", "code": "server_error"}}'))
    with pytest.raises(ProviderRateLimitError) as limited:
        decode(status="failed", error={"code": "rate_limit_exceeded", "message": "Slow down"})
    assert (limited.value.code, limited.value.status_code, limited.value.message) == ("rate_limit_exceeded", 200, "Slow down")
    with pytest.raises(ProviderServerError, match="does not say why"):
        decode(status="failed", error=None)


def test_errors_by_status() -> None:
    """A proxy's plain text is its own message."""
    error = openai_responses.decode_error(HttpReply(503, {"retry-after": "2"}, b"upstream connect error"))
    assert isinstance(error, ProviderOverloadedError)
    assert (error.message, error.retry_after) == ("upstream connect error", 2)


@pytest.mark.parametrize(
    "frame, kind",
    [
        (
            {"type": "error", "error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "No credit"}},
            ProviderQuotaError,
        ),
        ({"type": "error", "code": "server_error", "message": "No credit", "param": None, "sequence_number": 3}, ProviderServerError),
        ({"type": "response.failed", "response": {"error": {"code": "invalid_prompt", "message": "No credit"}}}, ContentFilterError),
        ({"error": {"message": "No credit"}}, ProviderServerError),
    ],
)
def test_errors_inside_a_stream(frame: dict[str, Any], kind: type[Exception]) -> None:
    """Whichever way it is told, it is raised where it comes."""
    state = openai_responses.start()
    assert openai_responses.events(state, delta("output_text", "Hi")) == [TextDelta(delta="Hi", block=0)]
    with pytest.raises(kind, match="No credit"):
        openai_responses.events(state, frame)


# --- streams -------------------------------------------------------------------------------------


def test_words_are_told_once() -> None:
    """What deltas told is not told again by the item or by the end."""
    told = play(
        added(0, {**MESSAGE, "content": []}), delta("output_text", "H"), delta("output_text", "i"), done(0, MESSAGE), completed(MESSAGE)
    )
    assert told[:-1] == [TextDelta(delta="H", block=0), TextDelta(delta="i", block=0)]
    assert isinstance(told[-1], Finish)
    assert told[-1].raw_finish_reason == "completed"


def test_what_deltas_left_out_is_told_by_the_whole() -> None:
    """The rest of a text, citations and all of an item that was never announced."""
    cited = {**MESSAGE, "content": [{**TEXT, "annotations": [{"type": "url_citation", "url": "a"}, {"type": "url_citation", "url": "b"}]}]}
    citation = {"type": "response.output_text.annotation.added", "output_index": 0, "annotation": cited["content"][0]["annotations"][0]}
    told = play(delta("output_text", "H"), citation, done(0, cited), completed(cited, CALL))
    assert [event.citation.url for event in told if isinstance(event, CitationEvent)] == ["a", "b"]
    assert [event.delta for event in told if isinstance(event, TextDelta)] == ["H", "i"]
    assert [event.tool_call.id for event in told if isinstance(event, ToolCallComplete)] == ["call_1"]


def test_words_cannot_be_taken_back() -> None:
    """A whole that says something else changes nothing."""
    told = play(delta("output_text", "Bye"), completed(MESSAGE))
    assert fold(told, protocol=NAME).content == "Bye"


def test_an_end_without_output_changes_nothing() -> None:
    """Some servers leave it empty; calls that were never said to be whole are."""
    told = play(done(0, MESSAGE), added(1, {**CALL, "arguments": ""}), delta("function_call_arguments", "{}", output_index=1), completed())
    response = fold(told, protocol=NAME)
    assert (response.content, [call.raw_arguments for call in response.tool_calls]) == ("Hi", ["{}"])


def test_a_stream_without_an_end() -> None:
    """What ends by ``[DONE]`` alone is whole; what just ends is not."""
    frames = [added(0, {**CALL, "arguments": ""}), delta("function_call_arguments", '{"x":')]
    state = openai_responses.start()
    told = [event for frame in frames for event in openai_responses.events(state, frame)]
    state.done = True
    assert [type(event) for event in openai_responses.finish(state)] == [ToolCallComplete, Finish]
    assert openai_responses.finish(state) == []
    assert fold(told, protocol=NAME).tool_calls == []
    assert [type(event) for event in play(*frames)[2:]] == [Finish]


def test_nothing_comes_after_the_end() -> None:
    """Events behind the last one are passed over, and so are unknown ones anywhere."""
    told = play({"type": "keepalive"}, {"type": "response.queued", "response": {"id": "resp_0"}}, completed(), delta("output_text", "more"))
    assert [type(event) for event in told] == [Finish]
    assert told[0] == Finish(finish_reason="stop", raw_finish_reason="completed", id="resp_1", model="m")


@pytest.mark.parametrize("text", ["", None, 7])
def test_deltas_that_say_nothing(text: Any) -> None:
    """An empty delta begins nothing."""
    names = ("output_text", "function_call_arguments")
    assert [event for name in names for event in openai_responses.events(openai_responses.start(), delta(name, text))] == []


def test_calls_are_given_in_their_order() -> None:
    """One that is whole waits for those that began before it."""
    second = {**CALL, "id": "fc_2", "call_id": "call_2"}
    told = play(added(0, CALL), added(1, second), done(1, second), done(0, CALL), completed(CALL, second))
    assert [event.tool_call.id for event in told if isinstance(event, ToolCallComplete)] == ["call_1", "call_2"]
    assert [event.call for event in told if isinstance(event, ToolCallDelta)] == [0, 1]


def test_custom_tools_stream_their_input() -> None:
    """Their text comes in deltas of its own."""
    item = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_1", "name": "g", "input": ""}
    told = play(added(0, item), delta("custom_tool_call_input", "4 + 4"), done(0, {**item, "input": "4 + 4"}), completed())
    assert told[1] == ToolCallDelta(arguments="4 + 4", id="call_1", name="g")
    assert isinstance(told[2], ToolCallComplete)
    assert told[2].tool_call.kind == "custom"


def test_thoughts_are_encrypted_anew() -> None:
    """The item of the end counts; its words are not told again."""
    summary = [{"type": "summary_text", "text": "Hm"}]
    first, last = {**THOUGHT, "summary": summary}, {**THOUGHT, "summary": summary, "encrypted_content": "gBB="}
    told = play(
        added(0, THOUGHT), delta("reasoning_summary_text", "H"), delta("reasoning_summary_text", "m"), done(0, first), completed(last)
    )
    assert content(fold(told, protocol=NAME)) == [ReasoningPart(text="Hm", id="rs_1", protocol=NAME, native=last)]


def test_a_thought_is_told_once() -> None:
    """Its item comes again at the end, and says nothing new."""
    told = play(done(0, THOUGHT), completed(THOUGHT))
    assert told[:-1] == [ReasoningDelta(block=0, id="rs_1", native=THOUGHT)]


def test_a_hosted_tool_is_told_when_it_is_done() -> None:
    """Its progress says nothing; its item comes once."""
    item = {"type": "web_search_call", "id": "ws_1"}
    progress = {"type": "response.web_search_call.searching", "output_index": 0, "item_id": "ws_1"}
    told = play(added(0, item), progress, done(0, item), completed(item))
    assert told[:-1] == [PartEvent(part=OpaquePart(protocol=NAME, data=item))]


def test_servers_that_name_items_anew() -> None:
    """Items are found again by kind and order where neither id nor place holds."""
    told = play(
        done(0, CALL), done(0, {**CALL, "call_id": "call_2", "id": "fc_2"}), completed({**CALL, "call_id": "x"}, {**CALL, "call_id": "y"})
    )
    assert [event.tool_call.id for event in told if isinstance(event, ToolCallComplete)] == ["call_1", "call_2"]


def test_items_without_a_place() -> None:
    """An item is found by its id where the server gives no place; announcing it twice changes nothing."""
    place = {"item_id": "fc_1"}
    told = play(
        {"type": "response.output_item.added", "item": {**CALL, "arguments": ""}, **place},
        {"type": "response.output_item.added", "item": {**CALL, "arguments": ""}, **place},
        {"type": "response.function_call_arguments.delta", "delta": '{"x":1}', **place},
        {"type": "response.output_item.done", "item": CALL, **place},
        completed(CALL),
    )
    assert [type(event) for event in told] == [ToolCallDelta, ToolCallDelta, ToolCallComplete, Finish]


def test_a_delta_of_another_kind_begins_an_item() -> None:
    """Some servers give thoughts and words one place."""
    told = play(delta("reasoning_text", "Hm"), delta("output_text", "Hi"), completed())
    response = fold(told, protocol=NAME)
    assert (response.reasoning, response.content) == ("Hm", "Hi")
