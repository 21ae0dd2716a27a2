"""Embeddings, token counts and lists of models, from every provider that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmring._async.ring import AsyncLLMRing
from llmring.exceptions import MissingAPIKeyError, ProviderServerError, RequestError, UnknownProviderError, UnsupportedParameterError
from tests.rings import MODELS, lockfile, settings

if TYPE_CHECKING:
    from pathlib import Path

    from llmring.testing.simulator import Simulator

EMBEDDING = {"openai": "openai:text-embedding-3-small", "google": "google:gemini-embedding-001", "ollama": "ollama:nomic-embed-text"}


@pytest.mark.parametrize("model", EMBEDDING.values(), ids=list(EMBEDDING))
async def test_embeds(ring: AsyncLLMRing, model: str) -> None:
    """Each text gets its vector, in order, and the same text the same one."""
    response = await ring.embed(model, ["one", "two", "one"])
    first, second, third = response.embeddings
    assert first == third != second
    assert len(first) == len(second) > 1
    assert response.model == model
    assert (await ring.embed(model, "one")).embeddings == [first]


async def test_chooses_the_length_of_vectors(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """The length goes out under each provider's own name for it."""
    await ring.embed(EMBEDDING["openai"], "one", dimensions=8)
    assert simulator.requests[-1].body["dimensions"] == 8
    await ring.embed(EMBEDDING["google"], "one", dimensions=8, extra_params={"taskType": "RETRIEVAL_QUERY"})
    sent = simulator.requests[-1].body["requests"][0]
    assert (sent["outputDimensionality"], sent["taskType"]) == (8, "RETRIEVAL_QUERY")


async def test_embeddings_cost(ring: AsyncLLMRing) -> None:
    """What the registry knows a price of has a cost; what not, a reason."""
    assert (await ring.embed(EMBEDDING["openai"], "one")).cost is not None
    unknown = await ring.embed("openai:embedding-unheard-of", "one")
    assert unknown.cost is None
    assert any("cost" in warning for warning in unknown.warnings)


@pytest.mark.parametrize("texts", [[], [1], ["one", None]])
async def test_embeds_texts_only(ring: AsyncLLMRing, texts: Any) -> None:
    """What is no text is refused before it is sent."""
    with pytest.raises(RequestError, match="input"):
        await ring.embed(EMBEDDING["openai"], texts)


async def test_embedding_falls_back(simulator: Simulator, tmp_path: Path) -> None:
    """A pool is walked as for chat: what cannot embed is passed over."""
    path = lockfile(tmp_path, vectors=[MODELS["anthropic"], "openai:text-embedding-3-small+fault=500", EMBEDDING["ollama"]])
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator)) as ring:
        response = await ring.embed("vectors", "one")
        assert response.model == EMBEDDING["ollama"]
        assert [attempt.outcome for attempt in response.attempts] == ["ProviderServerError", "ok"]
        with pytest.raises(UnsupportedParameterError, match="embeddings"):
            await ring.embed(MODELS["anthropic"], "one")
        with pytest.raises(ProviderServerError):
            await ring.embed("openai:text-embedding-3-small+fault=500", "one")


@pytest.mark.parametrize("provider", ["anthropic", "google", "responses"])
async def test_counts_by_the_provider(ring: AsyncLLMRing, provider: str) -> None:
    """Where the provider counts, its count is given."""
    counted = await ring.count_tokens(MODELS[provider], "How many tokens are these?")
    assert counted.tokens > 0
    assert not counted.estimated
    assert counted.model == MODELS[provider]


async def test_estimates_where_nobody_counts(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """An estimate says that it is one, and asks nobody."""
    before = len(simulator.requests)
    messages = [{"role": "user", "content": "x" * 400}]
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    short, long = await ring.count_tokens(MODELS["ollama"], messages), await ring.count_tokens(MODELS["ollama"], messages, tools=tools)
    assert short.estimated
    assert 100 <= short.tokens < long.tokens < 200
    assert len(simulator.requests) == before


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "ollama"])
async def test_lists_models(ring: AsyncLLMRing, provider: str) -> None:
    """What the provider offers, joined to what the registry knows."""
    listed = await ring.list_models(provider)
    assert listed
    assert all(each.model.startswith(f"{provider}:") and each.raw for each in listed)
    if provider != "ollama":
        assert any(each.known and each.context for each in listed)


async def test_lists_need_a_provider_and_its_key(ring: AsyncLLMRing) -> None:
    """A mistyped name has near matches, a missing key its variable."""
    with pytest.raises(UnknownProviderError, match="openai"):
        await ring.list_models("openia")
    with pytest.raises(MissingAPIKeyError, match="GROQ_API_KEY"):
        await ring.list_models("groq")


async def test_ollamas_server_tells_what_its_models_can_do(ring: AsyncLLMRing) -> None:
    """Abilities and window come from the server itself; others' from the registry."""
    found = {listed.model: listed for listed in await ring.list_models("ollama")}
    assert found
    assert all(listed.context == 131_072 for listed in found.values())
    assert any(listed.can == ["reasoning", "tools"] for listed in found.values())
    assert any("tools" in (listed.can or ()) for listed in await ring.list_models("openai"))
