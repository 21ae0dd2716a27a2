"""Connections belong to the event loop that opened them: reused within it, closed with it, never touched from another."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from asgiref.sync import async_to_sync

from llmring._async.transport import AsyncTransport
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring.exceptions import ConfigurationError, ProviderConnectionError, ProviderTimeoutError
from tests._io.connections import at_rest, pools
from tests.servers import Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

PATIENT = Timeout.of(10)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve, and see that no connection is left when the test is over."""
    with Server() as running:
        yield running
        gc.collect()
        assert running.empty_by(2)


async def ask(transport: AsyncTransport, url: str) -> int:
    """Ask which port the call comes from."""
    reply = await transport.send(PreparedCall("POST", url + "/echo", (), b"{}"), PATIENT)
    port: int = json.loads(reply.body)["port"]
    return port


async def use(transport: AsyncTransport, url: str) -> None:
    """Call in turn and at once; calls in turn share a connection."""
    assert await ask(transport, url) == await ask(transport, url)
    await asyncio.gather(*(ask(transport, url) for _ in range(5)))


def test_one_run_after_the_other(server: Server) -> None:
    """Each run has connections of its own, which are gone when it ends."""
    transport = AsyncTransport()
    for _ in range(20):
        asyncio.run(use(transport, server.url))
    assert server.empty_by(2)
    assert not pools(transport)._loops


def test_a_runner_keeps_connections(server: Server) -> None:
    """Calls of one loop share connections although nothing runs between them."""
    transport = AsyncTransport()
    with asyncio.Runner() as runner:
        assert len({runner.run(ask(transport, server.url)) for _ in range(5)}) == 1


def test_loops_at_once(server: Server) -> None:
    """Loops in many threads share the transport and no connection."""
    transport = AsyncTransport()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(use(transport, server.url))
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert not pools(transport)._loops


def test_async_to_sync(server: Server) -> None:
    """Django's way of calling async code leaves nothing behind."""
    transport = AsyncTransport()
    for _ in range(5):
        async_to_sync(use)(transport, server.url)
    assert server.empty_by(2)


def test_a_transport_dropped_in_its_loop(server: Server) -> None:
    """A transport that nobody holds closes its connections without the collector."""

    async def main() -> None:
        transport = AsyncTransport()
        await use(transport, server.url)
        del transport
        for _ in range(100):
            await asyncio.sleep(0.01)
            if not server.open:
                return
        raise AssertionError

    gc.disable()
    try:
        asyncio.run(main())
    finally:
        gc.enable()


LEFT = """
import asyncio, gc, sys
from tests.servers import Server
from llmring._async.transport import AsyncTransport
from tests._io.connections import pools
from tests._io.test_loops import use
transport = AsyncTransport()
with Server() as server:
    for _ in range(5):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use(transport, server.url))
        loop.close()
    before = server.open
    asyncio.run(use(transport, server.url))
    gc.collect()
    print(before > 0, server.empty_by(2), len(pools(transport)._loops))
"""


def test_a_loop_closed_without_ceremony() -> None:
    """What a bare ``loop.close()`` leaves open is closed at the next use."""
    done = subprocess.run([sys.executable, "-c", LEFT], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["True", "True", "0"]
    assert "Event loop is closed" not in done.stderr


async def stream(transport: AsyncTransport, url: str) -> None:
    """Read a short stream to its end."""
    reply = await transport.open(PreparedCall("POST", url + "/short-stream", (), b"{}", stream=True), PATIENT)
    try:
        async for _ in reply:
            pass
    finally:
        await reply.aclose()


async def leave(transport: AsyncTransport, url: str) -> None:
    """Leave a stream after its first piece."""
    reply = await transport.open(PreparedCall("POST", url + "/stream", (), b"{}", stream=True), PATIENT)
    try:
        await reply.__anext__()
    finally:
        await reply.aclose()


async def cancelled(url: str, work: Callable[[AsyncTransport, str], Awaitable[object]], steps: int) -> bool:
    """Cancel *work* after *steps* rounds of the loop, look at its pool, and tell whether *work* was done by then."""
    transport = AsyncTransport()
    if steps % 2:
        await ask(transport, url)  # so that both a new and an idle connection are tried
    task = asyncio.ensure_future(work(transport, url))
    for _ in range(steps):
        await asyncio.sleep(0.002 if (steps // 5) % 2 else 0)
    done = task.done()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()  # also while the first cancellation closes what was open
    await asyncio.gather(task, return_exceptions=True)
    assert at_rest(transport)
    assert await ask(transport, url)
    await transport.aclose()
    return done


@pytest.mark.parametrize("work", [ask, stream, leave], ids=["answer", "stream", "leave"])
async def test_cancelling_at_every_wait(server: Server, work: Callable[[AsyncTransport, str], Awaitable[object]]) -> None:
    """Wherever a call is cancelled, its pool has nothing left of it and goes on working."""
    outcomes = [await cancelled(server.url, work, steps) for steps in range(1, 51)]
    assert True in outcomes
    assert outcomes.count(False) >= 10


def test_cancelling_many(server: Server) -> None:
    """Cancelling a crowd leaves a pool that works."""

    async def main() -> None:
        transport = AsyncTransport()
        for seconds in (0, 0.001, 0.005, 0.02):
            tasks = [asyncio.create_task(ask(transport, server.url)) for _ in range(30)]
            await asyncio.sleep(seconds)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert await ask(transport, server.url)  # on whichever of the connections that the crowd has left
        await transport.aclose()

    asyncio.run(main(), debug=True)


async def test_closing_from_another_task(server: Server) -> None:
    """A stream that is closed elsewhere ends for whoever waits on it."""
    transport = AsyncTransport()
    reply = await transport.open(PreparedCall("POST", server.url + "/stall", (), b"{}", stream=True), PATIENT)
    while not (await reply.__anext__()).endswith(b"two"):
        pass
    waiting = asyncio.create_task(reply.__anext__())
    await asyncio.sleep(0.05)
    await reply.aclose()
    with pytest.raises(ProviderConnectionError, match="closed"):
        await waiting
    await transport.aclose()


def test_a_users_client_stays_in_its_loop(server: Server) -> None:
    """A client that one loop has used is refused to another."""
    client = httpx2.AsyncClient()
    transport = AsyncTransport(client=client)

    async def first() -> None:
        async with client:
            await ask(transport, server.url)
            with pytest.raises(ConfigurationError, match="async_http_client belongs to the event loop"):
                await asyncio.to_thread(asyncio.run, ask(transport, server.url))

    asyncio.run(first())


async def test_a_users_client_is_given_up_in_time(server: Server) -> None:
    """A head that comes byte by byte through the user's client has an end, which only an event loop can set."""
    async with httpx2.AsyncClient() as client:
        with pytest.raises(ProviderTimeoutError, match=r"within 0.3 s"):
            await AsyncTransport(client=client).send(PreparedCall("POST", server.url + "/drip-headers", (), b"{}"), Timeout.of(0.3))


async def test_crowds_wait_for_connections(server: Server) -> None:
    """More calls than connections wait their turn, and none is lost."""
    from llmring._io.limits import PoolLimits

    transport = AsyncTransport(limits=PoolLimits(max_connections=3))
    await asyncio.gather(*(ask(transport, server.url) for _ in range(40)))
    assert server.accepted <= 3
    await transport.aclose()
