"""The MCP servers of one run of tools: connected where they are not, and closed again by whoever connected them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._core.functions import is_awaited
from llmring._io import aio
from llmring._io.mcp_door import client_class, is_client
from llmring.exceptions import MCPError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._io.mcp_door import Client


class AsyncServers:
    """The servers that a caller gave: clients, and whatever a client can be made for."""

    def __init__(self, given: Sequence[Any]) -> None:
        """Be ready to connect to the servers *given*; nothing is started yet.

        Raises:
            RequestError: a client among them is to be awaited, and nobody awaits it.
            ConfigurationError: one is no server, or the extra is missing.

        """
        self._clients: list[Client] = []
        self._opened: list[Client] = []
        self.warnings: list[str] = []
        """What the servers that were connected here could not bring."""
        for at, each in enumerate(given):
            if is_client(each):
                aio.check_function(type(each).__name__, f"mcp[{at}]", waits=is_awaited(each.connect))
                self._clients.append(each)
        sources = [each for each in given if not is_client(each)]
        if sources:
            self._clients.append(client_class(aio.MCP_CLIENT)(*sources))

    async def open(self) -> list[Any]:
        """Connect to those that are not connected; give the tools of all.

        Raises:
            MCPError: none of a client's servers can be reached.

        """
        tools: list[Any] = []
        for client in self._clients:
            try:
                found = client.tools
            except MCPError:  # it is not connected
                self._opened.append(client)
                await aio.call_function(client.connect, waits=is_awaited(client.connect))
                self.warnings += client.warnings
                found = client.tools
            tools += found
        return tools

    async def close(self) -> None:
        """Close what was opened here."""
        while self._opened:
            client = self._opened.pop()
            await aio.call_function(client.close, waits=is_awaited(client.close))
