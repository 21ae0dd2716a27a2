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
from llmring.protocols.emulation import emulated
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


def after_an_error(*frames: dict[str, Any], protocol: Any = None) -> tuple[Reading, ProviderError]:
    """Read an error of the Responses API, and then *frames*, each in a piece of its own."""
    module = protocol or load("openai_responses")
    reading = Reading(module, Accumulator(module.NAME))
    for at, each in enumerate([{**ERROR, "type": "error"}, *frames]):
        piece = f"data: {json.dumps(each)}\n\n".encode()
        if not at:
            reading.read(piece)
        elif reading.failure is not None:
            reading.hear(reading.failure, piece)
    assert reading.failure is not None
    return reading, reading.failure


def test_what_follows_an_error_tells_its_usage() -> None:
    """In a piece of its own, too; the error that came first stays the one that counts."""
    reading, error = after_an_error({"type": "response.unheard-of"}, {"type": "response.failed", "response": FAILED})
    assert (reading.owing, error.body["type"], error.usage) == (False, "error", USED)


def test_a_protocol_that_is_stood_before_tells_as_much() -> None:
    """A model without tools of its own may fail like any other."""
    protocol = emulated(load("openai_responses"), 1)
    assert after_an_error(protocol=protocol)[0].owing
    assert after_an_error({"type": "response.failed", "response": FAILED}, protocol=protocol)[1].usage == USED


def test_what_follows_an_error_without_a_blank_line() -> None:
    """The end completes it."""
    reading, error = after_an_error()
    reading.hear(error, f"data: {json.dumps({'type': 'response.failed', 'response': FAILED})}".encode())
    assert reading.owing
    reading.hear(error, None)
    assert (reading.owing, error.usage) == (False, USED)


def test_when_nothing_may_follow_an_error() -> None:
    """After the end of the bytes, after the response itself, and where the protocol ends with its errors."""
    ended, error = after_an_error()
    assert ended.owing
    ended.hear(error, None)
    assert (ended.owing, ended.over, error.usage) == (False, True, None)
    silent = {key: value for key, value in FAILED.items() if key != "usage"}
    assert not after_an_error({"type": "response.failed", "response": silent})[0].owing
    for name in ("chat", "anthropic", "gemini", "ollama"):
        module = load(WHOLE[name][0])
        reading = Reading(module, Accumulator(module.NAME))
        text = json.dumps({"type": "error", "error": ERROR})
        reading.read((f"data: {text}\n\n" if module.FRAMING == "sse" else f"{text}\n").encode())
        assert reading.failure is not None
        assert not reading.owing


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
