"""The blocking client: what `MCPClient` does, done in the event loop of another thread and waited for; nothing is decided here."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from llmring.mcp.client.client import MCPClient
from llmring.mcp.client.lodging import Lodging
from llmring.mcp.client.tools import BlockingTool

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from llmring.mcp.client.offers import Prompt, Resource, ResourceTemplate, ServerInfo
    from llmring.mcp.client.results import MCPPrompt, MCPResult
    from llmring.mcp.client.settings import Elicit, OnLog, OnProgress
    from llmring.mcp.client.tools import MCPTool


class SyncMCPClient:
    """A client of MCP servers that blocks, for any number of threads: ``with SyncMCPClient("server.py") as client: …``.

    In a forked child it connects anew, to servers of the child's own.
    """

    def __init__(  # noqa: PLR0913 - settings, keyword-only
        self,
        *servers: Any,
        timeout: float = 60.0,
        connect_timeout: float = 30.0,
        elicit: Elicit | None = None,
        on_progress: OnProgress | None = None,
        on_log: OnLog | None = None,
        max_result_bytes: int = 10_000_000,
        mode: str = "auto",
    ) -> None:
        """Be ready to connect to *servers*.

        A server is a command (a text or a list), the path of a Python or Node script, an address (``http://``, ``https://``,
        ``stdio://``), a configuration (a path to or an object with ``mcpServers``, or servers by name), or a server object of
        the ``mcp`` SDK in this process.

        *timeout* bounds each call and *connect_timeout* each connection, in seconds; *max_result_bytes* each message of a
        server. *elicit* answers what servers ask the user; *on_progress* and *on_log* hear of progress and log. *mode* is how the
        protocol's version is negotiated, in the SDK's words.

        Raises:
            ConfigurationError: a server or a bound is none, or the ``mcp`` extra is missing.

        """
        make = partial(
            MCPClient,
            *servers,
            timeout=timeout,
            connect_timeout=connect_timeout,
            elicit=elicit,
            on_progress=on_progress,
            on_log=on_log,
            max_result_bytes=max_result_bytes,
            mode=mode,
        )
        self._lodging = Lodging(make)

    def __repr__(self) -> str:
        """Name the servers."""
        return repr(self._lodging)

    # --- life ----------------------------------------------------------------------------------------

    def connect(self) -> Self:
        """Connect to all servers at once; those that fail leave the others alone, and are told of in `servers` and `warnings`.

        Raises:
            MCPError: none of them can be reached.

        """
        self._lodging.connect()
        return self

    def close(self) -> None:
        """Close all connections and end the servers that were started."""
        self._lodging.close()

    def __enter__(self) -> Self:
        """Connect."""
        return self.connect()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close."""
        self.close()

    # --- what there is -------------------------------------------------------------------------------

    @property
    def tools(self) -> list[MCPTool]:
        """The tools of all connected servers, as they were last heard of."""
        return [self._blocking(tool) for tool in self._lodging.client.tools]

    def _blocking(self, tool: MCPTool) -> MCPTool:
        return BlockingTool(
            tool=tool.tool,
            server=tool.server,
            original_name=tool.original_name,
            title=tool.title,
            annotations=tool.annotations,
            output_schema=tool.output_schema,
            call=partial(self._call, tool, os.getpid()),
        )

    def _call(self, tool: MCPTool, pid: int, arguments: dict[str, Any]) -> MCPResult:
        """Call *tool*, which was found in process *pid*; in a forked child there is another one of its name."""
        if pid != os.getpid():
            return self.call_tool(tool.name, arguments, server=tool.server)
        return self._lodging.run(lambda _: tool.call(arguments))

    @property
    def servers(self) -> dict[str, ServerInfo]:
        """All servers by name, and how they are."""
        return self._lodging.client.servers

    @property
    def warnings(self) -> list[str]:
        """What was left out, and why."""
        return self._lodging.client.warnings

    def list_tools(self) -> list[MCPTool]:
        """Ask all servers for their tools again.

        Raises:
            MCPError: none of them answers.

        """
        return [self._blocking(tool) for tool in self._lodging.run(MCPClient.list_tools)]

    def list_resources(self) -> list[Resource]:
        """Ask all servers what they let read.

        Raises:
            MCPError: none of them answers.

        """
        return self._lodging.run(MCPClient.list_resources)

    def list_resource_templates(self) -> list[ResourceTemplate]:
        """Ask all servers for the forms of further addresses that can be read.

        Raises:
            MCPError: none of them answers.

        """
        return self._lodging.run(MCPClient.list_resource_templates)

    def list_prompts(self) -> list[Prompt]:
        """Ask all servers for the prompts that they can write.

        Raises:
            MCPError: none of them answers.

        """
        return self._lodging.run(MCPClient.list_prompts)

    # --- use -----------------------------------------------------------------------------------------

    def call_tool(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        *,
        server: str | None = None,
        timeout: float | None = None,
        on_progress: OnProgress | None = None,
    ) -> MCPResult:
        """Call the tool *name*, as `tools` names it or as its *server* does.

        Raises:
            MCPError: there is no such tool (any more), or the server does not answer. A tool that fails gives a result that says so.

        """
        return self._lodging.run(lambda client: client.call_tool(name, arguments, server=server, timeout=timeout, on_progress=on_progress))

    def read_resource(self, uri: str, *, server: str | None = None) -> MCPResult:
        """Read *uri*, from *server* where several could have it.

        Raises:
            MCPError: no server has it, or the one that has does not answer.

        """
        return self._lodging.run(lambda client: client.read_resource(uri, server=server))

    def get_prompt(self, name: str, arguments: dict[str, str] | None = None, *, server: str | None = None) -> MCPPrompt:
        """Have the prompt *name* written, by *server* where several have one of that name.

        Raises:
            MCPError: no server has it, or the one that has does not answer.

        """
        return self._lodging.run(lambda client: client.get_prompt(name, arguments, server=server))

    def ping(self) -> dict[str, float]:
        """Give the seconds that each connected server takes to answer.

        Raises:
            MCPError: one does not.

        """
        return self._lodging.run(MCPClient.ping)
