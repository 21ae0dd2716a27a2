"""The quick way of reading an answer gives what the thorough one gives, or leaves it to that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from llmring._core.http import HttpReply
from llmring.protocols import anthropic_messages, openai_chat_decode

if TYPE_CHECKING:
    from types import ModuleType

CHAT: dict[str, Any] = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-mini",
    "object": "chat.completion",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi", "refusal": None, "annotations": []}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    "service_tier": "default",
}
CHOICE: dict[str, Any] = CHAT["choices"][0]
SAID: dict[str, Any] = CHOICE["message"]
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "Hi", "citations": None}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "cache_read_input_tokens": 2, "output_tokens": 2, "service_tier": "standard"},
}


def chat(**changes: Any) -> dict[str, Any]:
    """Give a chat completion with *changes* of its choice."""
    return {**CHAT, "choices": [{**CHOICE, **changes}]}


def saying(**changes: Any) -> dict[str, Any]:
    """Give a chat completion with *changes* of its message."""
    return chat(message={**SAID, **changes})


def leave_it(_: dict[str, Any]) -> None:
    """Stand for a quick way that leaves everything to the thorough one."""


CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}

COMPLETIONS: list[dict[str, Any]] = [
    CHAT,
    {"choices": CHAT["choices"]},
    {**CHAT, "usage": None, "service_tier": None, "model": 4, "id": ""},
    chat(finish_reason="length"),
    chat(finish_reason="WORN_OUT", index=1),
    {**CHAT, "choices": [CHOICE, {**CHOICE, "index": 1}]},
    {**CHAT, "choices": []},
    {**CHAT, "citations": ["https://example.com"]},
    {**CHAT, "x_groq": {"usage": {"prompt_tokens": 1}}},
    {**CHAT, "choices": ["Hi"]},
    chat(index=None),
    chat(finish_reason=None),
    chat(finish_reason=""),
    chat(logprobs={"content": [{"token": "Hi"}]}),
    chat(usage={"prompt_tokens": 1}),
    chat(message=None),
    saying(content=""),
    saying(content=None, tool_calls=[CALL]),
    saying(content=["Hi"]),
    saying(tool_calls=[CALL]),
    saying(refusal="No."),
    saying(reasoning="Hm."),
    saying(annotations=[{"type": "url_citation", "url_citation": {"url": "https://example.com"}}]),
]
MESSAGES: list[dict[str, Any]] = [
    MESSAGE,
    {**MESSAGE, "usage": None, "model": None, "id": 7},
    {**MESSAGE, "usage": {"input_tokens": None}},
    {**MESSAGE, "stop_reason": "unheard_of"},
    {**MESSAGE, "stop_reason": None},
    {**MESSAGE, "stop_reason": "refusal", "stop_details": {"type": "refusal", "explanation": "No."}},
    {**MESSAGE, "content": None},
    {**MESSAGE, "content": ["Hi"]},
    {**MESSAGE, "content": [{"type": "text"}]},
    {**MESSAGE, "content": [{"type": "text", "text": ""}]},
    {**MESSAGE, "content": [{"type": "text", "text": "Hi", "citations": [{"cited_text": "Hi"}]}]},
    {**MESSAGE, "content": [{"type": "compaction", "text": "Hi"}]},
    {**MESSAGE, "content": [{"type": "text", "text": "Hi"}, {"type": "tool_use", "id": "call_1", "name": "look", "input": {}}]},
]
CASES: list[tuple[ModuleType, str, dict[str, Any]]] = [
    *((openai_chat_decode, "_plain_answer", body) for body in COMPLETIONS),
    *((anthropic_messages, "_plain", body) for body in MESSAGES),
]


@pytest.mark.parametrize("module, quick, body", CASES)
def test_the_quick_way_never_disagrees(module: ModuleType, quick: str, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the quick way reads, the thorough one reads alike, what does not count for equality included."""
    reply = HttpReply(200, {"x-request-id": "req_1"}, json.dumps(body).encode())
    read = module.decode(reply)
    monkeypatch.setattr(module, quick, leave_it)
    thorough = module.decode(reply)
    assert (read, read.to_dict()) == (thorough, thorough.to_dict())


@pytest.mark.parametrize("module, quick, body", [CASES[0], CASES[len(COMPLETIONS)]])
def test_the_quick_way_is_taken(module: ModuleType, quick: str, body: dict[str, Any]) -> None:
    """A plain answer is read at once."""
    assert getattr(module, quick)(body) is not None
