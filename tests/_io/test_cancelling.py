"""Cancelled at any of its waits, a call leaves nothing behind: no connection half used, no task, no place in the pool taken."""

from __future__ import annotations

import asyncio
import gc
from types import coroutine
from typing import TYPE_CHECKING, Any

import pytest

from llmring import AsyncLLMRing
from llmring._async.engine import AsyncEngine
from llmring._async.transport import AsyncTransport
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from tests._io.connections import at_rest, count
from tests.rings import MODELS, settings
from tests.servers import AUTHORITY, Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator

    from llmring.testing.simulator import Simulator

PATIENT = Timeout.of(10)
MOST = 400
"""Waits that no call of these has; reaching it would be an endless loop."""


@coroutine
def stepped(work: Coroutine[Any, Any, None], at: frozenset[int]) -> Generator[Any, Any, int]:
    """Run *work*, cancelling the task at each of its waits whose number is in *at*; give the number of waits."""
    waits, error = 0, None
    while True:
        try:
            waiting = work.send(None) if error is None else work.throw(error)
        except StopIteration:
            return waits
        waits, error = waits + 1, None
        if waits in at:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        try:
            yield waiting
        except BaseException as raised:  # noqa: BLE001 - handed on to where it belongs
            error = raised


async def cancelled_everywhere(new: Callable[[], Any], work: Callable[[Any], Coroutine[Any, Any, None]], *, twice: bool) -> int:
    """Cancel *work* with something *new* at its first wait, then anew at its second, until it is done before; give its number of waits.

    *twice* cancels at the next wait too, where what was open is being closed.
    """
    for at in range(1, MOST):
        subject = new()
        whole = asyncio.ensure_future(_awaited(stepped(work(subject), frozenset({at, at + 1} if twice else {at}))))
        try:
            waits = await whole
        except asyncio.CancelledError:
            waits = MOST
        await asyncio.sleep(0)
        await look_after(subject)
        if waits < at:
            return waits
    raise AssertionError


async def _awaited(what: Awaitable[int]) -> int:
    return await what


async def look_after(subject: AsyncLLMRing | AsyncTransport) -> None:
    """See that the pool of *subject* holds nothing that is in use, that the next call works, and that closing closes all."""
    transport = subject if isinstance(subject, AsyncTransport) else subject._shared.core.engine(AsyncEngine).transport
    assert at_rest(transport)
    if isinstance(subject, AsyncLLMRing):
        assert (await subject.chat(MODELS["openai"], "Hi")).content
    assert count(transport) <= 1
    await subject.aclose()
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def answer(ring: AsyncLLMRing) -> None:
    """Answer twice: by a new connection, then by the one that is there."""
    await ring.chat(MODELS["openai"], "Hi")
    await ring.chat(MODELS["openai"], "Hi")


async def stream(ring: AsyncLLMRing) -> None:
    """Read a stream to its end."""
    async for _ in ring.chat_stream(MODELS["openai"] + "+words=12+pace=0.001", "Hi"):
        pass


async def leave(ring: AsyncLLMRing) -> None:
    """Leave a stream in its middle."""
    async with ring.chat_stream(MODELS["openai"] + "+words=50+pace=0.001", "Hi") as opened:
        async for event in opened:
            if event.delta:
                break


async def close(ring: AsyncLLMRing) -> None:
    """Close what was used."""
    await ring.chat(MODELS["openai"], "Hi")
    await ring.aclose()


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
@pytest.mark.parametrize("work", [answer, stream, leave, close])
async def test_rings(simulator: Simulator, work: Callable[[Any], Coroutine[Any, Any, None]], *, twice: bool) -> None:
    """Answers, streams, streams that are left, and closing."""
    waits = await cancelled_everywhere(lambda: AsyncLLMRing(**settings(simulator)), work, twice=twice)
    gc.collect()
    assert waits >= 4


async def fetch(transport: AsyncTransport, url: str) -> None:
    """Read a whole answer, then a stream, over one transport."""
    await transport.send(PreparedCall("POST", url + "/echo", (), b"x" * 300_000), PATIENT)
    reply = await transport.open(PreparedCall("POST", url + "/short-stream", (), b"{}", stream=True), PATIENT)
    try:
        async for _ in reply:
            pass
    finally:
        await reply.aclose()


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
async def test_tls(monkeypatch: pytest.MonkeyPatch, *, twice: bool) -> None:
    """Handshakes too, and bodies that do not fit into a buffer; the server sees every connection go."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    with Server(tls=True) as server:
        waits = await cancelled_everywhere(AsyncTransport, lambda transport: fetch(transport, server.url), twice=twice)
        assert waits >= 8
        assert await asyncio.to_thread(server.empty_by, 2)


async def test_what_was_cancelled_is_counted(simulator: Simulator) -> None:
    """A stream that is cancelled after its first event is over, and what it used is estimated."""
    async with AsyncLLMRing(**settings(simulator)) as ring:
        opened = ring.chat_stream(MODELS["openai"], "Hi", extra_headers={"x-simulate": "words=50;fault=stall;after=6"})
        event = await anext(opened)
        with pytest.raises(TimeoutError):  # noqa: PT012 - the loop is what is cancelled
            async with asyncio.timeout(0.1):
                while event:
                    event = await anext(opened)
        assert [event async for event in opened] == []
        with pytest.raises(RuntimeError, match="has not ended"):
            _ = opened.response
        assert (ring.usage().calls, ring.usage().estimated) == (1, 1)


async def test_closing_from_another_task(simulator: Simulator) -> None:
    """A stream that is closed while its consumer waits ends for the consumer, and is counted once."""
    async with AsyncLLMRing(**settings(simulator)) as ring:
        opened = ring.chat_stream(MODELS["openai"] + "+words=50+fault=stall+after=6", "Hi")
        await anext(opened)

        async def consume() -> int:
            return len([event async for event in opened])

        consumer = asyncio.create_task(consume())
        await asyncio.sleep(0.1)
        assert not consumer.done()
        await opened.close()
        assert await asyncio.wait_for(consumer, 5) >= 0
        assert ring.usage().calls == 1
