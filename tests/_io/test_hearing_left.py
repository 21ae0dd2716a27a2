"""Whoever waits for what a failed answer has used can be cancelled, and the stream be closed, as at any other wait."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING

import pytest

from llmring import AsyncLLMRing, LLMRing
from llmring._async import exchange as waiting
from llmring._async.reply import AsyncReply
from llmring._sync import exchange as blocking
from llmring._sync.reply import SyncReply
from tests.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring import AsyncChatStream

MODEL = "responses:gpt-5.4-mini"
FRAMES = (
    {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": "Hello"},
    {"type": "error", "code": "rate_limit_exceeded", "message": "slow down"},
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pieces]:
    """Serve a failure after which nothing comes; it would be waited for without end."""
    monkeypatch.setattr(waiting, "GRACE", 3600)
    monkeypatch.setattr(blocking, "GRACE", 3600)
    with Pieces("".join(f"data: {json.dumps(each)}\n\n" for each in FRAMES).encode(), ending="stays") as running:
        yield running


def providers(server: Pieces) -> dict[str, dict[str, str]]:
    """Say where *server* is."""
    return {"responses": {"protocol": "openai_responses", "base_url": server.url, "api_key": "sk-simulated"}}


async def consume(stream: AsyncChatStream[None]) -> list[str]:
    """Give the text of *stream*."""
    return [event.delta async for event in stream]


async def test_cancelled(server: Pieces, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task ends at once, and what had come is counted."""
    begun, hurry = asyncio.Event(), AsyncReply.hurry

    def noting(reply: AsyncReply, seconds: float) -> bool:
        begun.set()
        return hurry(reply, seconds)

    monkeypatch.setattr(AsyncReply, "hurry", noting)
    async with AsyncLLMRing(providers=providers(server), timeout=None) as ring:
        task = asyncio.create_task(consume(ring.chat_stream(MODEL, "Hi")))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ring.usage().calls == 1
        assert ring.usage().usage.output_tokens > 0


async def test_closed_by_another_task(server: Pieces, monkeypatch: pytest.MonkeyPatch) -> None:
    """The iteration ends as if it had come to its end."""
    begun, hurry = asyncio.Event(), AsyncReply.hurry

    def noting(reply: AsyncReply, seconds: float) -> bool:
        begun.set()
        return hurry(reply, seconds)

    monkeypatch.setattr(AsyncReply, "hurry", noting)
    async with AsyncLLMRing(providers=providers(server), timeout=None) as ring:
        stream = ring.chat_stream(MODEL, "Hi")
        task = asyncio.create_task(consume(stream))
        await begun.wait()
        await stream.aclose()
        assert await task == ["Hello"]
        assert ring.usage().calls == 1


def test_closed_by_another_thread(server: Pieces, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocking iteration ends so too."""
    begun, hurry = threading.Event(), SyncReply.hurry

    def noting(reply: SyncReply, seconds: float) -> bool:
        begun.set()
        return hurry(reply, seconds)

    def close() -> None:
        begun.wait()
        stream.close()

    monkeypatch.setattr(SyncReply, "hurry", noting)
    with LLMRing(providers=providers(server), timeout=None) as ring:
        stream = ring.chat_stream(MODEL, "Hi")
        thread = threading.Thread(target=close)
        thread.start()
        assert [event.delta for event in stream] == ["Hello"]
        thread.join()
        assert ring.usage().calls == 1
