"""A ring with a ledger keeps every call once: answers, failures, and streams however they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmring._async.ring import AsyncLLMRing
from llmring.exceptions import ConfigurationError, ProviderError, StreamInterruptedError
from llmring.ledger import CallRecord, Ledger
from tests.rings import lockfile, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from llmring.testing.simulator import Simulator

MINI = "openai:gpt-5.4-mini"


@pytest.fixture
async def ring(simulator: Simulator, tmp_path: Path) -> AsyncIterator[AsyncLLMRing]:
    """Give a ring with a ledger."""
    path = lockfile(tmp_path, fast=[MINI], pool=[f"{MINI}+fault=503", "anthropic:claude-haiku-4-5-20251001"])
    async with AsyncLLMRing(**settings(simulator, lockfile_path=path, ledger=tmp_path / "calls.db", origin="tests")) as made:
        yield made


async def kept(ring: AsyncLLMRing, folder: Path) -> CallRecord:
    """Give the one call in the ledger."""
    await ring.close()
    (found,) = Ledger(folder / "calls.db").records()
    return found


async def test_an_answer(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """Who asked, by which alias, who answered, and what it used."""
    answer = await ring.chat("pool", "Hi")
    found = await kept(ring, tmp_path)
    assert (found.origin, found.alias, found.profile, found.kind, found.outcome) == ("tests", "pool", "default", "chat", "ok")
    assert (found.model, found.attempts, found.latency) == (answer.model, 2, answer.latency)
    assert (found.input_tokens, found.output_tokens) == (answer.usage.input_tokens, answer.usage.output_tokens)
    assert answer.cost is not None
    assert found.cost == answer.cost.total


async def test_a_failure(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """A call without an answer is kept with its error and no tokens."""
    with pytest.raises(ProviderError):
        await ring.chat(f"{MINI}+fault=401", "Hi")
    found = await kept(ring, tmp_path)
    assert (found.outcome, found.attempts, found.input_tokens, found.cost) == ("ProviderAuthenticationError", 1, 0, None)


async def test_a_whole_stream(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """A stream that was read to its end, and then closed, is one answer."""
    async with ring.chat_stream("fast", "Hi") as stream:
        _ = [event async for event in stream]
    found = await kept(ring, tmp_path)
    assert (found.alias, found.outcome, found.output_tokens) == ("fast", "ok", stream.response.usage.output_tokens)


async def test_a_stream_that_was_left(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """Leaving early is no failure of a provider."""
    async with ring.chat_stream(f"{MINI}+words=200+pace=0.02", "Hi") as stream:
        _ = await anext(stream)
    assert (await kept(ring, tmp_path)).outcome == "closed"


async def test_a_stream_that_broke(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """What came before is kept with the error."""
    with pytest.raises(StreamInterruptedError):
        async for _ in ring.chat_stream(f"{MINI}+fault=cut+after=8", "Hi"):
            pass
    assert (await kept(ring, tmp_path)).outcome == "StreamInterruptedError"


async def test_a_stream_that_never_began(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """A failure before the first event is a failed call."""
    with pytest.raises(ProviderError):
        async for _ in ring.chat_stream(f"{MINI}+fault=403", "Hi"):
            pass
    assert (await kept(ring, tmp_path)).outcome == "ProviderPermissionError"


async def test_an_embedding(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """Vectors cost too, and count among the ring's totals."""
    answer = await ring.embed("openai:text-embedding-3-small", "a text")
    assert ring.usage().usage.input_tokens == answer.usage.input_tokens
    found = await kept(ring, tmp_path)
    assert (found.kind, found.outcome, found.input_tokens) == ("embed", "ok", answer.usage.input_tokens)


async def test_an_embedding_that_failed(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """So does one that was not made."""
    with pytest.raises(ProviderError):
        await ring.embed("openai:text-embedding-3-small+fault=401", "a text")
    found = await kept(ring, tmp_path)
    assert (found.kind, found.outcome) == ("embed", "ProviderAuthenticationError")


async def test_copies_of_a_ring_write_into_one_ledger(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """A copy has its ring's ledger."""
    await ring.with_options(max_retries=1).chat("fast", "Hi")
    assert (await kept(ring, tmp_path)).alias == "fast"


async def test_a_ring_keeps_none_unless_told(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger is asked for, by the constructor or by the environment, which False overrules."""
    path = tmp_path / "calls.db"
    async with AsyncLLMRing(**settings(simulator)) as ring:
        await ring.chat(MINI, "Hi")
    monkeypatch.setenv("LLMRING_LEDGER", str(path))
    async with AsyncLLMRing(**settings(simulator, ledger=False)) as ring:
        await ring.chat(MINI, "Hi")
    assert not path.exists()
    async with AsyncLLMRing(**settings(simulator)) as ring:
        await ring.chat(MINI, "Hi")
    assert len(list(Ledger(path).records())) == 1


async def test_a_ledger_that_cannot_be_written_fails_no_call(simulator: Simulator, tmp_path: Path) -> None:
    """The call is answered; closing says what is missing."""
    path = tmp_path / "calls.db"
    path.write_text("no database, but long enough to look like none" * 30)
    ring = AsyncLLMRing(**settings(simulator, ledger=path))
    assert (await ring.chat(MINI, "Hi")).content
    with pytest.warns(RuntimeWarning, match="calls are missing from the ledger: .*calls.db: file is not a database"):
        await ring.close()


@pytest.mark.parametrize("choice", [3, "", object()])
def test_a_ledger_is_a_path(choice: object) -> None:
    """Anything else is told at once."""
    with pytest.raises(ConfigurationError, match="ledger must be a path"):
        AsyncLLMRing(ledger=choice)  # pyright: ignore[reportArgumentType] - what is refused


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    """A folder, and a place under a file, are told at once."""
    with pytest.raises(ConfigurationError, match="is a folder; name a file in it"):
        AsyncLLMRing(ledger=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be kept there"):
        AsyncLLMRing(ledger=tmp_path / "file" / "calls.db")
