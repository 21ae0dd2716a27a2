"""Open the way to a server with the SDK, hand on what it tells by itself, and explain why it could not be opened."""

from __future__ import annotations

import asyncio
import inspect
import logging
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, cast

import mcp
from mcp import types

from llmring import MCPError, __version__
from llmring.mcp.client.faults import end, fault, leaves, told
from llmring.mcp.client.listing import Sifted
from llmring.mcp.client.offers import Elicitation, LogMessage
from llmring.mcp.client.sources import Address, Command

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from llmring.mcp.client.connection import Connection
    from llmring.mcp.client.http import Reached
    from llmring.mcp.client.settings import Settings
    from llmring.mcp.client.sources import Source
    from llmring.mcp.client.stdio import Stdio


_log = logging.getLogger("llmring")

_SOON: Final = 1.0
"""Seconds to wait for a server's word that it will tell of changes, or for the end of a task."""


class Opening:
    """One try to reach a server, and what came of it."""

    def __init__(self, source: Source, settings: Settings, connection: Connection) -> None:
        """Be ready to open *source* for *connection*, within the bounds of *settings*."""
        self._source = source
        self._settings = settings
        self._connection = connection
        self._child: Stdio | None = None
        self._reached: Reached | None = None

    @staticmethod
    def kind_of(source: Source) -> str:
        """Name the transport to *source*."""
        match source:
            case Command():
                return "stdio"
            case Address():
                return "sse" if source.kind == "sse" else "http"
            case _:
                return "memory"

    @property
    def kind(self) -> str:
        """The transport that is used."""
        return self._reached.kind if self._reached else self.kind_of(self._source)

    @property
    def ended(self) -> bool:
        """Whether the server, a child of ours, has ended by itself."""
        return self._child is not None and self._connection.connected and self._child.ended

    def forgot(self, words: str) -> bool:
        """Tell whether a server has forgotten the session, where its error says *words*."""
        return self._reached is not None and self._reached.forgot(words)

    async def open(self, stack: AsyncExitStack) -> mcp.Client:
        """Connect, to be closed with *stack*."""
        settings, source = self._settings, self._source
        match source:
            case Command():
                from llmring.mcp.client.stdio import Stdio

                self._child = Stdio(source, self._connection.tail, settings.max_result_bytes, self._over)
                return await stack.enter_async_context(self._client(self._sifted(self._child)))
            case Address():
                from llmring.mcp.client.http import Reached

                self._reached = Reached(source, settings.max_result_bytes, settings.connect_timeout)
                return await self._dial(stack, self._reached)
            case _:
                return await stack.enter_async_context(self._client(source.server))

    async def _dial(self, stack: AsyncExitStack, reached: Reached) -> mcp.Client:
        """Try streamable HTTP first, and events where a server speaks only these."""
        if reached.kind == "sse":
            return await stack.enter_async_context(self._client(self._sifted(reached.events())))
        try:
            return await stack.enter_async_context(self._client(self._sifted(reached.streamable())))
        except (mcp.MCPError, RuntimeError, BaseExceptionGroup) as error:
            if not reached.speaks_events_only or any(isinstance(each, asyncio.CancelledError) for each in leaves(error)):
                raise
            refused = reached.refused
            try:
                return await stack.enter_async_context(self._client(self._sifted(reached.events())))
            except (mcp.MCPError, RuntimeError, BaseExceptionGroup) as second:
                reached.kind, reached.refused = "http", refused
                raise error from second

    def _client(self, server: Any) -> mcp.Client:
        settings = self._settings
        return mcp.Client(
            server,
            read_timeout_seconds=settings.timeout,
            elicitation_callback=self._elicit if settings.elicit else None,
            logging_callback=self._log if settings.on_log else None,
            log_level="info" if settings.on_log else None,
            message_handler=self._hear,
            client_info=types.Implementation(name="llmring", version=__version__),
            mode=settings.mode,
            cache=None,
        )

    @asynccontextmanager
    async def _sifted(self, transport: Any) -> AsyncGenerator[Any]:
        async with transport as (reading, writing):
            yield Sifted(reading, self._connection.warnings.append), writing

    def _over(self, why: str) -> None:
        """Hear from the child that it has said all, or too much."""
        self._connection.lose(end(self._source.name, why, self._connection.tail) if why else None)

    # --- what servers tell by themselves -----------------------------------------------------------

    @asynccontextmanager
    async def listening(self, client: mcp.Client) -> AsyncGenerator[None]:
        """Hear of changed tools while this is open, also from servers that tell only who asked."""
        tools = client.server_capabilities.tools
        if client.protocol_version in types.version.HANDSHAKE_PROTOCOL_VERSIONS or not (tools and tools.list_changed):
            yield
            return
        hears = asyncio.Event()
        task = asyncio.create_task(self._listen(client, hears))
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(hears.wait(), _SOON)
            hears.set()
            yield
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=_SOON)

    async def _listen(self, client: mcp.Client, hears: asyncio.Event) -> None:
        """Hear of changes until the server ends that, or refuses to tell: then only asking helps. What came before it *hears* is missed."""
        with suppress(mcp.MCPError, RuntimeError, TimeoutError):
            async with client.listen(tools_list_changed=True) as changes:
                if hears.is_set():
                    self._connection.stale()
                hears.set()
                async for _ in changes:
                    self._connection.stale()
        hears.set()

    async def _hear(self, message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._connection.stale()

    async def _log(self, params: types.LoggingMessageNotificationParams) -> None:
        assert self._settings.on_log is not None  # noqa: S101 - else this is not called
        said = LogMessage(server=self._source.name, level=params.level, data=params.data, logger=params.logger)
        await called(self._settings.on_log, said)

    async def _elicit(
        self,
        context: Any,  # noqa: ARG002 - the SDK's signature
        params: types.ElicitRequestParams,
    ) -> types.ElicitResult | types.ErrorData:
        assert self._settings.elicit is not None  # noqa: S101 - else this is not called
        url = params.url if isinstance(params, types.ElicitRequestURLParams) else None
        schema = None
        if isinstance(params, types.ElicitRequestFormParams):
            schema = params.requested_schema
        asked = Elicitation(server=self._source.name, message=params.message, schema=schema, url=url)
        try:
            answer = await called(self._settings.elicit, asked, apart=True)
        except Exception:  # noqa: BLE001 - of the user's own making; its words are not for the server
            _log.exception("elicit failed; MCP server %s is told that the user cannot be asked", self._source.name)
            return types.ErrorData(code=types.INTERNAL_ERROR, message="the user cannot be asked")
        if answer is None or answer is False:
            return types.ElicitResult(action="decline")
        return types.ElicitResult(action="accept", content=dict(cast("dict[str, Any]", answer)) if isinstance(answer, dict) else None)

    # --- failure ------------------------------------------------------------------------------------

    def explain(self, error: BaseException | None) -> MCPError:
        """Say why the connection has ended, be it by *error* or not."""
        name, tail = self._source.name, self._connection.tail
        ours = [each for each in leaves(error) if isinstance(each, MCPError)] if error else []
        if ours:
            return ours[0]
        if self._child is not None and self._child.code is not None:
            return end(name, f"ended with exit code {self._child.code}", tail)
        if isinstance(error, TimeoutError):
            return end(name, f"did not come to a connection within {self._settings.connect_timeout:g} s (connect_timeout)", tail)
        if self._reached is not None and self._reached.refused is not None and not self._connection.connected:
            return fault(name, f"answered HTTP {self._reached.refused}")
        why = f": {told(error)}" if error else ""
        return end(name, f"{'was lost' if self._connection.connected else 'cannot be reached'}{why}", tail)


async def called(function: Any, value: Any, *, apart: bool = False) -> Any:
    """Call a *function* of the user's with *value* and await what it gives; one that is no coroutine function runs *apart*, in a thread."""
    awaited = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
    if apart and not awaited:
        return await asyncio.to_thread(function, value)
    found = function(value)
    return await found if inspect.isawaitable(found) else found
