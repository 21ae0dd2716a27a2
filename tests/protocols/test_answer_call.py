"""A protocol whose answers are the arguments of a call: answers and streams agree, and what else is said is kept only without a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmring._core.accumulate import Accumulator
from llmring._core.http import HttpReply
from llmring.exceptions import ProviderRateLimitError
from llmring.protocols import anthropic_messages, ollama_chat, openai_chat
from llmring.protocols.emulation import emulated
from llmring.protocols.stream import Reading
from llmring.schemas import Finish, ReasoningDelta, RefusalDelta, TextDelta

ARGUMENTS = '{"city": "Paris"}'


def call(arguments: str = ARGUMENTS, number: int = 0) -> dict[str, Any]:
    """Write a call as chat completions do."""
    return {"index": number, "id": f"call_{number}", "type": "function", "function": {"name": "place", "arguments": arguments}}


def chat(*calls: dict[str, Any], finish: str = "tool_calls", **message: Any) -> dict[str, Any]:
    """Write an answer as chat completions do."""
    told = {"role": "assistant", "content": None, "tool_calls": list(calls), **message}
    return {"id": "1", "model": "m", "choices": [{"index": 0, "message": told, "finish_reason": finish}], "usage": {"prompt_tokens": 3}}


def decoded(protocol: Any, body: dict[str, Any]) -> Any:
    """Decode *body* by *protocol*."""
    return emulated(protocol, None).decode(HttpReply(200, {"x-id": "7"}, json.dumps(body).encode()))


def streamed(protocol: Any, data: bytes) -> tuple[list[Any], Any]:
    """Read a stream of *data* by *protocol*; return events and response."""
    reader = emulated(protocol, None)
    accumulator = Accumulator(reader.NAME)
    reading = Reading(reader, accumulator)
    events = [event for at in range(0, len(data), 7) for event in reading.read(data[at : at + 7])] + reading.read(None)
    assert reading.failure is None
    return events, accumulator.response()


def test_arguments_are_the_text() -> None:
    """No call is left, and the answer ended as answers do."""
    response = decoded(openai_chat, chat(call()))
    assert (response.content, response.tool_calls, response.finish_reason) == (ARGUMENTS, [], "stop")
    assert (response.message.content, response.message.tool_calls) == (ARGUMENTS, [])
    assert (response.id, response.model, response.usage.input_tokens, response.headers["x-id"]) == ("1", "m", 3, "7")
    assert response.raw == chat(call())


def test_what_is_said_beside_the_call_is_no_answer() -> None:
    """But thoughts are told."""
    response = decoded(openai_chat, chat(call(), call('{"city": "Rome"}', 1), content="Here it is:", reasoning_content="Hm."))
    assert (response.content, response.reasoning) == (ARGUMENTS, "Hm.")


def test_without_a_call_the_text_is_the_answer() -> None:
    """It is checked like any other, and so is a refusal."""
    assert decoded(openai_chat, chat(content=ARGUMENTS, finish="stop")).content == ARGUMENTS
    assert decoded(openai_chat, chat(refusal="No.", finish="stop")).refusal == "No."


def test_no_arguments_are_an_empty_object() -> None:
    """As a call without any says."""
    assert decoded(openai_chat, chat(call(""))).content == "{}"


def test_a_cut_call_says_so() -> None:
    """The text is what came of it."""
    response = decoded(openai_chat, chat(call('{"city": "Par'), finish="length"))
    assert (response.content, response.finish_reason) == ('{"city": "Par', "length")


def test_several_answers() -> None:
    """Each is its own call's."""
    body = chat(call())
    body["choices"].append({"index": 1, "message": {"role": "assistant", "content": "Text."}, "finish_reason": "stop"})
    response = decoded(openai_chat, body)
    assert [choice.content for choice in response.choices] == [ARGUMENTS, "Text."]
    assert [choice.finish_reason for choice in response.choices] == ["stop", "stop"]


def chunks(*deltas: dict[str, Any], finish: str = "tool_calls") -> bytes:
    """Write *deltas* as a stream of chat completions."""
    chunk = {"id": "1", "model": "m", "object": "chat.completion.chunk"}
    told: list[Any] = [{**chunk, "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    told.append({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    told.append({**chunk, "choices": [], "usage": {"prompt_tokens": 3}})
    return ("".join(f"data: {json.dumps(each)}\n\n" for each in told) + "data: [DONE]\n\n").encode()


def test_streams_of_arguments_are_streams_of_text() -> None:
    """Piece by piece as they come, and the response is that of the whole answer."""
    pieces = [{"tool_calls": [call("")]}, *({"tool_calls": [{"index": 0, "function": {"arguments": each}}]} for each in ARGUMENTS)]
    data = chunks({"reasoning_content": "Hm."}, {"content": "Here it is:"}, *pieces, {"tool_calls": [call("{}", 1)]})
    events, response = streamed(openai_chat, data)
    whole = decoded(openai_chat, chat(call(), call("{}", 1), content="Here it is:", reasoning_content="Hm."))
    assert response == whole
    assert [event.delta for event in events if isinstance(event, TextDelta)] == list(ARGUMENTS)
    assert {type(event) for event in events} == {ReasoningDelta, TextDelta, Finish}


def test_streams_without_a_call_give_their_text_at_the_end() -> None:
    """Until then nobody knows what it is."""
    events, response = streamed(openai_chat, chunks({"content": "{}"}, {"refusal": "No."}, finish="stop"))
    assert (response.content, response.refusal, response.finish_reason) == ("{}", "No.", "refusal")
    assert [type(event) for event in events] == [RefusalDelta, TextDelta, Finish]


def test_calls_that_come_whole_are_told_whole() -> None:
    """As Ollama's do."""
    line = {
        "model": "m",
        "message": {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "place", "arguments": {"n": 1}}}]},
    }
    last = {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
    _, response = streamed(ollama_chat, "".join(json.dumps(each) + "\n" for each in [{**line, "done": False}, last]).encode())
    assert json.loads(response.content) == {"n": 1}


def test_anthropics_calls_too() -> None:
    """Whose whole answers are blocks."""
    said: list[Any] = [{"type": "text", "text": "Here:"}, {"type": "tool_use", "id": "t", "name": "place", "input": {"city": "Paris"}}]
    body: dict[str, Any] = {
        "type": "message",
        "id": "1",
        "model": "m",
        "role": "assistant",
        "content": said,
        "stop_reason": "tool_use",
        "usage": {},
    }
    response = decoded(anthropic_messages, body)
    assert (json.loads(response.content), response.finish_reason) == ({"city": "Paris"}, "stop")


@pytest.mark.parametrize("first", [None, 0])
def test_refusals_are_the_protocols(first: int | None) -> None:
    """An error is what it was."""
    assert isinstance(emulated(openai_chat, first).decode_error(HttpReply(429, {}, b"{}")), ProviderRateLimitError)
