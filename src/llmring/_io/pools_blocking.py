"""One set of connections per process, shared by its threads; a forked child begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from weakref import finalize

from llmring._io.locks import new_lock, renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._io.backend_blocking import Backend


class Closable(Protocol):
    """A transport as far as its keeper is concerned."""

    backend: Backend

    def close(self) -> None:
        """Close all connections."""
        ...

    def abandon(self) -> None:
        """Let go of all sockets in a forked child."""
        ...

    def rebuild(self) -> None:
        """Begin again with no connections and free locks."""
        ...


T = TypeVar("T", bound=Closable)


class Pools(Generic[T]):
    """Gives every thread the process's transports, one per proxy."""

    def __init__(self, make: Callable[[str | None], T]) -> None:
        """Make transports by *make*, which takes a proxy's URL or None."""
        self._make = make
        self._open: dict[str | None, T] = {}
        self._lock = new_lock()
        renew_after_fork(self)

    def get(self, proxy: str | None) -> T:
        """Give the transport for *proxy*."""
        return self._open.get(proxy) or self._begin(proxy)

    def _begin(self, proxy: str | None) -> T:
        with self._lock:
            if proxy not in self._open:
                transport = self._open[proxy] = self._make(proxy)
                _close_at_last(transport)
            return self._open[proxy]

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        for transport in list(self._open.values()):
            transport.close()

    def renew(self) -> None:
        """Leave the parent's connections to the parent."""
        for transport in self._open.values():
            transport.abandon()
            transport.rebuild()
            _close_at_last(transport)


def _close_at_last(transport: Closable) -> None:
    """Have a ring that is dropped, or outlives main(), without being closed leave no socket open."""
    finalize(transport, transport.backend.close_all)
