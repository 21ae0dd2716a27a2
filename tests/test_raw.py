"""The vendors' own clients answer with the ring's key, URL and limits, on its connections, and close with it."""

from __future__ import annotations

import asyncio
import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import ollama
import openai
import pytest
from google import genai

from llmring import AsyncLLMRing, ConfigurationError, LLMRing, MissingAPIKeyError, UnknownProviderError
from llmring._sync.ring import SyncLLMRing
from llmring.schemas import Message
from llmring.testing.simulator import Simulator
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.timeouts import Timeout

pytestmark = pytest.mark.extra

HI: Any = [{"role": "user", "content": "Hi"}]
KEY = "sk-simulated-0001"
NAMES = ("openai", "anthropic", "google", "ollama")
EVERY = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Serve all providers."""
    with Simulator() as running:
        yield running
    gc.collect()


def model(name: str) -> str:
    """Give the model's own name."""
    return MODELS[name].partition(":")[2]


def answer(name: str, client: Any) -> str | None:
    """Ask a blocking *client* and give its text."""
    match name:
        case "openai":
            return client.chat.completions.create(model=model(name), messages=HI).choices[0].message.content
        case "anthropic":
            return client.messages.create(model=model(name), messages=HI, max_tokens=50).content[0].text
        case "google":
            return client.models.generate_content(model=model(name), contents="Hi").text
        case _:
            return client.chat(model(name), HI).message.content


async def awaited(name: str, client: Any) -> str | None:
    """Ask an asynchronous *client* and give its text."""
    match name:
        case "openai":
            return (await client.chat.completions.create(model=model(name), messages=HI)).choices[0].message.content
        case "anthropic":
            return (await client.messages.create(model=model(name), messages=HI, max_tokens=50)).content[0].text
        case "google":
            return (await client.aio.models.generate_content(model=model(name), contents="Hi")).text
        case _:
            return (await client.chat(model(name), HI)).message.content


# --- what is given -------------------------------------------------------------------------------------


BLOCKING = {"openai": openai.OpenAI, "anthropic": anthropic.Anthropic, "google": genai.Client, "ollama": ollama.Client}
AWAITED = {"openai": openai.AsyncOpenAI, "anthropic": anthropic.AsyncAnthropic, "google": genai.Client, "ollama": ollama.AsyncClient}


@EVERY
def test_the_blocking_ring_gives_blocking_clients(simulator: Simulator, name: str) -> None:
    """Its client is the vendor's own class and answers; the asynchronous one stands beside it."""
    for kind in (LLMRing, SyncLLMRing):
        with kind(**settings(simulator)) as ring:
            provider = ring.get_provider(name)
            assert type(provider.client) is BLOCKING[name]
            assert type(provider.async_client) is AWAITED[name]
            assert answer(name, provider.client)
            assert ring.get_provider(name).client is provider.client
            asyncio.run(awaited_then_closed(name, provider.async_client, ring))


async def awaited_then_closed(name: str, client: Any, ring: Any) -> None:
    """Ask *client*, then close the asynchronous side of *ring* where it has one."""
    assert await awaited(name, client)
    if isinstance(ring, LLMRing):
        await ring.aclose()
    elif name == "ollama":  # which has connections of its own
        await client.close()


@EVERY
async def test_the_asynchronous_ring_gives_asynchronous_clients(simulator: Simulator, name: str) -> None:
    """Its client is the vendor's own asynchronous class."""
    async with LLMRing(**settings(simulator)) as service:
        provider = service.get_provider(name)
        assert type(provider.client) is AWAITED[name]
        assert provider.async_client is provider.client
        assert await awaited(name, provider.client)
        assert (provider.name, provider.base_url) == (name, simulator.urls[name])


def test_sends_what_the_ring_sends(simulator: Simulator) -> None:
    """Key, URL and the user's own headers are the ring's."""
    given = settings(simulator)
    for options in given["providers"].values():
        options["headers"] = {"x-team": "a"}
    headers = {"openai": "authorization", "anthropic": "authorization", "google": "x-goog-api-key", "ollama": "authorization"}
    with LLMRing(**given) as ring:
        for name in NAMES:
            assert answer(name, ring.get_provider(name).client)
            sent = simulator.requests[-1].headers
            assert sent["x-team"] == "a"
            assert KEY in (sent.get(headers[name]) or sent["x-api-key"])


@pytest.mark.parametrize("timeout", [None, 7, "phases"])
def test_waits_as_long_as_the_ring(simulator: Simulator, timeout: Any) -> None:
    """Timeout and retries are the ring's; a copy with others has a client of its own."""
    from llmring import Timeout as Limits

    limit: Timeout | float | None = Limits(attempt=7, connect=2) if timeout == "phases" else timeout
    seconds = None if timeout is None else 7
    with LLMRing(**settings(simulator, timeout=limit, max_retries=5)) as ring:
        for name in ("openai", "anthropic"):
            client = ring.get_provider(name).client
            assert (client.timeout.read, client.timeout.connect) == (seconds, 2 if timeout == "phases" else seconds)
            assert client.max_retries == 5
            assert ring.with_options(timeout=9).get_provider(name).client.timeout.read == 9
            assert ring.with_options(max_retries=5).get_provider(name).client is client
        for name in ("google", "ollama"):
            assert answer(name, ring.get_provider(name).client)


# --- connections ---------------------------------------------------------------------------------------


def test_shares_the_connections(simulator: Simulator) -> None:
    """A call of the ring and one of its clients go over the same connection."""
    with LLMRing(**settings(simulator)) as ring:
        ring.chat(MODELS["openai"], "Hi")
        pool = ring._engine.transport._pools.get(None).own
        assert pool is not None
        (connection,) = pool.connections
        for name in ("openai", "anthropic", "google"):
            assert answer(name, ring.get_provider(name).client)
        ring.get_provider("openai").client.close()
        ring.chat(MODELS["openai"], "Hi")
        assert pool.connections == [connection]


def test_serves_one_loop_after_the_other(simulator: Simulator) -> None:
    """One asynchronous client works in every event loop, for each call goes over the running loop's connections."""
    ring = LLMRing(**settings(simulator))
    for name in ("openai", "anthropic", "google"):
        client = ring.get_provider(name).async_client
        for _ in range(3):
            assert asyncio.run(awaited(name, client))
    asyncio.run(ring.aclose())


async def test_streams(simulator: Simulator) -> None:
    """A stream of a client's comes over the ring's connections too."""
    async with AsyncLLMRing(**settings(simulator)) as ring:
        stream = await ring.get_provider("openai").client.chat.completions.create(model=model("openai"), messages=HI, stream=True)
        assert len([chunk async for chunk in stream]) > 2


@EVERY
async def test_closes_with_the_ring(simulator: Simulator, name: str) -> None:
    """After the ring is closed its clients are too; the ring may be used again and then has new ones."""
    ring = AsyncLLMRing(**settings(simulator))
    client = ring.get_provider(name).client
    assert await awaited(name, client)
    await ring.close()
    with pytest.raises((RuntimeError, openai.APIConnectionError, anthropic.APIConnectionError)):
        await awaited(name, client)
    again = ring.get_provider(name).client
    assert again is not client
    assert await awaited(name, again)
    await ring.close()


def test_uses_the_users_own_client(simulator: Simulator) -> None:
    """An HTTP client of the user's is used, and not closed."""
    with httpx2.Client() as own:
        with LLMRing(**settings(simulator), http_client=own) as ring:
            assert ring.get_provider("openai").client._client is own
            assert answer("openai", ring.get_provider("openai").client)
        assert not own.is_closed


# --- keys ----------------------------------------------------------------------------------------------


def test_sends_no_key_of_another(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of the user's own gets the key that was configured for it or none, never the vendor's from the environment."""
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OLLAMA_API_KEY"):
        monkeypatch.setenv(variable, "sk-secret-of-the-vendor")
    protocols = {"openai": "openai_chat", "anthropic": "anthropic_messages", "google": "gemini_generate", "ollama": "ollama_chat"}
    providers = {f"my-{name}": {"protocol": protocol, "base_url": simulator.urls[name]} for name, protocol in protocols.items()}
    with LLMRing(providers=providers) as ring:
        for name in NAMES:
            client = ring.get_provider(f"my-{name}").client
            with suppress(openai.APIError, anthropic.APIError, genai.errors.APIError, ollama.ResponseError):  # which want a key
                answer(name, client)
    assert len(simulator.requests) >= len(NAMES)
    assert not [request for request in simulator.requests if "secret" in str(request.headers)]


@pytest.mark.parametrize("header", ["api-key", "authorization"])
def test_sends_the_key_as_the_provider_wants_it(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, header: str) -> None:
    """Where the key goes into another header, or the user says what goes into that one, nothing else is sent."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "key-of-azure")
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-openai")
    name, headers = ("azure", {}) if header == "api-key" else ("openai", {"Authorization": "Signed abc"})
    with LLMRing(providers={name: {"base_url": simulator.urls["openai"], "headers": headers}}) as ring:
        client = ring.get_provider(name).client
        with suppress(openai.APIError):
            answer("openai", client)
    sent = simulator.requests[-1].headers
    assert sent.get(header) == ("key-of-azure" if name == "azure" else "Signed abc")
    assert ("authorization" in sent) == (name == "openai")


def test_takes_a_token_for_a_key(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anthropic's token is sent as one."""
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-0001")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", simulator.urls["anthropic"])
    with LLMRing() as ring:
        client = ring.get_provider("anthropic").client
        assert (client.auth_token, client.api_key) == ("token-0001", None)


def test_never_shows_the_key(simulator: Simulator) -> None:
    """What a provider shows of itself has no key."""
    with LLMRing(**settings(simulator)) as ring:
        provider = ring.get_provider("openai")
        assert repr(provider) == f"Provider('openai', {simulator.urls['openai']!r})"
        assert KEY not in str(provider)


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown provider, a missing key and a missing package are told when they are needed, with the remedy."""
    with LLMRing() as ring:
        with pytest.raises(UnknownProviderError, match="opena"):
            ring.get_provider("opena")
        assert ring.get_provider("claude").name == "anthropic"
        with pytest.raises(MissingAPIKeyError, match="OPENAI_API_KEY"):
            _ = ring.get_provider("openai").client
        monkeypatch.setitem(sys.modules, "openai", None)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("GROQ_API_KEY", KEY)
        for name in ("openai", "groq"):
            with pytest.raises(ConfigurationError, match=r'pip install "llmring\[openai\]"'):
                _ = ring.get_provider(name).client


def test_the_ring_itself_needs_no_package(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of the ring import no vendor's package."""
    for package in ("openai", "anthropic", "google.genai", "ollama"):
        monkeypatch.setitem(sys.modules, package, None)
    with LLMRing(**settings(simulator)) as ring:
        for name in NAMES:
            assert ring.chat(MODELS[name], [Message(role="user", content="Hi")]).content
