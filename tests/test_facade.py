"""The ring that is called both ways: what its two sides share, and what ``with`` and ``async with`` hand out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from llmring import AsyncChatStream, AsyncLLMRing, LLMRing, SyncChatStream, UnknownAliasError

if TYPE_CHECKING:
    from pathlib import Path

LOCKFILE = """
[[profiles.default.bindings]]
alias = "fast"
models = ["openai:gpt-5.4-mini"]

[[profiles.dev.bindings]]
alias = "slow"
models = ["openai:gpt-5.4-mini"]
"""


@pytest.fixture
def ring(tmp_path: Path) -> LLMRing:
    """Return a ring with one alias in each of two profiles."""
    (tmp_path / "llmring.lock").write_text(LOCKFILE)
    return LLMRing(lockfile_path=tmp_path / "llmring.lock", origin="tests")


def test_with_hands_out_the_ring_itself(ring: LLMRing) -> None:
    """A blocking block needs no other object."""
    with ring as entered:
        assert entered is ring


async def test_async_with_hands_out_the_twin(ring: LLMRing) -> None:
    """The twin is made once, and knows what the ring knows."""
    async with ring as first:
        assert isinstance(first, AsyncLLMRing)
        assert first.aliases() == ring.aliases() == {"fast": ("openai:gpt-5.4-mini",)}
        assert first.origin == ring.origin
    async with ring as second:
        assert second is first
    assert first.usage() == ring.usage()


async def test_a_copy_has_a_twin_of_its_own(ring: LLMRing) -> None:
    """What ``with_options`` changes, holds on both sides of the copy and on neither of the original."""
    async with ring as twin, ring.with_options(profile="dev") as changed:
        assert changed is not twin
        assert (changed.has_alias("slow"), twin.has_alias("slow")) == (True, False)
        assert changed.origin == "tests"


def test_each_side_streams_in_its_own_way(ring: LLMRing) -> None:
    """Streams are made at once, without a loop."""
    assert isinstance(ring.chat_stream("fast", "Hi"), SyncChatStream)
    assert isinstance(ring.achat_stream("fast", "Hi"), AsyncChatStream)


def test_awaits_in_loop_after_loop(ring: LLMRing) -> None:
    """Verbs in ``a…`` work in each new loop, and fail as the blocking ones do."""
    with pytest.raises(UnknownAliasError) as blocked:
        ring.chat("fsat", "Hi")
    for _ in range(2):
        with pytest.raises(UnknownAliasError) as awaited:
            asyncio.run(ring.achat("fsat", "Hi"))
        assert str(awaited.value) == str(blocked.value)
        asyncio.run(ring.aclose())


def test_aliases_can_be_a_type() -> None:
    """The rings are generic at run time too."""
    assert isinstance(LLMRing[str](), LLMRing)
    assert isinstance(AsyncLLMRing[str](), AsyncLLMRing)
