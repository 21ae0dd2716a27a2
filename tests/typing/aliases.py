"""Aliases as a type, and what the checker refuses; every line so marked must be an error of just that kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, assert_type

from llmring import AsyncLLMRing, LLMRequest, LLMResponse, LLMRing, SyncLLMRing

if TYPE_CHECKING:
    from .own_aliases import Alias as OwnAlias

Alias = Literal["fast", "summarizer"]

anything = LLMRing()
known: LLMRing[Alias] = LLMRing()
own: LLMRing[OwnAlias] = LLMRing()


def takes_any_ring(ring: LLMRing, blocked: SyncLLMRing, awaited: AsyncLLMRing) -> None:
    """Stand for a library's function."""
    ring.chat("any name", "Hi")
    blocked.chat("provider:model", "Hi")
    awaited.chat_stream("any name", "Hi")


def known_aliases() -> None:
    """Take the aliases of the lockfile."""
    assert_type(known.chat("fast", "Hi"), LLMResponse[Any])
    assert_type(known.chat(model="summarizer", messages="Hi"), LLMResponse[Any])
    known.chat_stream("fast", "Hi")
    takes_any_ring(anything, anything, AsyncLLMRing())


def mistyped_aliases() -> None:
    """Refuse any other name."""
    known.chat("sumarizer", "Hi")  # pyright: ignore[reportArgumentType]
    known.chat(model="sumarizer", messages="Hi")  # pyright: ignore[reportArgumentType]
    known.chat_stream("sumarizer", "Hi")  # pyright: ignore[reportArgumentType]
    known.run_tools("sumarizer", "Hi", tools=[print])  # pyright: ignore[reportArgumentType]


def aliases_of_a_written_module() -> None:
    """Take and refuse by the module that ``llmring lock types`` has written of the repository's lockfile."""
    assert_type(own.chat("extractor", "Hi"), LLMResponse[Any])
    own.chat("extracter", "Hi")  # pyright: ignore[reportArgumentType]


async def mistyped_aliases_awaited() -> None:
    """Refuse them on the asynchronous side too."""
    await known.achat("fast", "Hi")
    await known.achat("sumarizer", "Hi")  # pyright: ignore[reportArgumentType]
    known.achat_stream("sumarizer", "Hi")  # pyright: ignore[reportArgumentType]
    async with known as service:
        assert_type(service, AsyncLLMRing[Alias])
        await service.chat("fast", "Hi")
        await service.chat("sumarizer", "Hi")  # pyright: ignore[reportArgumentType]


def wrong_calls() -> None:
    """Refuse what would be a ``TypeError`` or a mistake in any ring."""
    anything.chat("fast", messages="Hi", temprature=1)  # pyright: ignore[reportCallIssue]
    anything.chat("fast", messages="Hi", temperature="hot")  # pyright: ignore[reportArgumentType]
    anything.chat("fast")  # pyright: ignore[reportArgumentType]
    anything.chat(LLMRequest(model="fast", messages="Hi"), "Hi")  # pyright: ignore[reportArgumentType]
    anything.chat("fast", messages=[1])  # pyright: ignore[reportArgumentType]
    anything.run_tools("fast", "Hi", tools=[1])  # pyright: ignore[reportArgumentType]
    anything.run_tools("fast", "Hi", tools=[print], rounds=3)  # pyright: ignore[reportCallIssue]
    LLMRing(lockfile="llmring.lock")  # pyright: ignore[reportCallIssue]
    LLMRequest(model="fast", messages="Hi", temprature=1)  # pyright: ignore[reportCallIssue]
    LLMRing[int]()  # pyright: ignore[reportInvalidTypeArguments]
