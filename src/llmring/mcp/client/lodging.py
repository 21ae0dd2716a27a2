"""Where a blocking client lives: in a thread with an event loop, begun when it connects, in a forked child anew, and ended with it."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

from llmring.mcp.client.faults import not_connected
from llmring.mcp.client.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from llmring.mcp.client.client import MCPClient

T = TypeVar("T")


class Lodging:
    """The asynchronous client that does the work, and the thread that it works in."""

    def __init__(self, make: Callable[[], MCPClient]) -> None:
        """House the client that *make* gives; it is made at once, to complain of what is wrong, and again in a forked child."""
        self._make = make
        self._client = make()
        self._portal: Portal | None = None
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._end: Callable[[], Any] | None = None

    def __repr__(self) -> str:
        """Name the servers."""
        return f"Sync{self._client!r}"

    @property
    def client(self) -> MCPClient:
        """The client, connected anew in a forked child."""
        if self._pid != os.getpid() and self._portal is not None:
            self.connect()
        return self._client

    def run(self, ask: Callable[[MCPClient], Coroutine[Any, Any, T]]) -> T:
        """Have the client do what *ask* says, and wait for it.

        Raises:
            MCPError: it is not connected, or closed meanwhile.

        """
        client = self.client
        if self._portal is None:
            raise not_connected()
        return self._portal.run(ask(client))

    def connect(self) -> None:
        """Begin the thread, and connect in it; what fails leaves nothing."""
        if self._pid != os.getpid():
            self._leave()
        with self._lock:
            if self._portal is None:
                self._portal = Portal(repr(self))
                self._end = weakref.finalize(self, self._portal.stop)
            portal = self._portal
        try:
            portal.run(self._client.connect())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the client, and end the thread."""
        if self._pid != os.getpid():
            self._leave()
        with self._lock:
            portal, self._portal = self._portal, None
            end, self._end = self._end, None
        try:
            if portal is not None:
                portal.run(self._client.close())
        finally:  # also where that is interrupted, or a callback of the client's own has closed it
            if end is not None:
                end()

    def _leave(self) -> None:
        """Leave the parent's connections to the parent."""
        self._portal = self._end = None
        self._lock = threading.Lock()
        self._client = self._make()
        self._pid = os.getpid()
