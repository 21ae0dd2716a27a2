"""A model with the tools of MCP servers: connected once, asked often, streamed, and left early."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from llmring import AsyncLLMRing, LLMRing, MCPError, RequestError, ToolError
from llmring.mcp import MCPClient, SyncMCPClient, create_enhanced_llm, create_sync_enhanced_llm
from llmring.schemas import Message, Tool, ToolCall, ToolCallComplete, ToolResultEvent
from tests.mcp.servers import calculator
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from pathlib import Path

    from llmring.testing.simulator import Simulator

pytestmark = pytest.mark.extra

MODEL = f"{MODELS['anthropic']}+tool=add"
SCRIPT = """
from mcp.server import MCPServer

server = MCPServer("adder", log_level="CRITICAL")


@server.tool()
def add(a: int, b: int) -> int:
    '''Add two numbers.'''
    return a + b


server.run()
"""


@pytest.fixture
def options(simulator: Simulator) -> dict[str, Any]:
    """Give the settings of a ring."""
    return settings(simulator)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Write a server that runs as a process of its own."""
    path = tmp_path / "adder.py"
    path.write_text(SCRIPT)
    return path


async def test_chats(options: dict[str, Any]) -> None:
    """It answers with what the server's tool gave, and the turns of all rounds."""
    async with await create_enhanced_llm(MODEL, servers=[calculator()], ring_options=options) as llm:
        response = await llm.chat([{"role": "user", "content": "Add."}])
        assert [turn.role for turn in response.turns] == ["assistant", "tool", "assistant"]
        assert response.turns[1].name == "add"
        again = await llm.chat([Message(role="user", content="Add."), *response.turns, Message(role="user", content="Again.")])
        assert again.content
        assert llm.model == MODEL


async def test_streams(options: dict[str, Any]) -> None:
    """The call, its result and the answer are events; the response holds all rounds. The stream may be awaited first."""
    async with await create_enhanced_llm(llm_model=MODEL, servers=[calculator()], ring_options=options) as llm:
        stream = await llm.chat("Add.", stream=True)
        events = [event async for event in stream]
        (call,) = [event.tool_call for event in events if isinstance(event, ToolCallComplete)]
        (result,) = [event for event in events if isinstance(event, ToolResultEvent)]
        assert result.tool_call == call
        assert result.message.content == str(sum((call.arguments or {}).values()))
        assert "".join(event.delta for event in events).endswith(stream.response.content)
        assert len(stream.response.attempts) == 2
        async with llm.chat("Add.", stream=True) as other:
            assert [event async for event in other]


async def test_starts_a_server(options: dict[str, Any], script: Path) -> None:
    """A path is a server that is started, and ended with it."""
    llm = await create_enhanced_llm(MODEL, mcp_server_path=script, ring_options=options)
    assert (await llm.chat("Add.")).turns[1].name == "add"
    await llm.close()
    with pytest.raises(MCPError, match="not connected"):
        await llm.chat("Add.")


async def test_lists_and_registers_tools(options: dict[str, Any]) -> None:
    """Functions stand beside the servers' tools, with names of their own."""
    async with await create_enhanced_llm(f"{MODELS['openai']}+tool=double", servers=[calculator()], ring_options=options) as llm:

        @llm.register_tool
        def double(x: int) -> int:
            """Double a number."""
            return 2 * x

        tools = await llm.list_tools()
        assert all(isinstance(tool, Tool) for tool in tools)
        assert [*(tool.name for tool in tools[:2]), tools[-1].name] == ["add", "fail", "double"]
        response = await llm.chat("Double.")
        (call,) = response.turns[0].tool_calls
        assert response.turns[1].content == str(double((call.arguments or {})["x"]))
        with pytest.raises(RequestError, match="there is a tool 'double' already"):
            llm.register_tool(double)


async def test_works_without_servers(options: dict[str, Any]) -> None:
    """Functions suffice, and so does nothing at all."""

    def add(a: int, b: int) -> int:
        return a + b

    async with await create_enhanced_llm(MODELS["google"], ring_options=options) as llm:
        assert (await llm.chat("Hi.")).content
        llm.register_tool(add)
        assert (await llm.chat("Add.")).turns[1].name == "add"
        assert [tool.name for tool in await llm.list_tools()] == ["add"]


async def test_bounds_hold_for_each_call(options: dict[str, Any]) -> None:
    """What is given at the beginning holds for each call, unless a call says otherwise."""
    asked: list[str] = []

    def approve(call: ToolCall, tool: Tool) -> bool:
        asked.append(f"{call.name} {tool.name}")
        return False

    async with await create_enhanced_llm(MODEL, servers=[calculator()], ring_options=options, approve=approve, max_rounds=1) as llm:
        with pytest.raises(ToolError, match="After 1 rounds"):
            await llm.chat("Add.")
        response = await llm.chat("Add.", max_rounds=3)
        assert "refused" in str(response.turns[1].content)
    assert asked == ["add add"]


async def test_says_who_it_is(simulator: Simulator, options: dict[str, Any]) -> None:
    """The words before the conversation stand before each, unless it has its own."""
    async with await create_enhanced_llm(MODELS["openai"], system="Be brief.", ring_options=options) as llm:
        for messages, said in (
            ("Hi.", "Be brief."),
            ([Message(role="user", content="Hi.")], "Be brief."),
            ([{"role": "system", "content": "Be long."}, {"role": "user", "content": "Hi."}], "Be long."),
        ):
            await llm.chat(messages)
            turns = simulator.requests[-1].body["messages"]
            assert [turn["role"] for turn in turns] == ["system", "user"]
            assert turns[0]["content"] == said


async def test_uses_a_ring_and_a_client(options: dict[str, Any]) -> None:
    """Those that were given stay open."""
    async with AsyncLLMRing(**options) as ring, MCPClient(calculator()) as client:
        for given in (ring, LLMRing(**options)):
            async with await create_enhanced_llm(MODEL, ring=given, client=client) as llm:
                assert (await llm.chat("Add.")).turns[1].name == "add"
                assert [event async for event in llm.chat("Add.", stream=True)]
            assert client.tools
            await given.aclose()
        with pytest.raises(RequestError, match="not both"):
            await create_enhanced_llm(MODEL, ring=ring, client=client, servers=[calculator()])
        with pytest.raises(RequestError, match="servers must be a list"):
            await create_enhanced_llm(MODEL, ring=ring, servers="server.py")


async def test_leaving_a_stream_stops_the_tools(options: dict[str, Any]) -> None:
    """Whoever stops waiting cancels the call that runs, and no task is left once all is closed."""
    before = asyncio.all_tasks()
    began = asyncio.Event()
    async with await create_enhanced_llm(f"{MODELS['openai']}+tool=forever", servers=[calculator()], ring_options=options) as llm:

        @llm.register_tool
        async def forever(x: int) -> int:
            """Wait for ever."""
            began.set()
            await asyncio.Event().wait()
            return x

        async def read() -> None:
            async with llm.chat("Wait.", stream=True) as stream:
                async for _ in stream:
                    pass

        task = asyncio.create_task(read())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await llm.chat("Hi.", tool_choice="none")).content
    assert asyncio.all_tasks() == before


async def test_servers_that_do_not_start(options: dict[str, Any]) -> None:
    """The error names the server, and nothing is left open."""
    before = asyncio.all_tasks()
    with pytest.raises(MCPError):
        await create_enhanced_llm(MODEL, servers=[["no-such-program-anywhere"]], ring_options=options)
    assert asyncio.all_tasks() == before


# --- blocking ----------------------------------------------------------------------------------------


def test_blocking_chats(options: dict[str, Any], script: Path) -> None:
    """The blocking counterpart answers, streams, lists and registers alike."""
    with create_sync_enhanced_llm(MODEL, mcp_server_path=str(script), ring_options=options, system="Be brief.") as llm:
        assert llm.chat("Add.").turns[1].name == "add"
        stream = llm.chat("Add.", stream=True)
        events = list(stream)
        assert [event.tool_call.name for event in events if isinstance(event, ToolResultEvent)] == ["add"]
        assert stream.response.content

        @llm.register_tool
        def double(x: int) -> int:
            """Double a number."""
            return 2 * x

        assert [tool.name for tool in llm.list_tools()] == ["add", "double"]
        assert (llm.model, double(1)) == (MODEL, 2)
    with pytest.raises(MCPError, match="not connected"):
        llm.chat("Add.")


def test_blocking_uses_a_ring_and_a_client(options: dict[str, Any]) -> None:
    """Those that were given stay open; without servers there is none."""
    with LLMRing(**options) as ring, SyncMCPClient(calculator()) as client:
        with create_sync_enhanced_llm(MODEL, ring=ring, client=client) as llm:
            assert llm.chat("Add.").turns[1].name == "add"
        assert client.tools
        with create_sync_enhanced_llm(MODELS["openai"], ring=ring) as bare:
            assert bare.chat("Hi.").content
            assert bare.list_tools() == []


def test_blocking_servers_that_do_not_start(options: dict[str, Any]) -> None:
    """The error comes before anything is asked."""
    with pytest.raises(MCPError):
        create_sync_enhanced_llm(MODEL, servers=[["no-such-program-anywhere"]], ring_options=options)
