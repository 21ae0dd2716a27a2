"""What servers say and ask by themselves: handed on to the functions of a client's user, and to whoever keeps the list of tools."""

from __future__ import annotations

import asyncio
import inspect
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, cast

import mcp
from mcp import types

from llmring.mcp.client.offers import Elicitation, LogMessage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from llmring.mcp.client.settings import Settings

_logger = logging.getLogger("llmring")

_SOON: Final = 1.0
"""Seconds to wait for a server's word that it will tell of changes, or for the end of a task."""


class Hearing:
    """What the SDK calls for one server."""

    def __init__(self, server: str, settings: Settings, changed: Callable[[], None]) -> None:
        """Hand on what *server* says to the functions of *settings*; tell by *changed* that it has other tools than before."""
        self._server = server
        self._settings = settings
        self._changed = changed

    def callbacks(self) -> dict[str, Any]:
        """Give what the SDK's client is to call; what is not there, servers are told that nobody can do."""
        settings = self._settings
        return {
            "elicitation_callback": self._elicit if settings.elicit else None,
            "logging_callback": self._log if settings.on_log else None,
            "log_level": "info" if settings.on_log else None,
            "message_handler": self._hear,
        }

    async def _hear(self, message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._changed()

    async def _log(self, params: types.LoggingMessageNotificationParams) -> None:
        assert self._settings.on_log is not None  # noqa: S101 - else this is not called
        said = LogMessage(server=self._server, level=params.level, data=params.data, logger=params.logger)
        await called(self._settings.on_log, said)

    async def _elicit(
        self,
        context: Any,  # noqa: ARG002 - the SDK's signature
        params: types.ElicitRequestParams,
    ) -> types.ElicitResult | types.ErrorData:
        return await answered(self._server, self._settings, params)


async def answered(server: str, settings: Settings, params: types.ElicitRequestParams) -> types.ElicitResult | types.ErrorData:
    """Have the user answer what *server* asks by *params*."""
    url = params.url if isinstance(params, types.ElicitRequestURLParams) else None
    schema = params.requested_schema if isinstance(params, types.ElicitRequestFormParams) else None
    asked = Elicitation(server=server, message=params.message, schema=schema, url=url)
    try:
        answer = await called(settings.elicit, asked, apart=True)
    except Exception:  # of the user's own making; its words are not for the server
        _logger.exception("elicit failed; MCP server %s is told that the user cannot be asked", server)
        return types.ErrorData(code=types.INTERNAL_ERROR, message="the user cannot be asked")
    if answer is None or answer is False:
        return types.ElicitResult(action="decline")
    return types.ElicitResult(action="accept", content=dict(cast("dict[str, Any]", answer)) if isinstance(answer, dict) else None)


@asynccontextmanager
async def listening(client: mcp.Client, changed: Callable[[], None]) -> AsyncGenerator[None]:
    """Hear of changed tools while this is open, also from servers that tell only who asked."""
    tools = client.server_capabilities.tools
    if client.protocol_version in types.version.HANDSHAKE_PROTOCOL_VERSIONS or not (tools and tools.list_changed):
        yield
        return
    hears = asyncio.Event()
    task = asyncio.create_task(_listen(client, hears, changed))
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(hears.wait(), _SOON)
        hears.set()
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=_SOON)


async def _listen(client: mcp.Client, hears: asyncio.Event, changed: Callable[[], None]) -> None:
    """Hear of changes until the server ends that, or refuses to tell: then only asking helps. What came before it *hears* is missed."""
    with suppress(mcp.MCPError, RuntimeError, TimeoutError):
        async with client.listen(tools_list_changed=True) as changes:
            if hears.is_set():
                changed()
            hears.set()
            async for _ in changes:
                changed()
    hears.set()


async def called(function: Any, value: Any, *, apart: bool = False) -> Any:
    """Call a *function* of the user's with *value* and await what it gives; one that is no coroutine function runs *apart*, in a thread."""
    awaited = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
    if apart and not awaited:
        return await asyncio.to_thread(function, value)
    found = function(value)
    return await found if inspect.isawaitable(found) else found
