"""What fitting promises, seen by a caller: adapted forms, prompts that cannot fit or were cut, and fallbacks by capability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring._async.ring import AsyncLLMRing
from llmring.exceptions import ContextWindowExceededError
from tests.rings import MODELS, lockfile, settings

if TYPE_CHECKING:
    from pathlib import Path

    from llmring.testing.simulator import Simulator


@attrs.frozen
class Place:
    """Somewhere."""

    city: str
    people: int = 0
    names: list[str] = attrs.Factory(list[str])


@attrs.frozen
class Branch:
    """Part of a tree."""

    name: str
    left: Branch | None = None


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
async def test_types_come_back(ring: AsyncLLMRing, model: str) -> None:
    """Whatever the provider makes of the schema, the value is of the type that was asked for."""
    response = await ring.chat(model, "Where is the Louvre?", response_format=Place)
    assert isinstance(response.parsed, Place)


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
async def test_lists_come_back(ring: AsyncLLMRing, model: str) -> None:
    """Also where the provider wants an object around them."""
    schema = {"type": "array", "items": {"type": "string"}}
    wanted: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "names", "schema": schema, "strict": True}}
    response = await ring.chat(model, "Who was there?", response_format=wanted)
    assert isinstance(response.parsed, list)


CALLED = {"deepseek": "deepseek:deepseek-chat", "anthropic": MODELS["anthropic"]}
"""Models that are asked by a tool: one has no schemas, the other none that hold themselves."""


def by_call(simulator: Simulator) -> dict[str, Any]:
    """Give a ring's settings that reach DeepSeek, too."""
    given = settings(simulator)
    given["providers"]["deepseek"] = {"base_url": simulator.urls["openai"], "api_key": "sk-simulated-0001"}
    return given


@pytest.mark.parametrize("model", CALLED.values(), ids=list(CALLED))
async def test_answers_come_back_as_calls(simulator: Simulator, model: str) -> None:
    """A model without such schemas is made to call a tool; nothing of that is left in the answer."""
    async with AsyncLLMRing(**by_call(simulator)) as ring:
        response = await ring.chat(model, "Name a branch.", response_format=Branch)
        body = simulator.requests[-1].body
        follow = await ring.chat(
            model, [{"role": "user", "content": "Name a branch."}, response.message, {"role": "user", "content": "Why?"}]
        )
    assert isinstance(response.parsed, Branch)
    assert [response.finish_reason, *response.tool_calls] == ["stop"]
    assert [body["tool_choice"].get("name") or body["tool_choice"]["function"]["name"], len(body["tools"])] == ["Branch", 1]
    assert not body.keys() & {"response_format", "output_config"}
    assert follow.content


@pytest.mark.parametrize("model", CALLED.values(), ids=list(CALLED))
async def test_answers_stream_as_calls(simulator: Simulator, model: str) -> None:
    """The arguments arrive as text, so that what is there so far can be read."""
    async with AsyncLLMRing(**by_call(simulator)) as ring:
        stream = ring.chat_stream(model, "Name a branch.", response_format=Branch)
        seen = [(stream.partial, event.delta) async for event in stream]
    assert isinstance(stream.response.parsed, Branch)
    assert "".join(delta for _, delta in seen) == stream.response.content
    assert any(partial and "name" in partial for partial, _ in seen[:-2])


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
async def test_lists_grow(ring: AsyncLLMRing, model: str) -> None:
    """What is there of a list so far is a list, whatever the provider wants around it."""
    stream = ring.chat_stream(model, "Who was there?", response_format=list[str])
    seen = [stream.partial async for _ in stream]
    assert {type(each) for each in seen} <= {list, type(None)}
    assert seen[-1] == stream.response.parsed


async def test_a_cut_prompt_is_told(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """Ollama says nothing of it, so we do."""
    told = await ring.chat(MODELS["ollama"], "word " * 400, extra_params={"num_ctx": 64})
    assert simulator.requests[-1].body["options"] == {"num_ctx": 64}
    assert any("num_ctx" in warning for warning in told.warnings)
    fine = await ring.chat(MODELS["ollama"], "word", extra_params={"options": {"num_ctx": 4096}})
    assert not any("num_ctx" in warning for warning in fine.warnings)


async def test_a_prompt_that_cannot_fit_goes_to_who_can(simulator: Simulator, tmp_path: Path) -> None:
    """Nothing is sent to a model that cannot take it."""
    text = "word " * 400_000
    pool = lockfile(tmp_path, long=[MODELS["anthropic"], "google:gemini-3.5-flash"])
    async with AsyncLLMRing(**settings(simulator, lockfile_path=pool)) as ring:
        before = len(simulator.requests)
        response = await ring.chat("long", text)
        assert response.provider == "google"
        assert len(simulator.requests) == before + 1
        with pytest.raises(ContextWindowExceededError, match="200000 tokens") as caught:
            await ring.chat(MODELS["anthropic"], text)
        assert caught.value.status_code is None


async def test_fallbacks_are_chosen_by_capability(simulator: Simulator, tmp_path: Path) -> None:
    """A model that cannot do what is asked is passed over without a try."""
    pool = lockfile(tmp_path, seeded=[MODELS["anthropic"], MODELS["ollama"]])
    async with AsyncLLMRing(**settings(simulator, lockfile_path=pool)) as ring:
        response = await ring.chat("seeded", "Hi", seed=7)
    assert response.provider == "ollama"
    assert [attempt.outcome for attempt in response.attempts] == ["ok"]
