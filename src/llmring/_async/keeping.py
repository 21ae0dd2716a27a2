"""Gives each request a connection: an idle one, a new one, or the next that comes back, first come, first served."""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING
from weakref import ref

from llmring._async.connection import AsyncConnection
from llmring._core.timeouts import Deadline
from llmring._io.aio import Bell, monotonic
from llmring._io.desk import Desk
from llmring._io.wire_errors import PoolTimeout

if TYPE_CHECKING:
    from llmring._async.connection import AsyncBody, AsyncSendable
    from llmring._io.aio import Backend
    from llmring._io.limits import PoolLimits
    from llmring._io.places import Origin
    from llmring._io.tls import TLS
    from llmring.protocols.http1 import Answer


class _Turn:
    """A request that waits for a connection to *origin*."""

    __slots__ = ("bell", "connection", "gone", "origin")

    def __init__(self, origin: Origin, bell: Bell) -> None:
        self.origin = origin
        self.bell = bell
        self.connection: AsyncConnection | None = None
        self.gone = False


class AsyncRingPool:
    """Connections of our own, which speak HTTP/1.1 and know no proxy; taking one costs the same however many there are.

    What is changed is changed at the desk; a connection may come back from a finaliser.
    """

    def __init__(self, limits: PoolLimits, tls: TLS, backend: Backend) -> None:
        """Open nothing yet; connect by *backend*."""
        self._limits = limits
        self._tls = tls
        self._backend = backend
        self._desk = Desk()
        self._all: set[AsyncConnection] = set()
        self._idle: dict[Origin, deque[AsyncConnection]] = {}
        """By origin, the one that came back last at the end; a queue is empty only while what it held is in use."""
        self._idling = 0
        self._waiting: deque[_Turn] = deque()
        self._stale: deque[AsyncConnection] = deque()
        """What was taken out and is to be closed."""

    async def carry(self, request: AsyncSendable) -> tuple[Answer, AsyncBody]:
        """Send *request* over the first connection that there is; give the answer's head, and its body, which gives that back."""
        origin = request.origin
        connection = self._desk.ask(lambda: self._take(origin))
        if self._stale:
            await self._tidy()
        if connection is None:
            connection = await self._waited(origin, request.limits.get("pool"))
        return await connection.carry(request)

    async def back(self, connection: AsyncConnection) -> None:
        """Take *connection* back from its request, idle or closed."""
        self._desk.hand_in(lambda: self._returned(connection))
        if self._stale:
            await self._tidy()

    async def aclose(self) -> None:
        """Close all connections; the next request opens new ones."""
        for connection in self._desk.ask(self._emptied):
            await connection.aclose()

    @property
    def connections(self) -> list[AsyncConnection]:
        """All that are open, or being opened."""
        return list(self._all)

    @property
    def waiting(self) -> int:
        """How many requests wait for a connection."""
        return len(self._waiting)

    async def _waited(self, origin: Origin, limit: float | None) -> AsyncConnection:
        """Wait until a connection is free, no longer than *limit* says."""
        until = inf if limit is None else limit.until if isinstance(limit, Deadline) else monotonic() + limit
        turn = _Turn(origin, Bell())
        try:
            self._desk.ask(lambda: self._join(turn))
            return await _granted(turn, until)
        except BaseException:
            self._desk.ask(lambda: self._leave(turn))
            raise

    async def _tidy(self) -> None:
        """Close what was taken out."""
        while self._stale:
            try:
                connection = self._stale.popleft()
            except IndexError:  # another thread closes it
                return
            await connection.aclose()

    # --- at the desk ---------------------------------------------------------------------------------

    def _take(self, origin: Origin) -> AsyncConnection | None:
        """Give a connection to *origin*, None where as many are busy as may be."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            self._idling -= 1
            if not connection.has_expired():
                return connection
            self._drop(connection)
        if len(self._all) >= self._limits.max_connections and not self._shed():
            return None
        connection = AsyncConnection(origin, self._backend, self._tls, self._limits.keepalive_seconds, ref(self))
        self._all.add(connection)
        return connection

    def _shed(self) -> bool:
        """Drop an idle connection to any origin, if there is one."""
        for origin, idle in self._idle.items():
            if idle:
                self._idling -= 1
                self._drop(idle.popleft())
                self._prune(origin)
                return True
        return False

    def _prune(self, origin: Origin) -> None:
        """Forget the queue of *origin* if nothing is in it."""
        if not self._idle.get(origin, True):
            del self._idle[origin]

    def _drop(self, connection: AsyncConnection) -> None:
        self._all.discard(connection)
        self._stale.append(connection)

    def _returned(self, connection: AsyncConnection) -> None:
        if connection.is_available() and connection in self._all:
            idle = self._idle.setdefault(connection.origin, deque())
            idle.append(connection)
            self._idling += 1
            while idle and (idle[0].aged() or self._idling > self._limits.max_keepalive):
                self._idling -= 1
                self._drop(idle.popleft())
        else:
            self._drop(connection)
        self._prune(connection.origin)
        self._serve()

    def _serve(self) -> None:
        """Give connections to those who wait, in the order of coming."""
        while self._waiting:
            turn = self._waiting[0]
            if not turn.gone:
                turn.connection = self._take(turn.origin)
                if turn.connection is None:
                    return
                turn.bell.ring()
            self._waiting.popleft()

    def _join(self, turn: _Turn) -> None:
        self._waiting.append(turn)
        self._serve()

    def _leave(self, turn: _Turn) -> None:
        turn.gone = True
        if turn.connection is not None:
            self._returned(turn.connection)

    def _emptied(self) -> list[AsyncConnection]:
        closing = [*self._all, *self._stale]
        self._all.clear()
        self._stale.clear()
        self._idle.clear()
        self._idling = 0
        self._serve()
        return closing


async def _granted(turn: _Turn, until: float) -> AsyncConnection:
    """Wait until *turn* has a connection, or the moment *until* has come."""
    while turn.connection is None:
        left = until - monotonic()
        if left <= 0:
            raise PoolTimeout
        await turn.bell.wait(None if left == inf else left)
    return turn.connection
