"""The official SDKs know every body that we send: those of the cassettes, and a wrong one is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmring._core.http import HttpCall
from llmring._sync.ring import SyncLLMRing
from llmring.exceptions import ProviderConnectionError
from llmring.protocols import openai_chat
from tests.oracles import check_body, faults
from tests.oracles.watch import installed, watch
from tests.recording.tape import cassette
from tests.scenarios import PROVIDERS, SCENARIOS, Scenario, scenarios

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest
    from llmring._gen.providers import Protocol

pytestmark = pytest.mark.extra

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("openai_chat", {"model": "m", "messages": [], "max_output_tokens": 3}, "max_output_tokens: unknown"),
    ("openai_chat", {"model": "m", "messages": [{"role": "user", "content": "a", "at": 1}]}, "messages[0].at: unknown"),
    ("openai_chat", {"messages": []}, "model: Field required"),
    ("openai_responses", {"model": "m", "input": "a", "max_tokens": 3}, "max_tokens: unknown"),
    ("openai_responses", {"model": "m", "input": "a", "stream": True, "temperature": "hot"}, "temperature: Input should be a valid number"),
    ("anthropic_messages", {"model": "m", "max_tokens": 3, "messages": [], "stop": ["a"]}, "stop: unknown"),
    ("anthropic_messages", {"model": "m", "messages": []}, "max_tokens: Field required"),
    ("gemini_generate", {"contents": [{"role": "user", "parts": [{"txt": "a"}]}]}, "contents.0.parts.0.txt: Extra inputs"),
    ("gemini_generate", {"contents": [], "generationConfig": {"seed": "a"}}, "generationConfig.seed: Input should be a valid integer"),
    ("gemini_generate", {"contents": [], "model": "m"}, "model: Extra inputs"),
    ("ollama_chat", {"model": "m", "messages": [], "stream": False, "stop": "a"}, "stop: unknown"),
    ("ollama_chat", {"model": "m", "logprobs": "many"}, "logprobs: Input should be a valid boolean"),
]


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS.values() if each.vendor is None], ids=str)
def test_recorded_bodies_are_known(scenario: Scenario) -> None:
    """Every key, every type, every place; vendors of compatible APIs have words of their own."""
    check_body(scenario.protocol, cassette(scenario).request["body"])


@pytest.mark.parametrize("protocol, body, told", WRONG)
def test_wrong_bodies_are_found(protocol: Protocol, body: dict[str, Any], told: str) -> None:
    """An unknown key, a missing one, and a value of another type, each with its place."""
    assert any(fault.startswith(told) for fault in faults(protocol, body)), faults(protocol, body)


@pytest.mark.parametrize("protocol", PROVIDERS)
def test_faults_are_told_as_one_error(protocol: Protocol) -> None:
    """A key that no provider has is found in a body that is right but for it."""
    body = cassette(scenarios(protocol)[0]).request["body"]
    with pytest.raises(AssertionError, match=r"does not know:\n.*colour"):
        check_body(protocol, {**body, "colour": "red"})


def test_bodies_of_rings_are_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test watches, a body that the SDK does not know fails it before it is sent."""
    assert installed()
    watch(monkeypatch)
    ring = SyncLLMRing(providers={"openai": {"api_key": "k", "base_url": "http://127.0.0.1:9"}}, max_retries=0)
    with pytest.raises(ProviderConnectionError):
        ring.chat("openai:gpt-4.1-mini", "Hello")

    def wrong(request: NormalRequest, model: str) -> HttpCall:
        return HttpCall("POST", "/chat/completions", {"model": model, "message": request.messages[0].content})

    monkeypatch.setattr(openai_chat, "encode", wrong)
    with pytest.raises(AssertionError, match="messages: Field required"):
        ring.chat("openai:gpt-4.1-mini", "Hello")
    ring.close()
