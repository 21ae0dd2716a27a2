"""A protocol whose model writes its calls into the text: answers and streams agree, and everything else is handed through."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

from llmring._core.accumulate import Accumulator
from llmring._core.http import HttpReply
from llmring.exceptions import ProviderRateLimitError
from llmring.protocols import anthropic_messages, gemini_generate, ollama_chat, openai_chat
from llmring.protocols.emulation import EmulatedTools
from llmring.protocols.stream import Reading
from llmring.schemas import ReasoningPart, TextPart, ToolCall, ToolCallComplete

TEXT = 'Let me see.\n<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>\n<tool_call>{"name": "now"}</tool_call>'
CALLS = [ToolCall(id="call_3", name="add", arguments={"a": 1}), ToolCall(id="call_4", name="now")]


def chat(text: str, **more: Any) -> dict[str, Any]:
    """Write an answer as chat completions do."""
    message = {"role": "assistant", "content": text, **more}
    return {"id": "1", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}}


def decoded(protocol: Any, body: dict[str, Any]) -> Any:
    """Decode *body* by *protocol*."""
    return EmulatedTools(protocol, 3).decode(HttpReply(200, {"x-id": "7"}, json.dumps(body).encode()))


def streamed(protocol: Any, data: bytes) -> tuple[list[Any], Any]:
    """Read a stream of *data* by *protocol*; return events and response."""
    emulated: Any = EmulatedTools(protocol, 3)
    accumulator = Accumulator(emulated.NAME)
    reading = Reading(emulated, accumulator)
    events = [event for at in range(0, len(data), 7) for event in reading.read(data[at : at + 7])] + reading.read(None)
    assert reading.failure is None
    return events, accumulator.response()


def test_calls_of_a_whole_answer() -> None:
    """They are calls like any other, and the text is what is left."""
    response = decoded(openai_chat, chat(TEXT))
    assert (response.content, response.finish_reason, response.raw_finish_reason) == ("Let me see.", "tool_calls", "stop")
    assert response.tool_calls == response.message.tool_calls == CALLS
    assert (response.id, response.model, response.usage.input_tokens, response.headers["x-id"]) == ("1", "m", 3, "7")
    assert response.raw == chat(TEXT)


def test_an_answer_without_calls_stays_as_it_is() -> None:
    """It is what the protocol made of it."""
    body = chat("Just text. ")
    assert decoded(openai_chat, body) == openai_chat.decode(HttpReply(200, {"x-id": "7"}, json.dumps(body).encode()))


def test_other_ends_stay() -> None:
    """An answer that was cut says so."""
    body = chat('<tool_call>{"name": "add", "argum')
    body["choices"][0]["finish_reason"] = "length"
    response = decoded(openai_chat, body)
    assert (response.finish_reason, response.tool_calls[0].name, response.tool_calls[0].arguments) == ("length", "add", None)


def test_everything_beside_the_text() -> None:
    """Thoughts, citations, refusals, signatures and other parts keep their places."""
    citation = {"type": "char_location", "cited_text": "x", "document_index": 0, "start_char_index": 0, "end_char_index": 1}
    content: list[Any] = [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "text", "text": "It says x. ", "citations": [citation]},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "text", "text": f"Then. {TEXT}"},
    ]
    body: dict[str, Any] = {
        "type": "message",
        "id": "1",
        "model": "m",
        "role": "assistant",
        "content": content,
        "stop_reason": "end_turn",
        "usage": {},
    }
    response = decoded(anthropic_messages, body)
    thought, said, opaque, then = response.message.content
    assert thought == ReasoningPart(text="Hm.", signature="c2ln", protocol="anthropic_messages")
    assert (said.text, said.citations[0].cited_text, opaque.type) == ("It says x.", "x", "opaque")
    assert then == TextPart(text=" Then. Let me see.")
    assert response.tool_calls == CALLS
    parts = [{"text": TEXT, "thoughtSignature": "c2ln"}]
    signed: dict[str, Any] = {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}], "usageMetadata": {}}
    found = decoded(gemini_generate, signed)
    assert found.tool_calls == [attrs.evolve(CALLS[0], at=1), attrs.evolve(CALLS[1], at=1)]
    assert [part.signature for part in found.message.content] == [None, "c2ln"]
    assert decoded(openai_chat, chat(TEXT, refusal="No.")).refusal == "No."


def test_several_answers() -> None:
    """Each has calls of its own."""
    body = chat(TEXT)
    body["choices"].append({"index": 1, "message": {"role": "assistant", "content": "Text."}, "finish_reason": "stop"})
    response = decoded(openai_chat, body)
    assert [choice.finish_reason for choice in response.choices] == ["tool_calls", "stop"]
    assert [choice.content for choice in response.choices] == ["Let me see.", "Text."]
    assert response.tool_calls == CALLS
    assert response.usage.input_tokens == 3


@pytest.mark.parametrize("text", [TEXT, "Just text.", "Before <tool_call>3</tool_call> after"])
def test_streams_agree(text: str) -> None:
    """A stream tells of each call once it is whole, and its response is that of the whole answer."""
    chunk = {"id": "1", "model": "m", "object": "chat.completion.chunk"}
    deltas: list[Any] = [{**chunk, "choices": [{"index": 0, "delta": {"content": text[at : at + 5]}}]} for at in range(0, len(text), 5)]
    deltas.append({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    deltas.append({**chunk, "choices": [], "usage": {"prompt_tokens": 3}})
    data = "".join(f"data: {json.dumps(delta)}\n\n" for delta in deltas) + "data: [DONE]\n\n"
    events, response = streamed(openai_chat, data.encode())
    whole = decoded(openai_chat, chat(text))
    assert response == whole
    assert "".join(event.delta for event in events) == whole.content
    assert [event.tool_call for event in events if isinstance(event, ToolCallComplete)] == whole.tool_calls
    assert [event.call for event in events if isinstance(event, ToolCallComplete)] == list(range(len(whole.tool_calls)))


def test_lines_agree_too() -> None:
    """Ollama's streams end without a mark of their own."""
    lines = [{"model": "m", "message": {"role": "assistant", "content": TEXT[at : at + 9]}, "done": False} for at in range(0, len(TEXT), 9)]
    last = {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
    _, response = streamed(ollama_chat, "".join(json.dumps(line) + "\n" for line in [*lines, last]).encode())
    whole = decoded(ollama_chat, {**last, "message": {"role": "assistant", "content": TEXT}})
    assert response == whole
    assert response.finish_reason == "tool_calls"


def test_citations_of_streams() -> None:
    """They support the text that came before."""
    events: list[Any] = [
        {"type": "message_start", "message": {"id": "1", "model": "m", "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "It says x."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": {"type": "x", "cited_text": "x"}}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
        {"type": "message_stop"},
    ]
    _, response = streamed(anthropic_messages, "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode())
    assert [part.citations[0].cited_text for part in response.message.content] == ["x"]


def test_refusals_are_the_protocols() -> None:
    """An error is what it was."""
    error = EmulatedTools(openai_chat, 0).decode_error(HttpReply(429, {}, b"{}"))
    assert isinstance(error, ProviderRateLimitError)
