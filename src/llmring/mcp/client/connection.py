"""The connection to one server, for whoever asks it something: made when it is needed, again after it was lost, until it is closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

import mcp

from llmring.mcp.client.faults import CLOSED, TIMED_OUT, fault, told
from llmring.mcp.client.life import Life
from llmring.mcp.client.listing import all_pages
from llmring.mcp.client.offers import ServerInfo
from llmring.mcp.client.opening import Opening
from llmring.mcp.client.pages import addresses
from llmring.mcp.client.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp.types import Tool

    from llmring.exceptions import MCPError
    from llmring.mcp.client.places import Source
    from llmring.mcp.client.settings import Settings

T = TypeVar("T")

_ENDED: Final = "Connection closed"
"""The SDK's words for a connection that is no more."""
_SETTLE: Final = 1.0
"""Seconds to wait for the last words of a server that has ended."""
_WARNINGS: Final = 100
"""Warnings that are kept."""
_LONGEST: Final = 500
"""Letters of one."""


class Connection:
    """One server of a client's."""

    def __init__(self, source: Source, settings: Settings, changed: Callable[[], None]) -> None:
        """Be ready to connect to *source*; tell by *changed* that its tools are others than before."""
        self.source = source
        self.name = source.name
        self.tail = Tail(source.secrets)
        self.tools: list[Tool] = []
        self.warnings: list[str] = []
        self.info = ServerInfo(name=source.name, transport=Opening.kind_of(source), status="new")
        self.closed = False
        self._settings = settings
        self._changed = changed
        self._life: Life | None = None

    @property
    def connected(self) -> bool:
        """Whether the server has been reached and not been lost since."""
        return self.info.status == "connected"

    async def ready(self) -> mcp.Client:
        """Give the connected client; connect where that has not been done, failed, or was undone by the server's end.

        Raises:
            MCPError: the server cannot be reached.

        """
        return await asyncio.shield((await self._alive()).ready)

    async def _alive(self) -> Life:
        """Give a life that is not about to end, a new one if need be."""
        while True:
            if self.closed:
                raise fault(self.name, "is closed; connect() again")
            life = self._life
            if life is not None and life.loop is not asyncio.get_running_loop():
                raise fault(self.name, "belongs to another event loop; connect in each")
            if life is not None and life.ended:
                life.lose(None)
            if life is None or life.task.done():
                self.tail.clear()
                self._life = life = Life(self, self._settings)
            if not life.leaving:
                return life
            await asyncio.wait([life.task])

    async def ask(self, what: Callable[[mcp.Client], Awaitable[T]], seconds: float | None = None) -> T:
        """Ask the server *what* is to be asked; *seconds* are only for the words of the error.

        Raises:
            MCPError: it cannot be reached, ended meanwhile, took too long, or answered an error or nonsense.

        """
        for forgotten in (False, True):
            life = await self._alive()
            client = await asyncio.shield(life.ready)
            try:
                return await what(client)
            except mcp.MCPError as error:
                if forgotten or not life.opening.forgot(error.message):
                    raise await self._failed(life, error, seconds) from None
                life.lose(fault(self.name, "has forgotten the session"))  # and has done nothing yet
            except (RuntimeError, ValueError) as error:
                raise fault(self.name, f"answered what cannot be used: {told(error)}", self.tail) from error
        raise AssertionError  # the second time leaves in every case

    async def _failed(self, life: Life, error: mcp.MCPError, seconds: float | None) -> MCPError:
        """Say what an error of the SDK's means; where the connection has ended, wait for the reason."""
        if error.code == TIMED_OUT:
            limit = self._settings.timeout if seconds is None else seconds
            return fault(self.name, f"did not answer within {limit:g} s", self.tail, error.code)
        if error.code != CLOSED or error.message != _ENDED:  # the code alone is that of one stream of several, too
            return fault(self.name, f"answered an error: {error.message}{addresses(error)}", self.tail, error.code)
        life.lose(None)
        await asyncio.wait([life.task], timeout=_SETTLE)
        return life.lost or fault(self.name, "ended while it was asked", self.tail, error.code)

    async def close(self) -> None:
        """End the connection, and what was started for it."""
        self.closed = True
        if self._life is not None:
            await self._life.close()

    def abandon(self) -> None:
        """End what was started for the connection, without the event loop, which is closed."""
        self.closed = True
        if self._life is not None:
            self._life.opening.abandon()

    # --- what its life tells -------------------------------------------------------------------------

    async def learn(self, client: mcp.Client, transport: str) -> None:
        """Learn what the server that *client* has reached, over *transport*, is and offers."""
        known = client.server_info
        self.info = ServerInfo(
            name=self.name,
            transport=transport,
            status="connected",
            protocol=client.protocol_version,
            title=(known.title or known.name) if known else None,
            version=known.version if known else None,
            instructions=client.instructions,
            capabilities=client.server_capabilities.model_dump(by_alias=True, exclude_none=True, mode="json"),
        )
        await self.list_tools(client)

    async def list_tools(self, client: mcp.Client) -> None:
        """Learn which tools there are."""
        if client.server_capabilities.tools is not None:
            self.warnings.clear()
            self.tools = await all_pages(client.list_tools, "tools", self.name)
            self._changed()

    async def relist(self, seconds: float | None = None) -> None:
        """Ask for the tools again.

        Raises:
            MCPError: the server does not answer.

        """
        await self.ask(self.list_tools, seconds)

    def warn(self, words: str) -> None:
        """Keep a warning, unless there are too many already or it is among them."""
        words = self.tail.clean(words)[:_LONGEST]
        if words not in self.warnings and len(self.warnings) < _WARNINGS:
            self.warnings.append(words)
