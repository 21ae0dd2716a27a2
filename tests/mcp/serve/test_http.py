"""A ring as a server over HTTP: who is let in, how much is read, and what ends it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.applications import Starlette
from starlette.routing import Mount

from llmring.exceptions import ConfigurationError
from llmring.mcp.serve import http_app, ring_server
from llmring.mcp.serve.http import listen
from tests.mcp.serve.conftest import ERAS, TOKEN, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.mcp.serve.conftest import Watched

pytestmark = pytest.mark.extra

AUTHORIZED = {"authorization": f"Bearer {TOKEN}"}
WANTED = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@pytest.fixture
async def url(ring: Watched) -> AsyncIterator[str]:
    """Serve the ring and give its address."""
    async with serving(ring_server(ring)) as url:
        yield url


async def knock(url: str, *, body: Any = None, method: str = "POST", **headers: str) -> httpx2.Response:
    """Send *body* with a good token and further *headers*, whose underscores are hyphens."""
    given = WANTED | AUTHORIZED | {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient() as client:
        return await client.request(method, url, json=HELLO if body is None else body, headers=given)


@pytest.mark.parametrize("era", ERAS)
async def test_serves_over_http(url: str, era: str) -> None:
    """A client of either era lists, calls, and hears how it goes."""
    heard: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    async with httpx2.AsyncClient(headers=AUTHORIZED) as http, Client(streamable_http_client(url, http_client=http), mode=era) as client:
        assert "chat" in {each.name for each in (await client.list_tools()).tools}
        result = await client.call_tool("chat", {"model": "slow", "prompt": "Hello"}, progress_callback=hear)
        assert not result.is_error
        assert "".join(heard) == result.structured_content["text"]


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_leaves_cancels_its_chat(ring: Watched, era: str) -> None:
    """Over HTTP too, nothing goes on for a client that has given up."""
    async with (
        serving(ring_server(ring)) as url,
        httpx2.AsyncClient(headers=AUTHORIZED) as http,
        Client(streamable_http_client(url, http_client=http), mode=era) as client,
    ):
        call = asyncio.create_task(client.call_tool("chat", {"model": "stuck", "prompt": "Hello"}))
        await asyncio.wait_for(ring.begun.wait(), 10)
        call.cancel()
        await asyncio.wait_for(ring.cancelled.wait(), 10)


@pytest.mark.parametrize("era", ERAS)
async def test_fifty_calls_at_once(url: str, era: str) -> None:
    """Calls do not wait for each other."""
    async with httpx2.AsyncClient(headers=AUTHORIZED) as http, Client(streamable_http_client(url, http_client=http), mode=era) as client:
        calls = [client.call_tool("chat", {"model": "fast", "prompt": f"Say {at}"}) for at in range(50)]
        assert not any(each.is_error for each in await asyncio.gather(*calls))


@pytest.mark.parametrize(
    "authorization, told",
    [
        ("", 'Bearer realm="llmring"'),
        ("Basic YTpi", 'Bearer realm="llmring"'),
        ("Bearer", 'Bearer realm="llmring", error="invalid_token"'),
        (f"Bearer {TOKEN}x", 'Bearer realm="llmring", error="invalid_token"'),
        (f"Bearer {TOKEN[:-1]}", 'Bearer realm="llmring", error="invalid_token"'),
    ],
)
async def test_a_token_is_needed(url: str, authorization: str, told: str) -> None:
    """Without the right one the answer is 401, and says what is missing."""
    answer = await knock(url, authorization=authorization)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, told)
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1:8123", "[::1", "user@evil.example"]
)
async def test_a_foreign_host(url: str, host: str) -> None:
    """A name that somebody else pointed here is refused, token or not."""
    assert (await knock(url, host=host)).status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "https://127.0.0.1.evil.example:80"])
async def test_a_foreign_origin(url: str, origin: str) -> None:
    """A web page of another site is refused, token or not."""
    assert (await knock(url, origin=origin)).status_code == 403


@pytest.mark.parametrize("headers", [{"origin": "http://localhost:6274"}, {"host": "localhost"}, {"host": "[::1]:80"}])
async def test_this_machine_is_no_foreigner(url: str, headers: dict[str, str]) -> None:
    """Its own names and pages may call."""
    assert (await knock(url, **headers)).status_code == 200


async def test_further_names_and_origins(ring: Watched) -> None:
    """Those that were allowed may call, and a browser that asks beforehand hears so."""
    origin = "https://app.example"
    async with serving(ring_server(ring), allow_hosts=["ring.example"], allow_origins=[origin + "/"]) as url:
        answer = await knock(url, host="Ring.example:443", origin=origin)
        asked = await knock(url, method="OPTIONS", authorization="", origin=origin, access_control_request_method="POST")
        other = await knock(url, method="OPTIONS", authorization="", origin="https://evil.example", access_control_request_method="POST")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, origin)
    assert other.status_code == 403


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large(ring: Watched, *, chunked: bool) -> None:
    """It is refused whether its size is announced or not."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 1000

    async with serving(ring_server(ring), max_body=2000) as url, httpx2.AsyncClient(headers=WANTED | AUTHORIZED) as client:
        answer = await client.post(url, content=pieces() if chunked else b" " * 3000)
    assert answer.status_code == 413


async def test_inside_of_another_application(ring: Watched) -> None:
    """It can be mounted, where the other application runs the sessions."""
    server = ring_server(ring)
    app = Starlette(routes=[Mount("/models", http_app(server, TOKEN))])
    async with server.session_manager.run(), httpx2.AsyncClient(transport=httpx2.ASGITransport(app), headers=WANTED | AUTHORIZED) as client:
        answers = [await client.post("http://localhost/models/mcp", json=HELLO, headers=more) for more in ({}, {"authorization": ""})]
    assert [each.status_code for each in answers] == [200, 401]


async def test_other_paths(url: str) -> None:
    """There is nothing else."""
    assert (await knock(url.replace("/mcp", "/"))).status_code == 404


async def test_ending_lets_a_call_end(ring: Watched) -> None:
    """What is under way when it is told to end is still answered."""
    async with httpx2.AsyncClient(headers=AUTHORIZED) as http:
        async with serving(ring_server(ring)) as url:
            client = Client(streamable_http_client(url, http_client=http), mode="2026-07-28")
            await client.__aenter__()
            await client.list_tools()
            call = asyncio.create_task(client.call_tool("chat", {"model": "slow", "prompt": "Hello"}))
            await asyncio.wait_for(ring.begun.wait(), 10)
        assert not (await call).is_error
        await client.__aexit__(None, None, None)


@pytest.mark.parametrize("token", ["", "two words", "t\u00f6ken", "a\nb"])
def test_a_token_that_cannot_be_one(ring: Watched, token: str) -> None:
    """It is told at once."""
    with pytest.raises(ConfigurationError, match="printable ASCII"):
        http_app(ring_server(ring), token)


def test_a_port_that_is_taken() -> None:
    """Where nothing can listen, that is told with what to do."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen at 127.0.0.1:{port}: .*; choose another port"):
            listen("127.0.0.1", port)
