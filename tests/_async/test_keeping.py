"""Who gets a connection: the first who asked, an idle one before a new one, and nobody more than there may be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from llmring._async.transport import AsyncTransport
from llmring._async.ways import AsyncWay
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.aio import run_all
from llmring._io.limits import PoolLimits
from llmring.exceptions import ProviderTimeoutError
from tests.servers import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._async.keeping import AsyncRingPool

PATIENT = Timeout.of(10)


@pytest.fixture
def other() -> Iterator[Server]:
    """Serve as somebody else."""
    with Server() as running:
        yield running


def post(url: str, *, stream: bool = False) -> PreparedCall:
    """Make a call to *url*."""
    return PreparedCall("POST", url, (), b"{}", stream)


def pool(transport: AsyncTransport) -> AsyncRingPool:
    """Give the connections that *transport* has here."""
    kept: Any = transport._pools.get(None)
    assert isinstance(kept, AsyncWay)
    assert kept.own is not None
    return kept.own


async def echo(transport: AsyncTransport, server: Server) -> Any:
    """Be answered once."""
    return json.loads((await transport.send(post(server.url + "/echo"), PATIENT)).body)


async def test_an_idle_connection_is_taken_again(server: Server) -> None:
    """One call after the other needs but one."""
    transport = AsyncTransport()
    for _ in range(3):
        await echo(transport, server)
    assert len(pool(transport).connections) == 1
    await transport.aclose()


async def test_what_nobody_has_noticed_is_noticed(server: Server) -> None:
    """A server that hangs up between two calls spoils neither, even where the event loop had no chance to see it."""
    transport = AsyncTransport()
    for _ in range(3):
        assert (await transport.send(post(server.url + "/goodbye"), PATIENT)).body == b"bye"
        assert server.gone.acquire(timeout=10)
    assert server.accepted == 3
    await transport.aclose()


async def test_no_more_than_there_may_be(server: Server) -> None:
    """The others wait for their turn, and all are answered."""
    transport = AsyncTransport(limits=PoolLimits(max_connections=2))
    found = await run_all([lambda: echo(transport, server)] * 12, 12)
    assert (len(found), pool(transport).waiting) == (12, 0)
    assert len(pool(transport).connections) <= 2
    await transport.aclose()


async def test_an_idle_one_makes_room_for_another_host(server: Server, other: Server) -> None:
    """Where no more may be opened, one that nobody uses is closed."""
    transport = AsyncTransport(limits=PoolLimits(max_connections=1))
    await echo(transport, server)
    await echo(transport, other)
    (left,) = pool(transport).connections
    assert left.origin == transport._locate(other.url).origin
    await transport.aclose()


async def test_waiting_in_vain_is_a_timeout(server: Server) -> None:
    """Whoever holds the only connection goes on; who gave up is forgotten, and the next is served."""
    transport = AsyncTransport(limits=PoolLimits(max_connections=1))
    held = await transport.open(post(server.url + "/stream", stream=True), PATIENT)
    with pytest.raises(ProviderTimeoutError):
        await transport.send(post(server.url + "/echo"), Timeout.of(0.05))
    await held.aclose()
    await echo(transport, server)
    assert pool(transport).waiting == 0
    await transport.aclose()


async def test_idle_ones_are_few(server: Server) -> None:
    """What comes back beyond the limit makes the oldest go."""
    transport = AsyncTransport(limits=PoolLimits(max_keepalive=2))
    held = [await transport.open(post(server.url + "/stream", stream=True), PATIENT) for _ in range(4)]
    for each in held:
        await each.aread()
    assert len(pool(transport).connections) == 2
    await transport.aclose()


async def test_old_ones_are_not_used_again(server: Server) -> None:
    """An idle connection ages; it is closed when another comes back, or is asked for."""
    transport = AsyncTransport(limits=PoolLimits(keepalive_seconds=-1))
    await echo(transport, server)
    await echo(transport, server)
    assert pool(transport).connections == []
    await transport.aclose()


async def test_closing_leaves_nothing_and_begins_anew(server: Server) -> None:
    """What is under way breaks off; the next call connects."""
    transport = AsyncTransport()
    await echo(transport, server)
    kept = pool(transport)
    await kept.aclose()
    assert kept.connections == []
    await echo(transport, server)
    assert len(kept.connections) == 1
    await transport.aclose()


async def test_a_host_that_is_not_asked_again_leaves_nothing(server: Server) -> None:
    """Where the last connection to a host is closed, nothing is kept for it."""
    transport = AsyncTransport()
    await echo(transport, server)
    kept = pool(transport)
    assert len(kept._idle) == 1
    await transport.aclose()
    assert not kept._idle


async def test_a_connection_that_goes_leaves_no_queue(server: Server, other: Server) -> None:
    """What is closed to make room, or by the host, takes the queue of its host along."""
    transport = AsyncTransport(limits=PoolLimits(max_connections=1, max_keepalive=1))
    for each in (server, other, server):
        await echo(transport, each)
        assert list(pool(transport)._idle) == [transport._locate(each.url).origin]
    reply = await transport.open(post(server.url + "/echo"), PATIENT)
    await reply.aclose()
    assert not pool(transport)._idle
    await transport.aclose()
