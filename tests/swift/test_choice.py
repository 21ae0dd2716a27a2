"""Which library carries calls on an event loop, and what is particular about aiohttp's way."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

import pytest

from llmring._async.transport import AsyncTransport
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.limits import PoolLimits
from llmring._io.swift import swift_pools
from llmring._io.tls import TLS
from llmring.exceptions import ConfigurationError, ProviderConnectionError
from tests.servers import ProxyServer, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._io.aiohttp_pool import AiohttpPool

pytestmark = pytest.mark.extra

VARIABLE = "LLMRING_ASYNC_TRANSPORT"
PATIENT = Timeout.of(10)
NOTHING: dict[str, None] = {}


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve, and see that no connection is left when the test is over."""
    with Server() as running:
        yield running
        assert running.empty_by(2)


def post(url: str, *, stream: bool = False) -> PreparedCall:
    """Make a call to *url*."""
    return PreparedCall("POST", url, ((b"x-mine", "\u00e9".encode()),), b"{}", stream)


def pool_of(transport: AsyncTransport) -> AiohttpPool:
    """Give the running loop's aiohttp pool."""
    assert transport._swift is not None
    return transport._swift.get(None)


def test_is_chosen_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """To be installed is not enough."""
    assert AsyncTransport()._swift is not None
    monkeypatch.setenv(VARIABLE, "httpx2")
    assert AsyncTransport()._swift is None
    monkeypatch.delenv(VARIABLE)
    assert AsyncTransport()._swift is None


def test_does_no_http2() -> None:
    """Who wants HTTP/2 gets the library that speaks it."""
    assert swift_pools(PoolLimits(http2=True), TLS()) is None


def test_no_other_library_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means nothing is refused with those that do."""
    monkeypatch.setenv(VARIABLE, "curl")
    with pytest.raises(ConfigurationError, match="must be aiohttp or httpx2, not 'curl'"):
        AsyncTransport()


def test_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed nothing is said, unless somebody asked for it."""
    monkeypatch.setattr("llmring._io.swift.find_spec", NOTHING.get)
    with pytest.raises(ConfigurationError, match=r"pip install 'llmring\[aiohttp\]'"):
        AsyncTransport()
    monkeypatch.delenv(VARIABLE)
    assert AsyncTransport()._swift is None
    assert importlib.util.find_spec("aiohttp") is not None


async def test_a_proxy_is_reached_by_the_other_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy, calls go as they go without the extra."""
    with ProxyServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        transport = AsyncTransport()
        reply = await transport.send(post("http://far.invalid/x"), PATIENT)
        assert json.loads(reply.body)["proxied"] == "http://far.invalid/x"
        assert transport._swift is not None
        assert not transport._swift._loops
        await transport.aclose()


async def test_sends_no_headers_of_its_own(server: Server) -> None:
    """What arrives is what was prepared, with host, encodings and length."""
    transport = AsyncTransport()
    heard: Any = json.loads((await transport.send(post(server.url + "/echo"), PATIENT)).body)
    await transport.aclose()
    assert {name.lower() for name in heard["headers"]} == {"host", "accept-encoding", "x-mine", "content-length"}


async def test_what_came_before_a_cut_is_given(server: Server) -> None:
    """Bytes that arrived with the break are not lost: aiohttp keeps them under a private name."""
    transport = AsyncTransport()
    reply = await transport.open(post(server.url + "/cut", stream=True), PATIENT)
    heard = bytearray()
    with pytest.raises(ProviderConnectionError, match="hung up before the body was complete"):  # noqa: PT012 - the loop is what is tried
        async for piece in reply:
            heard += piece
    await transport.aclose()
    assert heard == b"half"


async def test_idle_connections_are_few(server: Server) -> None:
    """No more of them are kept than the limits say."""
    import asyncio

    transport = AsyncTransport(limits=PoolLimits(max_keepalive=2))
    await asyncio.gather(*(transport.send(post(server.url + "/echo"), PATIENT) for _ in range(10)))
    assert sum(map(len, pool_of(transport).connector._conns.values())) == 2
    await transport.aclose()
