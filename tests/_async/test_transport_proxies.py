"""The environment's proxies are used, its exceptions honoured, and TLS goes through tunnels to the host itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llmring._async.transport import AsyncTransport
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring.exceptions import ConfigurationError, ProviderConnectionError
from tests.servers import AUTHORITY, ProxyServer, Server

if TYPE_CHECKING:
    from typing import Any

PATIENT = Timeout.of(10)


async def ask(url: str) -> dict[str, Any]:
    """Ask *url* once, over a transport of its own."""
    transport = AsyncTransport()
    try:
        return json.loads((await transport.send(PreparedCall("POST", url, (), b"x" * 1000), PATIENT)).body)
    finally:
        await transport.aclose()


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the tests' authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))


async def test_a_plain_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """An http host is asked for through the proxy, with the user and password of the proxy's URL."""
    with ProxyServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//user:pass@"))
        assert await ask("http://far.invalid/x") == {"proxied": "http://far.invalid/x", "auth": "Basic dXNlcjpwYXNz"}


async def test_a_proxy_without_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """``host:port`` is enough, and ``ALL_PROXY`` stands for each."""
    with ProxyServer() as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.address)
        assert (await ask("http://far.invalid/x"))["proxied"] == "http://far.invalid/x"


async def test_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    """``NO_PROXY`` names hosts that are asked directly."""
    with ProxyServer() as proxy, Server() as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "localhost")
        assert (await ask(server.url + "/echo"))["body"] == "x" * 1000
        assert not proxy.asked


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
async def test_a_tunnel(monkeypatch: pytest.MonkeyPatch, *, tls: bool) -> None:
    """An https host is reached through a tunnel, also through a proxy that itself speaks TLS."""
    with ProxyServer(tls=tls) as proxy, Server(tls=True) as server:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert (await ask(server.url + "/echo"))["body"] == "x" * 1000
        assert proxy.asked == [server.url.removeprefix("https://")]


async def test_a_refusing_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that opens no tunnel is a connection error that says so."""
    with ProxyServer(refusing=True) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(ProviderConnectionError, match=r"far.invalid: the proxy refused: 403"):
            await ask("https://far.invalid/")


@pytest.mark.parametrize("url", ["gopher://proxy:1", "http://[::1"])
async def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A proxy of an unknown kind, or a malformed one, is the configuration's fault."""
    monkeypatch.setenv("HTTP_PROXY", url)
    with pytest.raises(ConfigurationError, match="proxy"):
        await ask("http://far.invalid/")
