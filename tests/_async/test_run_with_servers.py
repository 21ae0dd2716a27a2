"""A run of tools connects to the servers that it is given, uses their tools, and closes what it has opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from llmring.exceptions import InvalidMessageError, LLMRingError, MCPError, ProviderServerError, RequestError, ToolError
from llmring.schemas import LLMRequest, Tool, ToolResultEvent
from tests.rings import MODELS

if TYPE_CHECKING:
    from llmring._async.ring import AsyncLLMRing
    from llmring.testing.simulator import Simulator

MODEL = MODELS["openai"]


class Echo:
    """A tool of a server."""

    def __init__(self, name: str) -> None:
        """Be called *name*."""
        words = {"type": "object", "properties": {"words": {"type": "string"}}, "required": ["words"]}
        self.tool = Tool(name=name, description="Echo.", parameters=words)

    async def __call__(self, **arguments: Any) -> str:
        """Echo."""
        return f"{self.tool.name} heard {arguments['words']}"


class Servers:
    """Stands for a client of servers, and notes what is asked of it."""

    def __init__(self, *names: str, failing: bool = False) -> None:
        """Have tools of these *names*, once connected."""
        self.names = names
        self.failing = failing
        self.asked: list[str] = []
        self.connected = False
        self.warnings = ["the server weather cannot be reached"]

    @property
    def tools(self) -> list[Echo]:
        """The tools."""
        if not self.connected:
            message = "The MCP client is not connected."
            raise MCPError(message)
        return [Echo(name) for name in self.names]

    async def connect(self) -> None:
        """Connect."""
        self.asked.append("connect")
        if self.failing:
            message = "The MCP server echo did not start."
            raise MCPError(message, server="echo")
        self.connected = True

    async def close(self) -> None:
        """Close."""
        self.asked.append("close")
        self.connected = False

    async def call_tool(self, name: str) -> None:
        """Mark this as a client."""
        raise NotImplementedError(name)


async def test_is_connected_for_the_run(ring: AsyncLLMRing) -> None:
    """Who was not connected is, and is closed again; what is missing of it is a warning."""
    servers = Servers("echo")
    response = await ring.run_tools(MODEL, "Say hello.", mcp=[servers])
    assert "echo heard" in response.content
    assert servers.asked == ["connect", "close"]
    assert response.warnings == servers.warnings


async def test_stays_connected(ring: AsyncLLMRing) -> None:
    """Who was connected before stays so."""
    servers = Servers("echo")
    await servers.connect()
    response = await ring.run_tools(MODEL, "Say hello.", mcp=[servers])
    assert "echo heard" in response.content
    assert servers.asked == ["connect"]
    assert response.warnings == []


async def test_joins_other_tools(ring: AsyncLLMRing) -> None:
    """Tools of several clients stand beside those of the caller's own, in options and in requests, and may be chosen."""

    def local(words: str) -> str:
        """Be here."""
        return f"local heard {words}"

    clients = [Servers("echo"), Servers("answer")]
    response = await ring.run_tools(f"{MODEL}+calls=3", "Say hello.", tools=[local], mcp=clients)
    assert [turn.name for turn in response.turns if turn.role == "tool"] == ["local", "echo", "answer"]
    request = LLMRequest[Any](model=f"{MODEL}+calls=2", messages="Say hello.", tools=[local])
    response = await ring.run_tools(request, mcp=[Servers("echo")])
    assert [turn.name for turn in response.turns if turn.role == "tool"] == ["local", "echo"]
    choice = {"type": "function", "function": {"name": "answer"}}
    response = await ring.run_tools(MODEL, "Say hello.", mcp=clients, tool_choice=choice)
    assert [turn.name for turn in response.turns if turn.role == "tool"] == ["answer"]


async def test_is_closed_whatever_happens(ring: AsyncLLMRing) -> None:
    """A failure of another server, of the model, or in what was asked leaves none open."""
    good, bad = Servers("echo"), Servers("broken", failing=True)
    with pytest.raises(MCPError, match="did not start"):
        await ring.run_tools(MODEL, "Say hello.", mcp=[good, bad])
    assert good.asked == bad.asked == ["connect", "close"]
    again = Servers("echo")
    with pytest.raises(ProviderServerError):
        await ring.run_tools(f"{MODEL}+fault=500", "Say hello.", mcp=[again])
    with pytest.raises(InvalidMessageError, match="tool_choice names 'ecko'"):
        await ring.run_tools(MODEL, "Say hello.", mcp=[again], tool_choice={"type": "function", "function": {"name": "ecko"}})
    with pytest.raises(InvalidMessageError, match="two tools named 'echo'"):
        await ring.run_tools(MODEL, "Say hello.", mcp=[again], tools=[Echo("echo")])
    assert again.asked == ["connect", "close"] * 3


async def test_is_not_connected_for_nothing(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """What is wrong without any server is told before there is one."""
    servers = Servers("echo")
    before = len(simulator.requests)
    for wrong, path in cast("list[Any]", [({"temperature": "hot"}, "temperature"), ({"n": 2}, "n"), ({"max_rounds": 0}, "max_rounds")]):
        with pytest.raises(RequestError) as caught:
            await ring.run_tools(MODEL, "Say hello.", mcp=[servers], **wrong)
        assert caught.value.path == path
    with pytest.raises(RequestError, match="mcp must be a list of servers, not 'npx"):
        await ring.run_tools(MODEL, "Say hello.", mcp="npx server")
    with pytest.raises(TypeError, match="temperatur"):
        ring.run_tools_stream(MODEL, "Say hello.", mcp=[servers], temperatur=1)  # pyright: ignore[reportCallIssue] - wrong on purpose
    assert servers.asked == []
    assert len(simulator.requests) == before


async def test_streams_connect_when_read(ring: AsyncLLMRing) -> None:
    """A stream connects at its first event, and closes at its end or when it is left."""
    servers = Servers("echo")
    stream = ring.run_tools_stream(MODEL, "Say hello.", mcp=[servers])
    assert servers.asked == []
    results = [event async for event in stream if isinstance(event, ToolResultEvent)]
    assert [event.tool_call.name for event in results] == ["echo"]
    assert servers.asked == ["connect", "close"]
    assert stream.response.warnings == servers.warnings
    async with ring.run_tools_stream(MODEL, "Say hello.", mcp=[servers]) as left:
        async for _ in left:
            break
    assert servers.asked == ["connect", "close"] * 2


async def test_streams_that_fail_close(ring: AsyncLLMRing) -> None:
    """Whatever ends a stream closes its servers."""
    failures: list[LLMRingError] = []
    for servers, bounds in ((Servers("echo", failing=True), 10), (Servers("echo"), 1)):
        try:
            _ = [event async for event in ring.run_tools_stream(MODEL, "Say hello.", mcp=[servers], max_rounds=bounds)]
        except LLMRingError as error:
            failures.append(error)
        assert servers.asked == ["connect", "close"]
    assert [type(error) for error in failures] == [MCPError, ToolError]
