"""A model with the tools of MCP servers, asynchronous; the rounds are the ring's, the connections the client's."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Literal, overload

from llmring import AsyncLLMRing, LLMRing
from llmring.mcp.asking import Asking, sources
from llmring.mcp.client.client import MCPClient

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self, Unpack

    from llmring import AsyncToolStream, RunOptions
    from llmring.mcp.asking import F, Messages
    from llmring.schemas import LLMResponse, RunEvent, Tool


class EnhancedStream:
    """The events of one answer, tool calls and their results included; may be awaited first, which gives the stream itself."""

    def __init__(self, stream: AsyncToolStream[Any]) -> None:
        """Hand on *stream*."""
        self._stream = stream

    def __await__(self) -> Generator[Any, None, Self]:
        """Give the stream at once."""
        return self
        yield  # what makes this a generator

    def __aiter__(self) -> Self:
        """Iterate over the events; once only."""
        return self

    async def __anext__(self) -> RunEvent:
        """Wait for the next event, running what the model called."""
        return await anext(self._stream)

    @property
    def response(self) -> LLMResponse[Any]:
        """The last answer with the usage, cost and turns of all rounds, once the stream has ended."""
        return self._stream.response

    async def close(self) -> None:
        """Close the connection; no tool runs any more."""
        await self._stream.close()

    aclose = close

    async def __aenter__(self) -> Self:
        """Hand out the stream; leaving the block closes it."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connection."""
        await self.close()


class EnhancedLLM:
    """A model that calls the tools of its servers, and functions, until it answers; `create_enhanced_llm` makes one."""

    def __init__(self, asking: Asking, ring: AsyncLLMRing | LLMRing, client: MCPClient | None, closing: Sequence[Any]) -> None:
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

    async def list_tools(self) -> list[Tool]:
        """Ask the servers for their tools again, and describe them and the functions.

        Raises:
            MCPError: none of the servers answers.

        """
        return self._asking.described(await self.client.list_tools() if self.client is not None else [])

    @overload
    def chat(
        self, messages: Messages, *, stream: Literal[False] = False, **options: Unpack[RunOptions]
    ) -> Coroutine[Any, Any, LLMResponse[Any]]: ...
    @overload
    def chat(self, messages: Messages, *, stream: Literal[True], **options: Unpack[RunOptions]) -> EnhancedStream: ...
    @overload
    def chat(
        self, messages: Messages, *, stream: bool, **options: Unpack[RunOptions]
    ) -> Coroutine[Any, Any, LLMResponse[Any]] | EnhancedStream: ...
    def chat(
        self, messages: Messages, *, stream: bool = False, **options: Unpack[RunOptions]
    ) -> Coroutine[Any, Any, LLMResponse[Any]] | EnhancedStream:
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
        ring, model = self.ring, self._asking.model
        if stream:
            begin: Callable[..., AsyncToolStream[Any]] = ring.arun_tools_stream if isinstance(ring, LLMRing) else ring.run_tools_stream
            return EnhancedStream(begin(model, said, **given))
        run: Callable[..., Coroutine[Any, Any, LLMResponse[Any]]] = ring.arun_tools if isinstance(ring, LLMRing) else ring.run_tools
        return run(model, said, **given)

    async def close(self) -> None:
        """Close the connections to the servers and the ring, unless they were given."""
        async with AsyncExitStack() as stack:
            for each in self._closing:
                stack.push_async_callback(each.aclose)

    aclose = close

    async def __aenter__(self) -> Self:
        """Hand out the model; leaving the block closes its connections."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connections."""
        await self.close()


async def create_enhanced_llm(  # noqa: PLR0913 - settings, keyword-only
    model: str = "fast",
    *,
    llm_model: str | None = None,
    mcp_server_path: str | Path | None = None,
    mcp_server_url: str | None = None,
    servers: Sequence[Any] = (),
    client: MCPClient | None = None,
    ring: AsyncLLMRing | LLMRing | None = None,
    system: str | None = None,
    ring_options: dict[str, Any] | None = None,
    **options: Unpack[RunOptions],
) -> EnhancedLLM:
    """Connect *model*, an alias or ``provider:model`` (*llm_model* is the same), to MCP servers.

    A server is given by *mcp_server_path* (a script, a command or a configuration), by *mcp_server_url*, in *servers*, which takes all
    that `MCPClient` does, or by *client*, connected or not, which stays open. *ring* is used and not closed; without one a ring is
    made with *ring_options*.
    *system* stands before each conversation. The *options* of ``run_tools`` hold for each call: ``approve``, ``max_rounds``, ….

    Raises:
        MCPError: no server can be reached.
        ConfigurationError: a setting is wrong, or the extra is missing.

    """
    asking = Asking(llm_model or model, system, options)
    named = sources(mcp_server_path, mcp_server_url, servers, client)
    used = MCPClient(*named) if named else client
    made = AsyncLLMRing(**(ring_options or {})) if ring is None else ring
    closing = [*([made] if ring is None else ()), *([used] if used is not None and used is not client else ())]
    llm = EnhancedLLM(asking, made, used, closing)
    try:
        if used is not None:
            await used.connect()
    except BaseException:
        await llm.close()
        raise
    return llm
