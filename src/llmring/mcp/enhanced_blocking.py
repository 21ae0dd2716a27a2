"""A model with the tools of MCP servers, blocking; `llmring.mcp.enhanced` is its asynchronous counterpart."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal, overload

from llmring import SyncLLMRing
from llmring.mcp.asking import Asking, sources
from llmring.mcp.client.blocking import SyncMCPClient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self, Unpack

    from llmring import RunOptions, SyncToolStream
    from llmring.mcp.asking import F, Messages
    from llmring.schemas import LLMResponse, Tool


class SyncEnhancedLLM:
    """A model that calls the tools of its servers, and functions, until it answers; `create_sync_enhanced_llm` makes one."""

    def __init__(self, asking: Asking, ring: SyncLLMRing, client: SyncMCPClient | None, closing: Sequence[Any]) -> None:
        """Be *asking* by *ring*, with the tools of *client*; *closing* are those of them that close with this."""
        self._asking = asking
        self._closing = closing
        self.client = client
        """The client of the servers, for their resources and prompts; None without servers."""
        self.ring = ring
        """The ring that asks the model."""

    @property
    def model(self) -> str:
        """The alias, or ``provider:model``."""
        return self._asking.model

    def register_tool(self, function: F) -> F:
        """Let the model call *function* as well; may be used as a decorator.

        Raises:
            RequestError: it cannot be described, or another one has its name.

        """
        return self._asking.register(function)

    def list_tools(self) -> list[Tool]:
        """Ask the servers for their tools again, and describe them and the functions.

        Raises:
            MCPError: none of the servers answers.

        """
        return self._asking.described(self.client.list_tools() if self.client is not None else [])

    @overload
    def chat(self, messages: Messages, *, stream: Literal[False] = False, **options: Unpack[RunOptions]) -> LLMResponse[Any]: ...
    @overload
    def chat(self, messages: Messages, *, stream: Literal[True], **options: Unpack[RunOptions]) -> SyncToolStream[Any]: ...
    @overload
    def chat(self, messages: Messages, *, stream: bool, **options: Unpack[RunOptions]) -> LLMResponse[Any] | SyncToolStream[Any]: ...
    def chat(self, messages: Messages, *, stream: bool = False, **options: Unpack[RunOptions]) -> LLMResponse[Any] | SyncToolStream[Any]:
        """Answer *messages*, running what the model calls; with *stream* event by event.

        The options are those of ``run_tools``; ``tools`` join those that are there. ``turns`` of the response are what to append.

        Raises:
            RequestError: the request is wrong; nothing was sent.
            ToolError: the model went on calling tools, or the time was up.
            BudgetExceededError: the next round could cost more than is left.
            ProviderError: no model answered.

        """
        said = self._asking.messages(messages)
        given = self._asking.options(self.client.tools if self.client is not None else [], options)
        if stream:
            return self.ring.run_tools_stream(self._asking.model, said, **given)
        return self.ring.run_tools(self._asking.model, said, **given)

    def close(self) -> None:
        """Close the connections to the servers and the ring, unless they were given."""
        with ExitStack() as stack:
            for each in self._closing:
                stack.callback(each.close)

    def __enter__(self) -> Self:
        """Hand out the model; leaving the block closes its connections."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connections."""
        self.close()


def create_sync_enhanced_llm(  # noqa: PLR0913 - settings, keyword-only
    model: str = "fast",
    *,
    llm_model: str | None = None,
    mcp_server_path: str | Path | None = None,
    mcp_server_url: str | None = None,
    servers: Sequence[Any] = (),
    client: SyncMCPClient | None = None,
    ring: SyncLLMRing | None = None,
    system: str | None = None,
    ring_options: dict[str, Any] | None = None,
    **options: Unpack[RunOptions],
) -> SyncEnhancedLLM:
    """Connect *model*, an alias or ``provider:model`` (*llm_model* is the same), to MCP servers.

    A server is given by *mcp_server_path* (a script, a command or a configuration), by *mcp_server_url*, in *servers*, which takes all
    that `SyncMCPClient` does, or by *client*, connected or not, which stays open. *ring* is used and not closed; without one a ring is
    made with *ring_options*.
    *system* stands before each conversation. The *options* of ``run_tools`` hold for each call: ``approve``, ``max_rounds``, ….

    Raises:
        MCPError: no server can be reached.
        ConfigurationError: a setting is wrong, or the extra is missing.

    """
    asking = Asking(llm_model or model, system, options)
    named = sources(mcp_server_path, mcp_server_url, servers, client)
    used = SyncMCPClient(*named) if named else client
    made = SyncLLMRing(**(ring_options or {})) if ring is None else ring
    closing = [*([made] if ring is None else ()), *([used] if used is not None and used is not client else ())]
    llm = SyncEnhancedLLM(asking, made, used, closing)
    try:
        if used is not None:
            used.connect()
    except BaseException:
        llm.close()
        raise
    return llm
