"""A server that fails in any way is told of by name, with its last words; the connection is there again at the next use."""

from __future__ import annotations

import asyncio
import json
import pickle
from typing import TYPE_CHECKING

import pytest

from llmring import MCPError
from llmring.mcp import MCPClient
from tests.mcp.servers import calculator

if TYPE_CHECKING:
    from llmring.mcp import SyncMCPClient

pytestmark = pytest.mark.extra


# --- it cannot be reached --------------------------------------------------------------------------


async def test_a_server_that_does_not_start() -> None:
    """A command that is not there is an error that names it."""
    with pytest.raises(MCPError, match="MCP server 'no-such-program' cannot be started: 'no-such-program': No such file") as caught:
        await MCPClient("no-such-program --flag").connect()
    assert caught.value.server == "no-such-program"


async def test_a_server_that_exits(faulty: list[str]) -> None:
    """A server that ends before it answers is an error with its exit code and last words."""
    with pytest.raises(MCPError, match="MCP server 'faulty' ended with exit code 3; its last words: no configuration found") as caught:
        await MCPClient([*faulty, "--exit"]).connect()
    assert caught.value.stderr == "no configuration found"


async def test_a_server_that_says_nothing(faulty: list[str]) -> None:
    """A server that never answers is given up after the time for connecting."""
    with pytest.raises(MCPError, match=r"did not come to a connection within 0.3 s \(connect_timeout\)"):
        await MCPClient([*faulty, "--silent"], connect_timeout=0.3).connect()


async def test_a_server_that_speaks_something_else(faulty: list[str]) -> None:
    """A server that writes no end of other things is given up."""
    with pytest.raises(MCPError, match=r"writes what is no MCP to its standard output; its last words: \(stdout\) <html>"):
        await MCPClient([*faulty, "--noise"]).connect()


async def test_the_others_go_on(faulty: list[str]) -> None:
    """A server that fails leaves the others alone, and is told of."""
    async with MCPClient([*faulty, "--exit"], {"sums": calculator()}) as client:
        assert {name: server.status for name, server in client.servers.items()} == {"faulty": "failed", "sums": "connected"}
        assert client.warnings == ["MCP server 'faulty' ended with exit code 3; its last words: no configuration found"]
        assert (await client.call_tool("sums__add", {"a": 1, "b": 1})).text == "2"
        with pytest.raises(MCPError, match="exit code 3"):
            await client.call_tool("echo", server="faulty")


async def test_no_task_is_left(faulty: list[str]) -> None:
    """After an end of any kind no task is left."""
    async with MCPClient(faulty, calculator()) as client:
        with pytest.raises(MCPError):
            await client.call_tool("die")
    assert asyncio.all_tasks() == {asyncio.current_task()}


# --- it fails in a call ----------------------------------------------------------------------------


def test_a_server_that_dies(client: SyncMCPClient) -> None:
    """A call in flight is told how the server ended; secrets are not in its last words."""
    with pytest.raises(MCPError, match=r"MCP server 'bad' ended with exit code 7; its last words: cannot go on: token=\*\*\*") as caught:
        client.call_tool("die")
    error = caught.value
    assert error.stderr == "reading the disk\ncannot go on: token=***"
    assert error.__notes__ == ["What bad wrote last:\nreading the disk\ncannot go on: token=***"]


def test_the_next_use_connects_again(client: SyncMCPClient) -> None:
    """After a server's death the next call goes to a new one."""
    first = client.call_tool("pid").text
    with pytest.raises(MCPError):
        client.call_tool("die")
    assert client.servers["bad"].status == "lost"
    assert client.call_tool("pid").text != first
    assert client.servers["bad"].status == "connected"


def test_a_server_that_hangs(client: SyncMCPClient) -> None:
    """A call ends after its time, and the server is told."""
    with pytest.raises(MCPError, match=r"MCP server 'bad' did not answer within 0.1 s") as caught:
        client.call_tool("hang", timeout=0.1)
    assert caught.value.code == -32001
    assert json.loads(client.call_tool("cancelled").text)[-1] == "hang"


def test_a_result_that_is_too_large(client: SyncMCPClient) -> None:
    """A message above the bound is not taken in."""
    with pytest.raises(MCPError, match=r"sent a message of more than 100,000 bytes \(max_result_bytes\)"):
        client.call_tool("huge", {"bytes": 100_000})
    assert len(client.call_tool("huge", {"bytes": 90_000}).text) == 90_000


def test_noise_between_messages(client: SyncMCPClient) -> None:
    """What a server writes beside its messages does no harm."""
    assert client.call_tool("noise").text == "after the noise"


@pytest.mark.parametrize(
    "tool, words", [("nonsense", "content: Input should be a valid list"), ("picture", "content that should be base64 is not")]
)
def test_a_result_that_is_none(client: SyncMCPClient, tool: str, words: str) -> None:
    """An answer that is not what the protocol says is an error that tells the place."""
    with pytest.raises(MCPError, match=f"MCP server 'bad' answered what cannot be used: .*{words}"):
        client.call_tool(tool)


def test_errors_pickle(client: SyncMCPClient) -> None:
    """An error crosses processes with all that it carries."""
    with pytest.raises(MCPError) as caught:
        client.call_tool("die")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.message, again.server, again.stderr, again.code) == (
        caught.value.message,
        "bad",
        caught.value.stderr,
        caught.value.code,
    )


async def test_a_cancelled_caller_cancels_the_call(faulty: list[str]) -> None:
    """Who is cancelled while waiting cancels the request at the server."""
    async with MCPClient(faulty) as client:
        call = asyncio.create_task(client.call_tool("hang"))
        await client.call_tool("echo")  # the server takes one message after the other
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert json.loads((await client.call_tool("cancelled")).text) == ["hang"]


# --- its tools -------------------------------------------------------------------------------------


async def test_a_tool_that_vanishes(faulty: list[str]) -> None:
    """A tool that a server takes away, whether it says so or not, is an error that says so."""
    for how in ("vanish", "vanish_quietly"):
        async with MCPClient(faulty) as client:
            echo = client.tools[0]
            await client.call_tool(how)
            with pytest.raises(MCPError, match="MCP server 'faulty' no longer offers the tool 'echo'; its tools are die, hang"):
                await echo()
            assert "echo" not in [tool.name for tool in client.tools]


async def test_tools_that_cannot_be_used(faulty: list[str]) -> None:
    """Names become legal and unique; what has no usable schema is left out, with a warning."""
    async with MCPClient([*faulty, "--strange"]) as client:
        names = [tool.name for tool in client.tools]
        long = [name for name in names if name.startswith("nnn")]
        assert [len(name) for name in long] == [64, 64]
        assert [name for name in names if name not in long] == [
            "with_spaces_and_ml_ut",
            "with_dot",
            "with_dot_2",
            "with_dot_3",
            "bare_schema",
            "odd_output",
        ]
        assert client.warnings == [
            "The tool 'no_schema' is left out: its schema is no object.",
            "The tool 'text_schema' is left out: its schema is no object.",
            "The tool 'array_schema' is left out: its schema is of type 'array', not object.",
            "The tool '' is left out: it has no name.",
            "The tool 'odd_description' is left out: description: Input should be a valid string.",
            "The tool None is left out: it has no name.",
        ]
        assert await client.tools[5](a=1) == '{"a": 1}'


async def test_warnings_are_bounded(faulty: list[str]) -> None:
    """However much of a server's is unusable, only so much of it is told, without secrets, and once."""
    entry = {"command": faulty[0], "args": [*faulty[1:], "--odd"], "env": {"TOKEN": "s3cret-value"}}
    async with MCPClient({"odd": entry}) as client:
        before = client.warnings
        await client.list_tools()
        assert client.warnings == before
    assert len(before) == 100
    assert before[0].startswith("The tool '0 *** xxx")
    assert max(map(len, before)) == 500


async def test_lists_are_read_to_their_last_page(faulty: list[str]) -> None:
    """All pages of a list count."""
    async with MCPClient([*faulty, "--pages"]) as client:
        assert len(client.tools) == 15
