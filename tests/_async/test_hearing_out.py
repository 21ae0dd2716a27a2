"""What an answer that failed has used is waited for where it may follow the failure: for a moment, and whatever becomes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from llmring._async import exchange
from llmring._async.reply import AsyncClientReply, AsyncReply
from llmring._async.ring import AsyncLLMRing
from llmring._core.timeouts import Timeout
from llmring._gen.usage import Usage
from llmring._io import aio
from llmring.exceptions import ProviderRateLimitError, StreamInterruptedError
from tests.pieces import Ending, Pieces

if TYPE_CHECKING:
    from llmring.exceptions import ProviderError

MODEL = "responses:gpt-5.4-mini"
USED = Usage(input_tokens=7, output_tokens=2, total_tokens=9)
COUNTERS = {"input_tokens": 7, "output_tokens": 2, "total_tokens": 9}


def wire(**frame: Any) -> bytes:
    """Put *frame* on the wire."""
    return f"data: {json.dumps(frame)}\n\n".encode()


HELLO = wire(type="response.output_text.delta", item_id="m", output_index=0, content_index=0, delta="Hello")
ERROR = wire(type="error", code="rate_limit_exceeded", message="slow down")
FAILED = wire(type="response.failed", response={"status": "failed", "error": {"code": "server_error", "message": "?"}, "usage": COUNTERS})
SILENT = wire(type="response.failed", response={"status": "failed", "error": {"code": "server_error", "message": "?"}, "usage": None})


@pytest.fixture(autouse=True)
def grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grant an hour: whoever waited in vain would be seen to."""
    monkeypatch.setattr(exchange, "GRACE", 3600)


def ring_at(server: Pieces, **more: Any) -> AsyncLLMRing:
    """Give a ring that asks *server*, without any limit of time."""
    provider = {"protocol": "openai_responses", "base_url": server.url, "api_key": "sk-simulated"}
    settings: dict[str, Any] = {"timeout": None, **more}
    return AsyncLLMRing(providers={"responses": provider}, max_retries=0, **settings)


async def failure(ring: AsyncLLMRing, server: Pieces) -> ProviderError:
    """Give the error that a stream ends in."""
    with pytest.raises((ProviderRateLimitError, StreamInterruptedError)) as caught:
        await heard(ring, server)
    return caught.value


async def heard(ring: AsyncLLMRing, server: Pieces) -> None:
    """Read a stream to its end; whoever has the first event wants the next piece."""
    async for _ in ring.chat_stream(MODEL, "Hi"):
        server.wanted.release()


def told_later(monkeypatch: pytest.MonkeyPatch, server: Pieces) -> None:
    """Let *server* give its next piece no sooner than somebody waits for it."""
    for kind in (AsyncReply, AsyncClientReply):
        monkeypatch.setattr(kind, "hurry", server.then(kind.hurry))


async def test_usage_that_follows_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first event it is that of the attempt, under the error that came first."""
    with Pieces(ERROR, FAILED) as server:
        told_later(monkeypatch, server)
        async with ring_at(server) as ring:
            error = await failure(ring, server)
            assert ring.usage().usage == USED
    assert (error.message, error.usage, [each.usage for each in error.attempts]) == ("slow down", USED, [USED])


async def test_usage_that_follows_an_interruption() -> None:
    """After the first event it is that of the partial answer, too."""
    with Pieces(HELLO + ERROR, FAILED) as server:
        async with ring_at(server) as ring:
            error = await failure(ring, server)
            assert ring.usage().usage == USED
    assert isinstance(error, StreamInterruptedError)
    assert error.partial is not None
    assert (error.message, error.usage, error.partial.content, error.partial.usage) == ("slow down", USED, "Hello", USED)
    assert [each.usage for each in error.attempts] == [USED]


async def test_usage_in_several_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event may be cut anywhere, also where the error ends."""
    with Pieces(ERROR + FAILED[:30], FAILED[30:50], FAILED[50:]) as server:
        server.wanted.release()
        told_later(monkeypatch, server)
        async with ring_at(server) as ring:
            assert (await failure(ring, server)).usage == USED


@pytest.mark.parametrize("ending", ["ends", "breaks"])
async def test_no_usage_follows(ending: Ending) -> None:
    """Where the answer ends, or breaks, nobody waits; the error stays what it was."""
    with Pieces(ERROR, ending=ending) as server:
        async with ring_at(server) as ring:
            error = await failure(ring, server)
    assert (error.message, error.usage) == ("slow down", None)


@pytest.mark.parametrize("last", [FAILED, SILENT], ids=["used", "silent"])
async def test_the_last_word_is_the_last(last: bytes) -> None:
    """Nobody waits after the response itself, whether it follows an error or not, and whatever it tells."""
    for pieces in ((ERROR, last), (HELLO + last,)):
        with Pieces(*pieces, ending="stays") as server:
            server.wanted.release()
            async with ring_at(server) as ring:
                assert (await failure(ring, server)).usage == (USED if last is FAILED else None)


@pytest.mark.parametrize("ending", ["stays", "chatters"])
async def test_no_longer_than_granted(ending: Ending, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that leaves the answer open, silent or not, is left, though the call itself has no limit."""
    monkeypatch.setattr(exchange, "GRACE", 0.01)
    with Pieces(ERROR, ending=ending) as server:
        async with ring_at(server) as ring:
            error = await failure(ring, server)
    assert (error.message, error.usage) == ("slow down", None)


async def test_no_longer_than_the_call_may_take() -> None:
    """The limits of the call hold, and the error is not theirs."""
    with Pieces(HELLO + ERROR, ending="stays") as server:
        async with ring_at(server, timeout=Timeout(between_tokens=0.2)) as ring:
            error = await failure(ring, server)
    assert (type(error), error.message) == (StreamInterruptedError, "slow down")


async def test_through_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of the user's is waited for where its waits can be ended; where they cannot, it is left at once."""
    with Pieces(ERROR, FAILED, ending="stays") as server:
        if aio.BOUNDS:
            told_later(monkeypatch, server)
        async with httpx2.AsyncClient() as client, ring_at(server, **{aio.CLIENT: client}) as ring:
            error = await failure(ring, server)
        server.wanted.release()
    assert (error.message, error.usage) == ("slow down", USED if aio.BOUNDS else None)
