"""Clients that borrow the ring's connections see the HTTP library's own errors, as their users expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpcore2
import httpx2
import pytest

from llmring._async.transport import AsyncTransport
from llmring._io.limits import PoolLimits
from tests.servers import DeafSocket, Server, closed_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve, and see that no connection is left when the test is over."""
    with Server() as running:
        yield running
        assert running.empty_by(2)


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    """Lend a client, whose pool has one connection."""
    transport = AsyncTransport(limits=PoolLimits(max_connections=1))
    try:
        yield transport.lending.client()
    finally:
        await transport.aclose()


async def test_nobody_listens(client: httpx2.AsyncClient) -> None:
    """A refused connection is the library's."""
    with pytest.raises(httpx2.ConnectError) as caught:
        await client.post(f"http://127.0.0.1:{closed_port()}/")
    assert isinstance(caught.value.__cause__, httpcore2.ConnectError)


async def test_no_answer_in_time(client: httpx2.AsyncClient) -> None:
    """The client's own limits hold."""
    with DeafSocket() as deaf:
        deaf.listen_but_never_read()
        with pytest.raises(httpx2.ReadTimeout):
            await client.post(deaf.url, timeout=0.05)


async def test_no_connection_is_free(server: Server, client: httpx2.AsyncClient) -> None:
    """Whoever waits for a connection in vain hears which limit it was."""
    async with client.stream("POST", server.url + "/stream"):
        with pytest.raises(httpx2.PoolTimeout):
            await client.post(server.url + "/echo", timeout=0.05)


@pytest.mark.parametrize("path", ["/cut", "/garbage", "/close"])
async def test_a_broken_answer(server: Server, client: httpx2.AsyncClient, path: str) -> None:
    """What is no whole answer is the host's fault."""
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.post(server.url + path, content=b"{}")


async def test_a_header_that_cannot_be_sent(client: httpx2.AsyncClient) -> None:
    """It is refused before anybody is asked."""
    with pytest.raises(httpx2.LocalProtocolError):
        await client.post("http://localhost:1/", headers={b"a": b"b\r\nc"})


async def test_a_client_behind_a_proxy(monkeypatch: pytest.MonkeyPatch, client: httpx2.AsyncClient) -> None:
    """The library's own pool hears of our network's errors too."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(httpx2.ConnectError):
        await client.post("http://host.invalid/")


async def test_a_proxy_that_never_answers(monkeypatch: pytest.MonkeyPatch, client: httpx2.AsyncClient) -> None:
    """The limits hold on the way through a proxy."""
    with DeafSocket() as deaf:
        deaf.listen_but_never_read()
        monkeypatch.setenv("HTTP_PROXY", deaf.url)
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("http://host.invalid/", timeout=0.05)
