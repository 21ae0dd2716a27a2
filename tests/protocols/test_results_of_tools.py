"""Every kind of result that a tool gives reaches each provider in the form that it takes."""

from __future__ import annotations

import base64
from importlib import import_module
from typing import Any

import pytest

from llmring._core.fit import fit
from llmring._core.fitting import Target
from llmring._core.normalise import normalise_messages
from llmring._core.request import NormalRequest
from llmring._core.tool_results import error_turn, result_turn
from llmring.schemas import DocumentPart, ImagePart, Message, TextPart, ToolCall

CALL = ToolCall(id="call_a1", name="look", arguments={"at": "it"})
PNG = ImagePart(data=b"\x89PNG", media_type="image/png")
PDF = DocumentPart(data=b"%PDF-1.4", media_type="application/pdf", name="a.pdf")
IMAGE = base64.b64encode(b"\x89PNG").decode()
FILE = base64.b64encode(b"%PDF-1.4").decode()
OPENAI_IMAGE = f"data:image/png;base64,{IMAGE}"

RESULTS: dict[str, Message] = {
    "text": result_turn(CALL, "a dot"),
    "data": result_turn(CALL, {"dots": [1, None]}),
    "image": result_turn(CALL, [TextPart(text="a dot"), PNG]),
    "document": result_turn(CALL, [PDF]),
    "error": error_turn(CALL, "no eyes"),
}


def sent(protocol: str, kind: str) -> list[Any]:
    """Encode a conversation that ends with the result of this *kind*; give the turns from the result on."""
    turns = normalise_messages([Message(role="user", content="Look."), Message(role="assistant", tool_calls=[CALL]), RESULTS[kind]])
    fitted = fit(NormalRequest(messages=turns, worded=True), Target(name="p:m", protocol=protocol, capabilities={}, max_output=9))
    body: Any = import_module(f"llmring.protocols.{protocol}").encode(fitted.request, "m").body
    turns_sent: list[Any] = body.get("messages") or body.get("contents") or body.get("input")
    return turns_sent[2:]


def openai(content: Any) -> list[Any]:
    """Write a result as Chat Completions takes it."""
    return [{"role": "tool", "tool_call_id": "call_a1", "content": content}]


def responses(output: Any) -> list[Any]:
    """Write a result as the Responses API takes it."""
    return [{"type": "function_call_output", "call_id": "call_a1", "output": output}]


def anthropic(content: Any, **more: Any) -> list[Any]:
    """Write a result as Anthropic takes it."""
    return [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_a1", "content": content, **more}]}]


def gemini(response: dict[str, Any], *beside: Any) -> list[Any]:
    """Write a result as Gemini takes it."""
    return [{"role": "user", "parts": [{"functionResponse": {"name": "look", "response": response, "id": "call_a1"}}, *beside]}]


def ollama(content: str, **more: Any) -> list[Any]:
    """Write a result as Ollama takes it."""
    return [{"role": "tool", "content": content, "tool_name": "look", **more}]


TEXT = {"type": "text", "text": "a dot"}
FROM = {"type": "text", "text": "From the tool look:"}
DATA = '{"dots": [1, null]}'
EXPECTED: dict[tuple[str, str], list[Any]] = {
    ("openai_chat", "text"): openai("a dot"),
    ("openai_chat", "data"): openai(DATA),
    ("openai_chat", "error"): openai("no eyes"),
    ("openai_chat", "image"): [
        *openai([TEXT]),
        {"role": "user", "content": [FROM, {"type": "image_url", "image_url": {"url": OPENAI_IMAGE}}]},
    ],
    ("openai_chat", "document"): [
        *openai([{"type": "text", "text": "(What the tool gave is shown after its results.)"}]),
        {
            "role": "user",
            "content": [FROM, {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{FILE}"}}],
        },
    ],
    ("openai_responses", "text"): responses("a dot"),
    ("openai_responses", "data"): responses(DATA),
    ("openai_responses", "error"): responses("no eyes"),
    ("openai_responses", "image"): responses(
        [{"type": "input_text", "text": "a dot"}, {"type": "input_image", "detail": "auto", "image_url": OPENAI_IMAGE}]
    ),
    ("openai_responses", "document"): responses(
        [{"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{FILE}"}]
    ),
    ("anthropic_messages", "text"): anthropic("a dot"),
    ("anthropic_messages", "data"): anthropic(DATA),
    ("anthropic_messages", "error"): anthropic("no eyes", is_error=True),
    ("anthropic_messages", "image"): anthropic(
        [TEXT, {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": IMAGE}}]
    ),
    ("anthropic_messages", "document"): anthropic(
        [{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": FILE}, "title": "a.pdf"}]
    ),
    ("gemini_generate", "text"): gemini({"output": "a dot"}),
    ("gemini_generate", "data"): gemini({"dots": [1, None]}),
    ("gemini_generate", "error"): gemini({"error": "no eyes"}),
    ("gemini_generate", "image"): gemini({"output": "a dot"}, {"inlineData": {"mimeType": "image/png", "data": IMAGE}}),
    ("gemini_generate", "document"): gemini({"output": ""}, {"inlineData": {"mimeType": "application/pdf", "data": FILE}}),
    ("ollama_chat", "text"): ollama("a dot"),
    ("ollama_chat", "data"): ollama(DATA),
    ("ollama_chat", "error"): ollama("no eyes"),
    ("ollama_chat", "image"): ollama("a dot", images=[IMAGE]),
}


@pytest.mark.parametrize("protocol, kind", EXPECTED, ids="-".join)
def test_reaches_the_provider(protocol: str, kind: str) -> None:
    """The turn is the one that the provider's page describes."""
    assert sent(protocol, kind) == EXPECTED[protocol, kind]
