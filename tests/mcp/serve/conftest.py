"""A ring over the simulator, and the official SDK's client to talk to what serves it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from llmring import AsyncLLMRing
from llmring.testing.simulator import Simulator
from tests.rings import lockfile, settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator
    from pathlib import Path

    from mcp.server import Server

ERAS = ("legacy", "2026-07-28")
"""How a client may open: by a handshake, or statelessly."""
TOKEN = "a-token-for-tests"
BINDINGS = {
    "fast": ["ollama:qwen3:8b"],
    "priced": ["openai:gpt-5.4-mini"],
    "broken": ["openai:gpt-5.4-mini+fault=401"],
    "stuck": ["ollama:qwen3:8b+fault=hang"],
    "stalled": ["ollama:qwen3:8b+fault=stall"],
    "slow": ["ollama:qwen3:8b+words=12+pace=0.05"],
    "vectors": ["openai:text-embedding-3-small"],
}


class Watched(AsyncLLMRing[Any]):
    """A ring that tells when a chat of it has begun, and when one was cancelled."""

    def __init__(self, **settings: Any) -> None:
        """Make the events, which bind to no loop yet."""
        super().__init__(**settings)
        self.begun, self.cancelled = asyncio.Event(), asyncio.Event()

    async def chat(self, *arguments: Any, **options: Any) -> Any:
        """Answer as any ring does."""
        self.begun.set()
        try:
            return await super().chat(*arguments, **options)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """Run one simulator for all tests."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def bound(tmp_path: Path) -> Path:
    """Write the lockfile."""
    return lockfile(tmp_path, **BINDINGS)


@pytest.fixture
async def ring(simulator: Simulator, bound: Path) -> AsyncIterator[Watched]:
    """Give a ring whose every provider is the simulator."""
    async with Watched(lockfile_path=bound, **settings(simulator)) as ring:
        yield ring


@asynccontextmanager
async def serving(server: Server[Any], **options: Any) -> AsyncGenerator[str]:
    """Serve *server* and give its address."""
    from llmring.mcp.serve import http_app
    from llmring.mcp.serve.http import listen, serve_http

    app, ready = http_app(server, TOKEN, **options), asyncio.Event()

    async def nothing() -> None:
        pass

    with listen("127.0.0.1", 0) as place:
        port = place.getsockname()[1]
        task = asyncio.create_task(serve_http(app, place, on_ready=ready.set, on_wait=lambda _: None, closing=nothing))
        await ready.wait()
        try:
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            app.closing = True
            await task
