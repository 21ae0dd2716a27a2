"""The client over HTTP, against servers of the SDK's and against what is no server at all."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

import pytest

from llmring import MCPError
from llmring.mcp import MCPClient
from tests.mcp.servers import calculator
from tests.mcp.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.extra


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve one calculator over streamable HTTP."""
    with served(calculator().streamable_http_app()) as address:
        yield f"{address}/mcp"


class Answering:
    """An application that gives every request the same answer and notes its headers."""

    def __init__(self, status: int, body: bytes = b"{}", kind: bytes = b"application/json") -> None:
        """Answer with *status*, *body* and its *kind*."""
        self.status = status
        self.body = body
        self.kind = kind
        self.seen: list[dict[bytes, bytes]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        self.seen.append(dict(scope["headers"]))
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-type", self.kind)]})
        await send({"type": "http.response.body", "body": self.body})


@pytest.mark.parametrize("mode, protocol", [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
async def test_both_eras(url: str, mode: str, protocol: str) -> None:
    """Tools are called over streamable HTTP in either era, within the bounds of time and size."""
    async with MCPClient(url, mode=mode, max_result_bytes=100_000) as client:
        (server,) = client.servers.values()
        assert (server.transport, server.protocol, server.instructions) == ("http", protocol, "Add with add.")
        assert (await client.call_tool("add", {"a": 1, "b": 2})).text == "3"
        with pytest.raises(MCPError, match=r"100,000 bytes|exceeded"):
            await client.call_tool("long", {"n": 300_000})
        with pytest.raises(MCPError, match=r"did not answer within 0.1 s"):
            await client.call_tool("wait", timeout=0.1)
        assert (await client.call_tool("add", {"a": 2, "b": 2})).text == "4"


async def test_events_where_a_server_speaks_only_these() -> None:
    """A server that refuses streamable HTTP is spoken to in events."""
    with served(calculator().sse_app()) as url:
        async with MCPClient(f"{url}/sse") as client:
            assert [server.transport for server in client.servers.values()] == ["sse"]
            assert (await client.call_tool("add", {"a": 1, "b": 2})).text == "3"


async def test_a_server_that_starts_again() -> None:
    """A server that has forgotten a session is connected to anew; the call that finds out is made again."""
    with served(calculator().streamable_http_app()) as url:
        client = await MCPClient(f"{url}/mcp", mode="legacy").connect()
        await client.call_tool("add", {"a": 1, "b": 2})
    with served(calculator().streamable_http_app(), int(url.rpartition(":")[2])):
        assert (await client.call_tool("add", {"a": 2, "b": 2})).text == "4"
        await client.close()


async def test_a_server_that_is_down() -> None:
    """A call to a server that is gone is an error; the next one reaches it once it is back."""
    with served(calculator().streamable_http_app()) as url:
        client = await MCPClient(f"{url}/mcp").connect()
    with pytest.raises(MCPError, match="was lost: ConnectError"):
        await client.call_tool("add", {"a": 1, "b": 2})
    with served(calculator().streamable_http_app(), int(url.rpartition(":")[2])):
        assert (await client.call_tool("add", {"a": 2, "b": 2})).text == "4"
        await client.close()


@pytest.mark.parametrize(
    "app, words",
    [
        (Answering(401), "answered HTTP 401"),
        (Answering(404), "answered HTTP 404"),
        (Answering(500), "answered HTTP 500"),
        (Answering(200), "cannot be reached: .*JSON"),
        (Answering(200, b"<html>", b"text/html"), "cannot be reached: .*text/html"),
    ],
    ids=["unauthorised", "not found", "broken", "something else", "page"],
)
async def test_what_is_no_server(app: Answering, words: str) -> None:
    """What answers otherwise than a server is told of; neither headers nor the query of the address are shown."""
    with served(app) as url:
        entry = {"url": f"{url}/mcp?key=query-s3cret", "headers": {"Authorization": "Bearer header-s3cret"}}
        client = MCPClient({"remote": entry})
        with pytest.raises(MCPError, match=f"MCP server 'remote' {words}") as caught:
            await client.connect()
    assert app.seen[0][b"authorization"] == b"Bearer header-s3cret"
    assert "s3cret" not in f"{caught.value!r} {caught.value.stderr} {client!r} {caught.value.__dict__}"


async def test_nobody_there() -> None:
    """An address where nobody listens is an error, and no task is left."""
    with pytest.raises(MCPError, match=r"MCP server '127.0.0.1-9' cannot be reached: ConnectError"):
        await MCPClient("http://127.0.0.1:9/mcp").connect()
    assert asyncio.all_tasks() == {asyncio.current_task()}


class Endless(Answering):
    """An application whose answer, an error, has no end; *sent* tells how much of it was sent."""

    sent = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer until the client has left."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-type", self.kind)]})
        gone = asyncio.ensure_future(self._gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": b" " * 65_536, "more_body": True})
            self.sent += 65_536
            await asyncio.sleep(0)

    async def _gone(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


async def test_an_error_without_end() -> None:
    """The body of an error is bounded as that of an answer is."""
    with served(Endless(500)) as url, pytest.raises(MCPError, match="answered HTTP 500"):
        await MCPClient(f"{url}/mcp", max_result_bytes=100_000, connect_timeout=10).connect()


class Packing:
    """What packs the answers of *app*, whether or not that was asked for."""

    def __init__(self, app: Any) -> None:
        """Stand before *app*."""
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one request."""
        begun: list[dict[str, Any]] = []

        async def pack(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            body = gzip.compress(message["body"])
            headers = [(name, value) for name, value in begun[0]["headers"] if name != b"content-length"]
            await send({**begun[0], "headers": [*headers, (b"content-encoding", b"gzip")]})
            await send({**message, "body": body})

        await self._app(scope, receive, pack if scope["type"] == "http" else send)


async def test_a_small_answer_that_is_large() -> None:
    """Packed answers are not asked for, and not unpacked: nobody would know beforehand how large they are."""
    with served(Packing(calculator().streamable_http_app(json_response=True))) as url, pytest.raises(MCPError, match="packed"):
        await MCPClient(f"{url}/mcp", mode="legacy", max_result_bytes=100_000).connect()
