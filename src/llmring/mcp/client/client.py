"""The asynchronous client of one or several MCP servers; `llmring.mcp.client.blocking` mirrors it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring.mcp.client.faults import need_sdk, not_connected
from llmring.mcp.client.home import Home
from llmring.mcp.client.settings import Settings
from llmring.mcp.client.sources import read

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from llmring.mcp.client.offers import Prompt, Resource, ResourceTemplate, ServerInfo
    from llmring.mcp.client.results import MCPPrompt, MCPResult
    from llmring.mcp.client.settings import Elicit, OnLog, OnProgress
    from llmring.mcp.client.tools import MCPTool


class MCPClient:
    """A client of MCP servers, of one event loop: ``async with MCPClient("server.py") as client: …``.

    It is closed in the loop in which it was connected, or in any once that has ended; elsewhere `close` is an `MCPError`.
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
        need_sdk()
        self._settings = Settings(
            timeout=timeout,
            connect_timeout=connect_timeout,
            elicit=elicit,
            on_progress=on_progress,
            on_log=on_log,
            max_result_bytes=max_result_bytes,
            mode=mode,
        )
        self._sources = read(servers)
        self._home: Home | None = None

    def __repr__(self) -> str:
        """Name the servers."""
        return f"MCPClient({', '.join(source.name for source in self._sources)})"

    # --- life ----------------------------------------------------------------------------------------

    async def connect(self) -> Self:
        """Connect to all servers at once; those that fail leave the others alone, and are told of in `servers` and `warnings`.

        Raises:
            MCPError: none of them can be reached.

        """
        from llmring.mcp.client.catalogue import Catalogue

        if self._home is not None and not self._home.habitable:
            await self.close()
        if self._home is None:
            self._home = Home(Catalogue(self._sources, self._settings))
            await self._home.settle()
        try:
            await self._home.catalogue.fleet.connect()
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """Close all connections and end the servers that were started."""
        home = self._home
        if home is not None:
            await home.close()
            if self._home is home:
                self._home = None

    aclose = close

    async def __aenter__(self) -> Self:
        """Connect."""
        return await self.connect()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close."""
        await self.close()

    def _there(self) -> Home:
        if self._home is None:
            raise not_connected()
        return self._home

    # --- what there is -------------------------------------------------------------------------------

    @property
    def tools(self) -> list[MCPTool]:
        """The tools of all connected servers, as they were last heard of."""
        return self._there().look().tools

    @property
    def servers(self) -> dict[str, ServerInfo]:
        """All servers by name, and how they are."""
        return self._there().look().fleet.servers

    @property
    def warnings(self) -> list[str]:
        """What was left out, and why."""
        return self._there().look().fleet.warnings

    async def list_tools(self) -> list[MCPTool]:
        """Ask all servers for their tools again.

        Raises:
            MCPError: none of them answers.

        """
        found = self._there().use()
        await found.relist()
        return found.tools

    async def list_resources(self) -> list[Resource]:
        """Ask all servers what they let read.

        Raises:
            MCPError: none of them answers.

        """
        return await self._there().use().holdings.resources()

    async def list_resource_templates(self) -> list[ResourceTemplate]:
        """Ask all servers for the forms of further addresses that can be read.

        Raises:
            MCPError: none of them answers.

        """
        return await self._there().use().holdings.templates()

    async def list_prompts(self) -> list[Prompt]:
        """Ask all servers for the prompts that they can write.

        Raises:
            MCPError: none of them answers.

        """
        return await self._there().use().holdings.prompts()

    # --- use -----------------------------------------------------------------------------------------

    async def call_tool(
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
        return await self._there().use().call(name, arguments, server=server, timeout=timeout, on_progress=on_progress)

    async def read_resource(self, uri: str, *, server: str | None = None) -> MCPResult:
        """Read *uri*, from *server* where several could have it.

        Raises:
            MCPError: no server has it, or the one that has does not answer.

        """
        return await self._there().use().holdings.read(uri, server)

    async def get_prompt(self, name: str, arguments: dict[str, str] | None = None, *, server: str | None = None) -> MCPPrompt:
        """Have the prompt *name* written, by *server* where several have one of that name.

        Raises:
            MCPError: no server has it, or the one that has does not answer.

        """
        return await self._there().use().holdings.prompt(name, arguments, server)

    async def ping(self) -> dict[str, float]:
        """Give the seconds that each connected server takes to answer.

        Raises:
            MCPError: one does not.

        """
        return await self._there().use().fleet.ping()
