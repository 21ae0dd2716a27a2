"""HTTP/2, where it is wanted: the same answers, streams, limits and errors, and no call that another one can spoil."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any

import pytest

from llmring._async.ring import AsyncLLMRing
from llmring._async.transport import AsyncTransport
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.aio import run_all, run_sync
from llmring._io.tls import TLS
from llmring.exceptions import ConfigurationError, ProviderConnectionError, ProviderTimeoutError
from tests.http2 import Http2Server
from tests.servers import AUTHORITY, ProxyServer, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.extra

PATIENT = Timeout.of(10)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Http2Server]:
    """Serve, trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    with Http2Server() as running:
        yield running


@pytest.fixture
async def transport(server: Http2Server) -> AsyncIterator[AsyncTransport]:
    """Give a transport that offers HTTP/2 and is closed afterwards."""
    made = AsyncTransport(tls=TLS(http2=True))
    try:
        yield made
    finally:
        await made.aclose()


def post(server: Http2Server | Server, path: str, *, stream: bool = False, content: bytes = b"{}") -> PreparedCall:
    """Make a call."""
    return PreparedCall("POST", server.url + path, ((b"authorization", b"Bearer k"),), content, stream)


async def echo(transport: AsyncTransport, server: Http2Server | Server, content: bytes = b"{}") -> dict[str, Any]:
    """Ask what arrives."""
    return json.loads((await transport.send(post(server, "/echo", content=content), PATIENT)).body)


async def test_speaks_http2(server: Http2Server, transport: AsyncTransport) -> None:
    """Headers and a body larger than a window arrive, and one connection serves call after call."""
    heard = await echo(transport, server, b"x" * 200_000)
    assert heard["body"] == "x" * 200_000
    assert heard["headers"][":method"] == "POST"
    assert heard["headers"]["authorization"] == "Bearer k"
    assert len({(await echo(transport, server))["port"] for _ in range(3)}) == 1
    assert server.accepted == 1


async def test_streams(server: Http2Server, transport: AsyncTransport) -> None:
    """Pieces come as they are sent, and a stream that was read to its end leaves its connection to the next call."""
    reply = await transport.open(post(server, "/short-stream", stream=True), PATIENT)
    assert [piece async for piece in reply if piece] == [b"one", b"two", b"three"]
    await reply.aclose()
    assert await echo(transport, server)
    assert server.accepted == 1


async def test_hosts_without_it(server: Http2Server, transport: AsyncTransport) -> None:
    """A host that speaks HTTP/1.1 alone is spoken to in it."""
    with Server(tls=True) as old, Server() as plain:
        assert (await echo(transport, old))["body"] == "{}"
        assert (await echo(transport, plain))["body"] == "{}"
        await transport.aclose()


async def test_without_the_setting(server: Http2Server) -> None:
    """Nothing but HTTP/1.1 is offered unless HTTP/2 is wanted; this host then hangs up."""
    transport = AsyncTransport()
    with pytest.raises(ProviderConnectionError):
        await transport.send(post(server, "/echo"), PATIENT)
    await transport.aclose()


@pytest.mark.parametrize("path", ["/hang", "/stall"])
async def test_an_attempt_has_an_end(server: Http2Server, transport: AsyncTransport, path: str) -> None:
    """A host that sends nothing but pings is given up in time, and the next call has a connection of its own."""
    with pytest.raises(ProviderTimeoutError, match=r"localhost: no complete answer within 0.3 s \(limit: attempt\)"):
        await transport.send(post(server, path), Timeout.of(0.3))
    assert await run_sync(server.gone.wait, 2)
    assert await echo(transport, server)
    assert server.accepted == 2


async def test_between_tokens(server: Http2Server, transport: AsyncTransport) -> None:
    """A stream that stalls is given up after the limit between pieces."""
    reply = await transport.open(post(server, "/stall", stream=True), Timeout(first_token=5, between_tokens=0.2, total=60))
    with pytest.raises(ProviderTimeoutError, match=r"limit: between_tokens"):
        await reply.aread()
    assert await run_sync(server.gone.wait, 2)


async def test_leaving_hangs_up(server: Http2Server, transport: AsyncTransport) -> None:
    """A stream that is left makes its host stop: the connection goes with it, without the collector."""
    gc.disable()
    try:
        reply = await transport.open(post(server, "/stream", stream=True), PATIENT)
        assert await anext(reply)
        await reply.aclose()
        assert await run_sync(server.gone.wait, 2)
    finally:
        gc.enable()
    assert await echo(transport, server)
    assert server.accepted == 2


async def test_a_late_call_spoils_no_other(server: Http2Server, transport: AsyncTransport) -> None:
    """Calls at once have connections of their own, so that one that is late ends alone."""
    reply = await transport.open(post(server, "/short-stream", stream=True), PATIENT)
    assert await anext(reply)
    with pytest.raises(ProviderTimeoutError):
        await transport.send(post(server, "/hang"), Timeout.of(0.2))
    assert b"".join([piece async for piece in reply]) == b"twothree"
    assert server.accepted == 2


async def test_many_at_once(server: Http2Server, transport: AsyncTransport) -> None:
    """Each gets its own answer."""
    heard = await run_all([lambda at=at: echo(transport, server, b"%d" % at) for at in range(20)], 8)
    assert [each["body"] for each in heard] == [str(at) for at in range(20)]
    assert server.accepted <= 8


@pytest.mark.parametrize("path", ["/refuse", "/away"])
async def test_broken_connections(server: Http2Server, transport: AsyncTransport, path: str) -> None:
    """A reset and a goodbye are connection errors, and the next call works."""
    with pytest.raises(ProviderConnectionError, match="the connection broke") as caught:
        await transport.send(post(server, path), PATIENT)
    assert caught.value.retryable
    assert await echo(transport, server)


async def test_through_a_tunnel(server: Http2Server, transport: AsyncTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's tunnel carries it too."""
    with ProxyServer() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert (await echo(transport, server))["headers"][":method"] == "POST"
        assert proxy.asked == [server.url.removeprefix("https://")]
        await transport.aclose()


async def test_the_rings_setting(server: Http2Server) -> None:
    """``http2=True`` is how a user asks for it."""
    providers = {"corp": {"protocol": "openai_chat", "base_url": server.url, "api_key": "k"}}
    async with AsyncLLMRing(providers=providers, http2=True) as ring:
        reply = await ring._engine.transport.send(post(server, "/echo"), PATIENT)
    assert json.loads(reply.body)["headers"][":path"] == "/echo"


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package is not installed, the ring says so when it is made."""

    def find_nothing(_name: str) -> None:
        """Find no package."""

    monkeypatch.setattr("importlib.util.find_spec", find_nothing)
    with pytest.raises(ConfigurationError, match=r"pip install 'llmring\[http2\]'"):
        AsyncLLMRing(http2=True)
    assert AsyncLLMRing()
