"""Conversations with thoughts and tools, which go on with the same provider and with every other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from llmring.schemas import Message, ReasoningPart

if TYPE_CHECKING:
    from llmring._async.ring import AsyncLLMRing
    from llmring.schemas import LLMResponse
    from llmring.testing.simulator import Simulator

MODELS: Final = {
    "openai": "openai:gpt-5.4-mini",
    "responses": "responses:gpt-5.4-mini",
    "anthropic": "anthropic:claude-sonnet-4-6",
    "google": "google:gemini-3.5-flash",
    "ollama": "ollama:qwen3:8b",
}
"""One model that thinks for each of the five wire formats."""
SIGNING: Final = {"responses": "encrypted_content", "anthropic": "signature", "google": "thoughtSignature"}
"""Those whose thoughts must come back as they were, and the key of what they sign with."""
ASKED: Final = "What is the weather in Paris?"
TOOL: Final = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
OPTIONS: Final[dict[str, Any]] = {"tools": [TOOL], "reasoning": "low", "max_tokens": 3000}
HOME: Final = {("responses", "openai")}
"""OpenAI takes what its Responses API signed by that very API."""
PAIRS: Final = [(source, target) for source in MODELS for target in MODELS if source != target and (source, target) not in HOME]


def options_for(name: str) -> dict[str, Any]:
    """Give the options for a model; Responses keeps nothing, so that thoughts travel with the conversation."""
    return {**OPTIONS, "extra_params": {"store": False}} if name == "responses" else OPTIONS


async def begun(ring: AsyncLLMRing, name: str) -> tuple[list[Any], LLMResponse[Any]]:
    """Begin a conversation: a question, thoughts and a call, and what the tool says."""
    first = await ring.chat(MODELS[name], [{"role": "user", "content": ASKED}], **options_for(name))
    results = [Message(role="tool", tool_call_id=call.id, content="Sunny, 21 degrees") for call in first.tool_calls]
    return [Message(role="user", content=ASKED), first.message, *results], first


def secrets(value: Any) -> set[str]:
    """Give every signature that stands in *value*, whatever it is called."""
    match value:
        case dict():
            own = {inner for key, inner in value.items() if key in SIGNING.values() and isinstance(inner, str)}  # pyright: ignore[reportUnknownVariableType]
            return own.union(*map(secrets, value.values()))  # pyright: ignore[reportUnknownArgumentType]
        case list():
            return set[str]().union(*map(secrets, value))  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return set()


def minted(message: Message) -> bool:
    """Tell whether *message* holds what only its own provider understands."""
    parts = message.content if isinstance(message.content, list) else []
    thoughts = any(isinstance(part, ReasoningPart) and part.protocol is not None for part in parts)
    return thoughts or any(call.signature is not None for call in message.tool_calls)


async def test_openai_goes_on_with_its_own_thoughts(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """A conversation of the Responses API stays with it, though chat completions are what is called by default."""
    talk, first = await begun(ring, "responses")
    answer = await ring.chat(MODELS["openai"], talk, **options_for("responses"))
    assert simulator.requests[-1].path.endswith("/responses")
    assert secrets(first.raw) == secrets(simulator.requests[-1].body)
    assert not any("was not shown" in warning for warning in answer.warnings)


@pytest.mark.parametrize("name", SIGNING)
async def test_signs_go_back_as_they_came(ring: AsyncLLMRing, simulator: Simulator, name: str) -> None:
    """Over several turns, every signature that came stands in what is sent, byte for byte, and nothing is said of losses."""
    talk, answer = await begun(ring, name)
    came = secrets(answer.raw)
    assert came
    for _ in range(2):
        answer = await ring.chat(MODELS[name], talk, **options_for(name))
        assert secrets(simulator.requests[-1].body) == came
        assert not any("was not shown" in warning for warning in answer.warnings)
        came |= secrets(answer.raw)
        talk += [answer.message, Message(role="user", content="And tomorrow?")]
        if answer.tool_calls:
            talk[-1:] = [Message(role="tool", tool_call_id=call.id, content="Rain") for call in answer.tool_calls]


@pytest.mark.parametrize("source, target", PAIRS)
async def test_crosses(ring: AsyncLLMRing, simulator: Simulator, source: str, target: str) -> None:
    """The other provider answers; it sees the call and its result, and nothing that was signed elsewhere, of which one warning tells."""
    talk, first = await begun(ring, source)
    answer = await ring.chat(MODELS[target], talk, **options_for(target))
    assert answer.content or answer.tool_calls
    sent = json.dumps(simulator.requests[-1].body)
    assert "Sunny, 21 degrees" in sent
    assert '"weather"' in sent
    assert not any(secret in sent for secret in secrets(first.raw))
    assert sum("was not shown" in warning for warning in answer.warnings) == minted(first.message)


@pytest.mark.parametrize("source, target", PAIRS)
async def test_crosses_in_streams(ring: AsyncLLMRing, source: str, target: str) -> None:
    """Streams answer and warn just as well, and the conversation can go home again."""
    talk, _ = await begun(ring, source)
    stream = ring.chat_stream(MODELS[target], talk, **options_for(target))
    async for event in stream:
        assert event.index == 0
    answer = stream.response
    results = [Message(role="tool", tool_call_id=call.id, content="Rain") for call in answer.tool_calls]
    home = await ring.chat(MODELS[source], [*talk, answer.message, *results], **options_for(source))
    assert home.content or home.tool_calls
