"""Call one tool of one server: its bounds, its progress, and what it means when the server does not know it any more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import mcp

from llmring.exceptions import MCPError
from llmring.mcp.client.faults import UNKNOWN, fault
from llmring.mcp.client.hearing import called
from llmring.mcp.client.offers import Progress
from llmring.mcp.client.pages import visited
from llmring.mcp.client.results import result_of, size_of

if TYPE_CHECKING:
    from mcp.types import CallToolResult

    from llmring.mcp.client.connection import Connection
    from llmring.mcp.client.results import MCPResult
    from llmring.mcp.client.settings import OnProgress, Settings


async def call_tool(  # noqa: PLR0913 - one call, and its two options
    connection: Connection,
    settings: Settings,
    name: str,
    arguments: dict[str, Any],
    *,
    timeout: float | None = None,
    on_progress: OnProgress | None = None,
) -> MCPResult:
    """Call the tool that the server knows by *name*.

    Raises:
        MCPError: the server does not answer, answers what cannot be used, or has no such tool any more.

    """
    if connection.connected and all(tool.name != name for tool in connection.tools):
        raise _vanished(connection, name)
    hear = on_progress or settings.on_progress

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        assert hear is not None  # noqa: S101 - else this is not called
        await called(hear, Progress(server=connection.name, tool=name, progress=progress, total=total, message=message))

    async def ask(client: mcp.Client) -> CallToolResult:
        call = partial(client.call_tool, name, arguments, read_timeout_seconds=timeout, progress_callback=heard if hear else None)
        try:
            return await call()
        except mcp.MCPError as error:
            if not await visited(connection.name, settings, error):
                raise
        return await call()  # nothing was done the first time

    try:
        found = await connection.ask(ask, timeout)
    except MCPError as error:
        if error.code in UNKNOWN and await _gone(connection, name):
            raise _vanished(connection, name) from None
        raise
    if found.is_error and _doubts(found, name) and await _gone(connection, name):
        raise _vanished(connection, name)
    return _made(connection, found, settings.max_result_bytes)


def _made(connection: Connection, found: CallToolResult, limit: int) -> MCPResult:
    if connection.info.transport == "memory" and (size := size_of(found)) > limit:
        raise fault(connection.name, f"gave a result of {size:,} bytes, more than {limit:,} (max_result_bytes)")
    try:
        return result_of(found)
    except ValueError as error:
        raise fault(connection.name, f"answered what cannot be used: {error}", connection.tail) from None


def _doubts(found: CallToolResult, name: str) -> bool:
    """Tell whether a failure may be that of a server that does not know the tool: many say so in a result."""
    words = " ".join(block.text for block in found.content if block.type == "text").lower()
    return name.lower() in words and any(hint in words for hint in ("unknown", "not found", "no such", "no tool"))


async def _gone(connection: Connection, name: str) -> bool:
    await connection.relist()
    return all(tool.name != name for tool in connection.tools)


def _vanished(connection: Connection, name: str) -> MCPError:
    offered = ", ".join(tool.name for tool in connection.tools[:10]) or "none"
    return fault(connection.name, f"no longer offers the tool {name!r}; its tools are {offered}")
