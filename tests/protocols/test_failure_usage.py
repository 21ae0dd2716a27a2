"""A failure inside an answer that tells what it used carries that, by every protocol, whole and streamed."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from llmring._core.accumulate import Accumulator
from llmring._core.http import HttpReply
from llmring._core.leaving import interrupted
from llmring._gen.usage import Usage
from llmring.exceptions import ContentFilterError, ProviderError
from llmring.protocols.stream import Reading

if TYPE_CHECKING:
    from types import ModuleType

USED = Usage(input_tokens=7, output_tokens=2, total_tokens=9)
CHAT = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
RESPONSES = {"input_tokens": 7, "output_tokens": 2, "total_tokens": 9}
ANTHROPIC = {"input_tokens": 7, "output_tokens": 2}
GEMINI = {"promptTokenCount": 7, "candidatesTokenCount": 2, "totalTokenCount": 9}
OLLAMA = {"done": True, "prompt_eval_count": 7, "eval_count": 2}
COUNTERS = {"usage", "usageMetadata", *OLLAMA}
ERROR = {"message": "overloaded", "type": "overloaded_error", "code": "overloaded"}
FAILED: dict[str, Any] = {"object": "response", "status": "failed", "error": ERROR, "output": [], "usage": RESPONSES}
BLOCKED = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": GEMINI}
BEGUN = {"type": "message_start", "message": {"id": "m", "model": "claude", "usage": ANTHROPIC}}

WHOLE: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("openai_chat", {"error": ERROR, "usage": CHAT}),
    "chat-object": ("openai_chat", {"object": "error", **ERROR, "usage": CHAT}),
    "chat-choice": ("openai_chat", {"choices": [{"error": ERROR}, {"error": "later"}], "usage": CHAT}),
    "responses": ("openai_responses", FAILED),
    "responses-bare": ("openai_responses", {"error": ERROR, "usage": RESPONSES}),
    "anthropic": ("anthropic_messages", {"type": "error", "error": ERROR, "usage": ANTHROPIC}),
    "gemini": ("gemini_generate", {"error": ERROR, "usageMetadata": GEMINI}),
    "gemini-blocked": ("gemini_generate", BLOCKED),
    "ollama": ("ollama_chat", {"error": "overloaded", **OLLAMA}),
}
STREAMED: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "chat": ("openai_chat", [{"choices": [], "usage": CHAT}, {"error": ERROR}]),
    "chat-choice": ("openai_chat", [{"choices": [{"index": 0, "delta": {}, "error": ERROR}], "usage": CHAT}]),
    "responses": ("openai_responses", [{"type": "response.failed", "response": FAILED}]),
    "responses-error": (
        "openai_responses",
        [{"type": "response.in_progress", "response": {"usage": RESPONSES}}, {**ERROR, "type": "error"}],
    ),
    "responses-bare": ("openai_responses", [{"type": "response.in_progress", "response": {"usage": RESPONSES}}, {"error": ERROR}]),
    "anthropic": ("anthropic_messages", [BEGUN, {"type": "error", "error": ERROR}]),
    "gemini": ("gemini_generate", [{"usageMetadata": GEMINI}, {"error": ERROR}]),
    "gemini-blocked": ("gemini_generate", [BLOCKED]),
    "ollama": ("ollama_chat", [{"error": "overloaded", **OLLAMA}]),
}


def raised(protocol: str, body: dict[str, Any]) -> ProviderError:
    """Decode *body*, and give the error."""
    with pytest.raises(ProviderError) as caught:
        load(protocol).decode(HttpReply(200, {}, json.dumps(body).encode()))
    return caught.value


def load(protocol: str) -> ModuleType:
    """Import *protocol*."""
    return import_module(f"llmring.protocols.{protocol}")


def told(protocol: str, frames: list[dict[str, Any]]) -> ProviderError:
    """Read *frames*, and give the error that they end in."""
    module = load(protocol)
    reading = Reading(module, Accumulator(module.NAME))
    for frame in frames:
        text = json.dumps(frame)
        reading.read((f"data: {text}\n\n" if module.FRAMING == "sse" else f"{text}\n").encode())
    assert reading.failure is not None
    return reading.failure


@pytest.mark.parametrize("name", WHOLE)
def test_an_answer_that_failed_tells_its_usage(name: str) -> None:
    """Whatever the provider says beside the error."""
    assert raised(*WHOLE[name]).usage == USED


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "gemini-blocked"])
def test_a_refusal_tells_its_usage(name: str) -> None:
    """With a status that says no, too."""
    protocol, body = WHOLE[name]
    refused = HttpReply(400, {}, json.dumps(body).encode())
    assert load(protocol).decode_error(refused).usage == USED
    silent = {key: value for key, value in body.items() if key not in COUNTERS}
    assert load(protocol).decode_error(HttpReply(400, {}, json.dumps(silent).encode())).usage is None


def test_what_comes_along_with_an_error_tells_its_usage() -> None:
    """OpenAI says first that there was an error, then what the response was that failed."""
    module = load("openai_responses")
    reading = Reading(module, Accumulator(module.NAME))
    frames = [{**ERROR, "type": "error"}, {"type": "response.failed", "response": FAILED}, {"type": "response.unheard-of"}]
    reading.read("".join(f"data: {json.dumps(each)}\n\n" for each in [*frames, "[DONE]"]).encode())
    assert reading.failure is not None
    assert (reading.failure.body, reading.failure.usage) == (frames[0], USED)


@pytest.mark.parametrize("name", STREAMED)
def test_a_stream_that_failed_tells_its_usage(name: str) -> None:
    """As told by the events so far, also to whoever sees it interrupted."""
    error = told(*STREAMED[name])
    assert error.usage == interrupted(error).usage == USED


@pytest.mark.parametrize("name", WHOLE)
def test_a_failure_that_tells_nothing_has_no_usage(name: str) -> None:
    """It is not taken for one that used no tokens."""
    protocol, body = WHOLE[name]
    silent = {key: value for key, value in body.items() if key not in COUNTERS}
    assert raised(protocol, silent).usage is None


def test_a_choice_that_failed_is_told_as_it_was() -> None:
    """The first error counts, and its own object is its body."""
    error = raised(*WHOLE["chat-choice"])
    assert (error.message, error.body) == ("overloaded", {"error": ERROR})


def test_a_blocked_prompt_is_still_one() -> None:
    """What it used changes nothing of its class."""
    assert type(raised(*WHOLE["gemini-blocked"])) is ContentFilterError
