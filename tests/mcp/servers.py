"""Servers of our own for the tests: one to be used in this process, with a tool of every kind."""

from __future__ import annotations

import asyncio
import base64

from mcp.server import MCPServer
from mcp.types import AudioContent, ImageContent, TextContent, ToolAnnotations

from tests.pictures import PNG


def calculator(name: str = "calc") -> MCPServer:
    """Make a server whose tools add, fail, draw, and wait."""
    server = MCPServer(name, instructions="Add with add.", log_level="CRITICAL")

    @server.tool(annotations=ToolAnnotations(title="Adder", read_only_hint=True))
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    @server.tool()
    def fail() -> str:
        """Fail."""
        message = "no way"
        raise ValueError(message)

    @server.tool()
    def draw() -> list[TextContent | ImageContent | AudioContent]:
        """Give a text, an image and a sound."""
        data = base64.b64encode(PNG).decode()
        return [
            TextContent(type="text", text="a dot"),
            ImageContent(type="image", data=data, mime_type="image/png"),
            AudioContent(type="audio", data=data, mime_type="audio/wav"),
        ]

    @server.tool()
    async def wait() -> None:
        """Wait for ever."""
        await asyncio.Event().wait()

    @server.tool()
    def long(n: int) -> str:
        """Give a text of *n* letters."""
        return "x" * n

    @server.resource("memo://{name}", mime_type="text/plain")
    def memo(name: str) -> str:
        """Give a memo."""
        return f"memo {name}"

    @server.resource("static://greeting")
    def greeting() -> str:
        """Greet."""
        return "hello"

    @server.prompt()
    def review(code: str) -> str:
        """Ask for a review."""
        return f"Review: {code}"

    return server
