"""What fitting promises, seen by a caller: adapted forms, prompts that cannot fit or were cut, and fallbacks by capability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring._async.ring import AsyncLLMRing
from llmring.exceptions import ContextWindowExceededError
from llmring.testing.simulator import Simulator
from tests.rings import MODELS, lockfile, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@attrs.frozen
class Place:
    """Somewhere."""

    city: str
    people: int = 0
    names: list[str] = attrs.Factory(list[str])


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Serve all providers."""
    with Simulator() as running:
        yield running


@pytest.fixture
async def ring(simulator: Simulator) -> AsyncIterator[AsyncLLMRing]:
    """Give a ring that is closed afterwards."""
    async with AsyncLLMRing(**settings(simulator)) as made:
        yield made


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
