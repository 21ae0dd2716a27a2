"""One set of connections per event loop: begun at its first use, closed with it, never touched from another."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar
from weakref import ref

from llmring._io.locks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


class Closable(Protocol):
    """A transport as far as its keeper is concerned."""

    async def aclose(self) -> None:
        """Close all connections."""
        ...

    def abandon(self) -> None:
        """Let go of all sockets without the loop."""
        ...


T = TypeVar("T", bound=Closable)

_left_behind: Final[list[object]] = []
"""What a forked child must neither use nor collect: it belongs to loops that run in the parent."""


class _OfLoop(Generic[T]):
    """What one loop has open, by proxy; dropping it closes everything through the loop's own hooks."""

    __slots__ = ("guard", "loop", "open")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.open: dict[str | None, T] = {}
        self.guard: AsyncGenerator[None, None] | None = None


class Pools(Generic[T]):
    """Gives each event loop its own transports, one per proxy."""

    def __init__(self, make: Callable[[str | None], T]) -> None:
        """Make transports by *make*, which takes a proxy's URL or None."""
        self._make = make
        self._loops: dict[int, _OfLoop[T]] = {}
        renew_after_fork(self)

    def get(self, proxy: str | None) -> T:
        """Give the running loop's transport for *proxy*."""
        loop = asyncio.get_running_loop()
        found = self._loops.get(id(loop))
        if found is None:
            found = self._begin(loop)
        transport = found.open.get(proxy)
        if transport is None:
            transport = found.open[proxy] = self._make(proxy)
        return transport

    def _begin(self, loop: asyncio.AbstractEventLoop) -> _OfLoop[T]:
        self._sweep()
        found = self._loops[id(loop)] = _OfLoop[T](loop)
        found.guard = _guard(ref(self), id(loop), found.open)
        # Running it to its yield registers it with the loop, whose shutdown_asyncgens() then runs the rest.
        with suppress(StopIteration):
            found.guard.asend(None).send(None)
        return found

    def _sweep(self) -> None:
        """Drop what belongs to loops that were closed without ``shutdown_asyncgens()``."""
        for key, found in list(self._loops.items()):
            if found.loop.is_closed() and self._loops.pop(key, None):
                for transport in found.open.values():
                    transport.abandon()

    def forget(self, key: int) -> None:
        """Drop the entry of a loop that ends."""
        self._loops.pop(key, None)

    async def aclose(self) -> None:
        """Close what the running loop has open; what other loops have, they close when they end."""
        self._sweep()
        found = self._loops.pop(id(asyncio.get_running_loop()), None)
        if found is not None and found.guard is not None:
            await found.guard.aclose()

    def renew(self) -> None:
        """Leave the parent's loops behind in a forked child."""
        left, self._loops = self._loops, {}
        for found in left.values():
            for transport in found.open.values():
                transport.abandon()
        _left_behind.append(left)


async def _guard(keeper: ref[Pools[T]], key: int, opened: dict[str | None, T]) -> AsyncGenerator[None, None]:
    """Live as long as the loop, then close what it has *opened*."""
    try:
        yield
    finally:
        if (pools := keeper()) is not None:
            pools.forget(key)
        for transport in list(opened.values()):
            await transport.aclose()
        # The loop closes sockets in its next round; give it one.
        await asyncio.sleep(0)
