"""Streams that are left early close their connection at once, whoever leaves them and however."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING

import pytest

from llmring._async.transport import AsyncTransport
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.aio import sleep
from tests.servers import Server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

PATIENT = Timeout.of(10)


async def live(transport: AsyncTransport, url: str) -> AsyncGenerator[bytes, None]:
    """Stream as the exchange does: no reference to whoever consumes it."""
    reply = await transport.open(PreparedCall("POST", url, (), b"{}", stream=True), PATIENT)
    try:
        async for piece in reply:
            yield piece
    finally:
        await reply.aclose()


class AsyncStream:
    """What a user holds."""

    def __init__(self, transport: AsyncTransport, url: str) -> None:
        """Begin at the first iteration."""
        self._live = live(transport, url)

    def __aiter__(self) -> AsyncStream:
        """Give the pieces."""
        return self

    async def __anext__(self) -> bytes:
        """Give the next one."""
        return await self._live.__anext__()

    async def aclose(self) -> None:
        """Leave."""
        await self._live.aclose()


async def dropped(server: Server, times: int = 1) -> bool:
    """Wait half a second for the server to see that its client is gone."""
    for _ in range(50):
        if server.dropped == times:
            return True
        await sleep(0.01)
    return False


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve without a collector, and see that no connection is left when the test is over."""
    gc.collect()
    gc.disable()
    try:
        with Server() as running:
            yield running
            assert running.empty_by(2)
    finally:
        gc.enable()


async def test_an_unnamed_stream(server: Server) -> None:
    """After ``break``, a stream that nobody holds is closed."""
    transport = AsyncTransport()
    async for _ in AsyncStream(transport, server.url + "/stream"):
        break
    assert await dropped(server)
    await transport.aclose()


async def test_a_named_stream(server: Server) -> None:
    """After ``break``, a stream that somebody holds stays open until it is dropped."""
    transport = AsyncTransport()
    stream = AsyncStream(transport, server.url + "/stream")
    async for _ in stream:
        break
    await sleep(0.1)
    assert not server.dropped
    async for _ in stream:
        break
    del stream
    assert await dropped(server)
    await transport.aclose()


async def test_a_closed_stream(server: Server) -> None:
    """Closing closes, at once and again."""
    transport = AsyncTransport()
    stream = AsyncStream(transport, server.url + "/stream")
    await stream.__anext__()
    await stream.aclose()
    await stream.aclose()
    assert await dropped(server)
    await transport.aclose()


async def test_an_exception_in_the_loop(server: Server) -> None:
    """A stream whose consumer fails is closed, although the exception is kept."""
    transport = AsyncTransport()

    async def consume() -> None:
        async for _ in AsyncStream(transport, server.url + "/stream"):
            raise LookupError

    with pytest.raises(LookupError) as kept:
        await consume()
    assert kept.value.__traceback__ is not None
    assert await dropped(server)
    await transport.aclose()


async def test_a_stream_dropped_before_its_pool(server: Server) -> None:
    """The pool goes on: another call takes a new connection, and many streams left leave nothing behind."""
    transport = AsyncTransport()
    for _ in range(10):
        async for _ in AsyncStream(transport, server.url + "/stream"):
            break
    assert await dropped(server, 10)
    reply = await transport.send(PreparedCall("POST", server.url + "/echo", (), b"{}"), PATIENT)
    assert json.loads(reply.body)["body"] == "{}"
    await transport.aclose()


async def test_a_dropped_transport(server: Server) -> None:
    """A transport that is dropped without being closed leaves no connection open."""
    transport = AsyncTransport()
    await transport.send(PreparedCall("POST", server.url + "/echo", (), b"{}"), PATIENT)
    assert server.open == 1
    del transport
    for _ in range(50):
        await sleep(0.01)
    assert server.open == 0
