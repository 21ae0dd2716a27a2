"""A client belongs to one event loop: what it may do in another, and what is left of it when its own has ended."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from llmring import MCPError
from llmring.mcp import MCPClient
from llmring.mcp.client import groups
from tests.mcp.leftovers import nothing_left
from tests.mcp.servers import calculator
from tests.mcp.serving import served

pytestmark = pytest.mark.extra


class Noting:
    """An application that notes by which methods it is asked, and asks another one."""

    def __init__(self, app: Any) -> None:
        """Stand before *app*."""
        self._app = app
        self.methods: list[str] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Note one request."""
        self.methods.append(scope.get("method", ""))
        await self._app(scope, receive, send)


async def connected(server: Any, **settings: Any) -> MCPClient:
    """Give a client that is connected."""
    return await MCPClient(server, **settings).connect()


def test_a_client_of_stdio_is_closed_in_a_second_loop(faulty: list[str]) -> None:
    """Its loop has ended with the server; closing it finds nothing to do, and leaves nothing."""
    with nothing_left():
        client = asyncio.run(connected(faulty))
        asyncio.run(client.close())
        with pytest.raises(MCPError, match="is not connected"):
            _ = client.tools


def test_a_client_of_http_is_closed_in_a_second_loop() -> None:
    """Its loop has ended with the session, of which the server was told."""
    app = Noting(calculator().streamable_http_app())
    with nothing_left(), served(app) as url:
        client = asyncio.run(connected(f"{url}/mcp", mode="legacy"))
        assert app.methods[-1] == "DELETE"
        asyncio.run(client.close())


def test_a_client_of_stdio_is_not_closed_beside_its_loop(faulty: list[str]) -> None:
    """While its loop is there, another one can neither close nor connect it; its own still can."""
    with nothing_left(), asyncio.Runner() as own:
        client = own.run(connected(faulty))
        for what in (client.close, client.connect):
            with pytest.raises(MCPError, match="belongs to another event loop, which has not ended; close it there"):
                asyncio.run(what())
        pid = int(own.run(client.call_tool("pid")).text)
        own.run(client.close())
        assert not groups.alive(pid)


def test_a_client_of_http_is_not_closed_beside_its_loop() -> None:
    """The session is kept until its own loop closes it."""
    app = Noting(calculator().streamable_http_app())
    with nothing_left(), served(app) as url, asyncio.Runner() as own:
        client = own.run(connected(f"{url}/mcp", mode="legacy"))
        with pytest.raises(MCPError, match="close it there"):
            asyncio.run(client.close())
        assert own.run(client.call_tool("add", {"a": 1, "b": 2})).text == "3"
        assert "DELETE" not in app.methods
        own.run(client.close())
        assert app.methods[-1] == "DELETE"


BARE = """
import asyncio, sys
from llmring.mcp import MCPClient
from llmring.mcp.client import groups

groups.GRACE = 0.1

async def connect():
    client = await MCPClient(sys.argv[1:]).connect()
    return client, (await client.call_tool("pid")).text

loop = asyncio.new_event_loop()
client, pid = loop.run_until_complete(connect())
loop.close()
asyncio.run(client.close())
print(pid)
sys.stdin.read()
"""


def test_a_loop_that_was_closed_without_its_hooks(faulty: list[str]) -> None:
    """Its client can still be closed in another one, which ends the server and what that has started."""
    code = [sys.executable, "-W", "ignore", "-c", BARE, *faulty, "--stubborn"]
    with subprocess.Popen(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        assert program.stdout is not None
        assert not groups.alive(int(program.stdout.readline()))
        assert program.poll() is None


def test_a_client_is_connected_again_in_a_second_loop(faulty: list[str]) -> None:
    """Once its loop has ended, a client can be connected in another one."""

    async def again(client: MCPClient) -> str:
        async with client:
            return (await client.call_tool("pid")).text

    with nothing_left():
        client = MCPClient(faulty)
        assert len({asyncio.run(again(client)), asyncio.run(again(client))}) == 2


async def test_everybody_who_closes_waits_for_the_end(faulty: list[str]) -> None:
    """Of two tasks that close a client neither is back before the server has ended."""
    client = await connected(faulty)
    pid = int((await client.call_tool("pid")).text)
    first = asyncio.create_task(client.close())
    await asyncio.sleep(0)
    await client.close()
    assert not groups.alive(pid)
    await first


def test_a_client_belongs_to_its_loop() -> None:
    """A client that is used in another loop says so."""

    async def use(client: MCPClient) -> None:
        with pytest.raises(MCPError, match="belongs to another event loop"):
            await client.call_tool("add", {"a": 1, "b": 2})
        with pytest.raises(MCPError, match="is closed"):
            await client.tools[0](a=1, b=2)

    asyncio.run(use(asyncio.run(connected(calculator()))))
