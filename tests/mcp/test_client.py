"""Both clients against a server in this process: what it offers, and what its tools give."""

from __future__ import annotations

import inspect
import sys

import pytest

from llmring import ConfigurationError, MCPError, ToolError
from llmring.mcp import MCPClient, MCPTool, SyncMCPClient
from llmring.schemas import AudioPart, ImagePart, TextPart
from tests.mcp.servers import calculator
from tests.pictures import PNG

pytestmark = pytest.mark.extra


async def test_tools_are_there_once_connected() -> None:
    """A connected client knows its server's tools, as a model is told of them."""
    async with MCPClient(calculator()) as client:
        add = client.tools[0]
        assert isinstance(add, MCPTool)
        assert (add.name, add.server, add.original_name, add.title) == ("add", "calc", "add", "Adder")
        assert add.annotations == {"readOnlyHint": True}
        assert add.tool.description == "Add two numbers."
        assert add.tool.parameters is not None
        assert add.tool.parameters["required"] == ["a", "b"]


async def test_tools_are_called() -> None:
    """A tool is called by its arguments and gives text for a model."""
    async with MCPClient(calculator()) as client:
        assert inspect.iscoroutinefunction(client.tools[0].__call__)
        assert await client.tools[0](a=1, b=2) == "3"


async def test_results_are_content() -> None:
    """What a tool gives is content of llmring's own kinds."""
    async with MCPClient(calculator()) as client:
        result = await client.call_tool("draw")
        assert result.content == [
            TextPart(text="a dot"),
            ImagePart(data=PNG, media_type="image/png"),
            AudioPart(data=PNG, media_type="audio/wav"),
        ]


async def test_failures_of_tools_are_results() -> None:
    """A tool that fails gives a result that says so; called as a function it raises."""
    async with MCPClient(calculator()) as client:
        result = await client.call_tool("fail")
        assert result.is_error
        with pytest.raises(ToolError, match="Error executing tool fail"):
            await client.tools[1]()


async def test_unknown_tools_are_named() -> None:
    """A tool that no server has is an error that names those near."""
    async with MCPClient(calculator()) as client:
        with pytest.raises(MCPError, match="No MCP server has a tool 'ad'; there are add"):
            await client.call_tool("ad")


async def test_nothing_works_unconnected() -> None:
    """A client that is not connected says what to do."""
    client = MCPClient(calculator())
    with pytest.raises(MCPError, match="use it in `with` or `async with`, or call connect"):
        _ = client.tools


def test_blocking_tools_are_called() -> None:
    """The blocking client's tools block."""
    with SyncMCPClient(calculator()) as client:
        assert client.tools[0](a=1, b=2) == "3"
        assert client.call_tool("add", {"a": 2, "b": 2}).structured == {"result": 4}


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the SDK the error says what to install."""
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(ConfigurationError, match=r'pip install "llmring\[mcp\]"'):
        MCPClient("server.py")
