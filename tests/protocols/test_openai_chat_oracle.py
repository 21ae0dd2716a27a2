"""Bodies of chat completions and of Ollama's chat fit the official SDKs' request types."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart, Message, RefusalPart, TextPart
from llmring._gen.tool import Tool, ToolCall
from llmring.protocols import ollama_chat, openai_chat

pytestmark = pytest.mark.extra

SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
HI = Message(role="user", content="Hi")
TURNS = (
    Message(role="system", content="Be kind"),
    HI,
    Message(role="assistant", tool_calls=[ToolCall(id="a", name="f", arguments={"x": 1})]),
    Message(role="tool", tool_call_id="a", name="f", content="1"),
    Message(role="assistant", content="One"),
)
SETTINGS = {
    "temperature": 0.5,
    "top_p": 0.9,
    "max_tokens": 9,
    "stop": ["x"],
    "seed": 1,
    "presence_penalty": 0.1,
    "frequency_penalty": 0.2,
    "logprobs": True,
    "top_logprobs": 2,
}
TOOLS = (Tool(name="f", description="does", parameters=SCHEMA), Tool(name="g"))
REQUESTS = {
    "plain": NormalRequest(messages=(HI,)),
    "stream": NormalRequest(messages=(HI,), stream=True),
    "turns": NormalRequest(messages=TURNS),
    "tools": NormalRequest(messages=TURNS, tools=TOOLS),
    "settings": NormalRequest(messages=(HI,), options=SETTINGS),
    "images": NormalRequest(messages=(Message(role="user", content=[TextPart(text="Look"), ImagePart(data=b"\x89PNG\r\n\x1a\n")]),)),
    "object": NormalRequest(messages=(HI,), response_format=ResponseFormat(kind="json_object")),
    "schema": NormalRequest(messages=(HI,), response_format=ResponseFormat(kind="json_schema", schema=SCHEMA, strict=True)),
}
OPENAI = {
    **REQUESTS,
    "names": NormalRequest(messages=(Message(role="developer", content="D"), Message(role="user", content="Hi", name="Ann"))),
    "custom": NormalRequest(
        messages=(HI, Message(role="assistant", tool_calls=[ToolCall(id="a", name="sql", arguments="select 1", kind="custom")])),
        tools=(Tool(type="custom", name="sql", config={"format": {"type": "text"}}), Tool(name="f", parameters=SCHEMA, strict=True)),
        tool_choice="function",
        tool_name="sql",
    ),
    "forced": NormalRequest(messages=(HI,), tools=TOOLS, tool_choice="function", tool_name="f", options={"parallel_tool_calls": False}),
    "attachments": NormalRequest(
        messages=(
            Message(
                role="user",
                content=[
                    ImagePart(url="https://a/b.png", detail="low"),
                    AudioPart(data=b"x", media_type="audio/wav"),
                    DocumentPart(data=b"%PDF", name="a.pdf"),
                    DocumentPart(text="T"),
                    FilePart(file_id="file-1"),
                ],
            ),
            Message(role="assistant", content=[RefusalPart(refusal="no"), AudioPart(file_id="audio-1")]),
        )
    ),
    "rest": NormalRequest(
        messages=(HI,),
        options={"n": 2, "user": "u", "service_tier": "flex", "metadata": {"a": "b"}, "reasoning": "low"},
        extra={"logit_bias": {"1": 2}, "store": True, "verbosity": "low", "prompt_cache_key": "k", "prompt_cache_retention": "24h"},
    ),
}
OLLAMA = {
    **REQUESTS,
    "thinking": NormalRequest(messages=(HI,), options={"reasoning": "high"}, extra={"keep_alive": "5m", "num_ctx": 4096}),
}


def sent(protocol: Any, request: NormalRequest) -> dict[str, Any]:
    """Give the body that *protocol* renders."""
    return protocol.encode(request, "m").body


@pytest.mark.parametrize("name", OPENAI)
def test_openai_knows_every_key(name: str) -> None:
    """All that is sent is of the SDK's types, and nothing is unknown to them."""
    from openai.types.chat import completion_create_params as params

    from tests.protocols.official import read_as

    body = sent(openai_chat, OPENAI[name])
    kind = params.CompletionCreateParamsStreaming if body.get("stream") else params.CompletionCreateParamsNonStreaming
    assert read_as(kind, body) == body


@pytest.mark.parametrize("name", OLLAMA)
def test_ollama_knows_every_key(name: str) -> None:
    """All that is sent is of the SDK's types, and nothing is unknown to them."""
    from ollama import _types as types

    from tests.protocols.official import read_as

    body = sent(ollama_chat, OLLAMA[name])
    assert read_as(types.ChatRequest, body) == body
