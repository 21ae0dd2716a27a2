"""No server outlives its client: not after close, cancellation, the end of a loop, a fork, or the interpreter's end."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from llmring.mcp import MCPClient, SyncMCPClient
from llmring.mcp.client import groups
from tests.mcp.conftest import FAULTY
from tests.mcp.leftovers import nothing_left

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Any

pytestmark = pytest.mark.extra


async def pid_of(client: MCPClient) -> int:
    """Ask a server who it is."""
    return int((await client.call_tool("pid")).text)


async def test_closing_ends_the_server(faulty: list[str]) -> None:
    """After close the server is gone."""
    async with MCPClient(faulty) as client:
        pid = await pid_of(client)
        assert groups.alive(pid)
    assert not groups.alive(pid)


async def test_closing_ends_the_whole_group(faulty: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server has started ends with it, even against its will."""
    monkeypatch.setattr(groups, "GRACE", 0.1)
    async with MCPClient([*faulty, "--stubborn"]) as client:
        pid = await pid_of(client)
        child = int((await client.call_tool("child")).text)
        assert os.getpgid(child) == pid
    assert not groups.alive(pid)


async def test_cancelling_while_connecting_ends_the_server(faulty: list[str]) -> None:
    """Who gives up connecting leaves nothing behind."""
    before = set(groups.running())
    connecting = asyncio.create_task(MCPClient([*faulty, "--silent"]).connect())
    while set(groups.running()) == before:  # noqa: ASYNC110 - nobody tells when a server is started
        await asyncio.sleep(0.01)
    (pid,) = set(groups.running()) - before
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    assert not groups.alive(pid)


def cancelled(work: Coroutine[Any, Any, None]) -> None:
    """End a loop as ``asyncio.run`` does: tasks are cancelled."""
    asyncio.run(work)


def hooks_only(work: Coroutine[Any, Any, None]) -> None:
    """End a loop by its hooks, without cancelling any task."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(work)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.mark.parametrize("end", [cancelled, hooks_only])
def test_the_end_of_a_loop_ends_the_server(faulty: list[str], end: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    """A client that nobody closes is closed with its event loop."""
    pids: list[int] = []
    kept: list[MCPClient] = []

    async def work() -> None:
        kept.append(await MCPClient(faulty).connect())
        pids.append(await pid_of(kept[0]))

    end(work())
    assert not groups.alive(pids[0])


def test_a_blocking_client_that_is_dropped(faulty: list[str]) -> None:
    """A blocking client that nobody closes ends its server and its thread with itself."""
    with nothing_left():
        client = SyncMCPClient(faulty).connect()
        pid = int(client.call_tool("pid").text)
        del client
        gc.collect()
        assert not groups.alive(pid)


ENDS = """
import asyncio, sys
from llmring.mcp import MCPClient, SyncMCPClient
from llmring.mcp.client import groups

groups.GRACE = 0.1
blocking = SyncMCPClient(sys.argv[1:]).connect()
print(blocking.call_tool("pid").text)

async def work():
    client = await MCPClient(sys.argv[1:]).connect()
    print((await client.call_tool("pid")).text)
    return client

loop = asyncio.new_event_loop()
kept = loop.run_until_complete(work())
"""


def test_the_end_of_the_interpreter_ends_the_servers(faulty: list[str]) -> None:
    """A program that ends without closing client or loop leaves no server behind, though they mind no SIGTERM."""
    done = subprocess.run([sys.executable, "-c", ENDS, *faulty, "--stubborn"], capture_output=True, text=True, check=True)
    assert [groups.alive(int(pid)) for pid in done.stdout.split()] == [False, False]


FORKS = """
import os, sys
from llmring.mcp import SyncMCPClient
client = SyncMCPClient(sys.argv[1:]).connect()
tool = next(tool for tool in client.tools if tool.name == "pid")
parents = tool()
child = os.fork()
if not child:
    mine = tool()
    assert mine != parents and mine == tool() == client.call_tool("pid").text
    client.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert tool() == parents
client.close()
print("good")
"""


def test_a_forked_child_has_servers_of_its_own(faulty: list[str]) -> None:
    """In a forked child a blocking client connects anew, and the parent's stays as it is."""
    done = subprocess.run([sys.executable, "-c", FORKS, *faulty], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("good\n", 0), done.stderr


def test_the_shared_command_is_ours(tmp_path: Path) -> None:
    """The server with faults needs nothing but Python."""
    asked = '{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'
    done = subprocess.run(FAULTY, input=asked, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == '{"jsonrpc": "2.0", "id": 1, "result": {}}\n'
