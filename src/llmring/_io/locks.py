"""Locks and other things that a forked child must have anew; nothing here waits for anything else."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from types import TracebackType


LONGEST: Final = threading.TIMEOUT_MAX
"""The most seconds that a mutex can be waited for."""


def bare_lock() -> threading.Lock:
    """Give a mutex that no fork renews, for what lives no longer than one wait."""
    return threading.Lock()


class Renewable(Protocol):
    """What makes itself usable again in a forked child."""

    def renew(self) -> None:
        """Forget what the parent's threads held, without waiting for any of it."""
        ...


class Lock:
    """A mutex that is free in a forked child, whoever held it in the parent."""

    __slots__ = ("__weakref__", "_mutex")

    def __init__(self) -> None:
        """Begin unlocked."""
        self._mutex = threading.Lock()

    def __enter__(self) -> None:
        """Wait for the lock and take it."""
        self._mutex.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Give it back."""
        self._mutex.release()

    def take(self) -> bool:
        """Take the lock if it is free, without waiting."""
        return self._mutex.acquire(blocking=False)

    def give_back(self) -> None:
        """Give it back."""
        self._mutex.release()

    def locked(self) -> bool:
        """Tell whether anyone holds it."""
        return self._mutex.locked()

    def renew(self) -> None:
        """Be free again."""
        self._mutex = threading.Lock()


_locks: WeakSet[Lock] = WeakSet()
_things: WeakSet[Renewable] = WeakSet()


def new_lock() -> Lock:
    """Make a lock that survives a fork; never hold it over a wait."""
    lock = Lock()
    _locks.add(lock)
    return lock


def renew_after_fork(thing: Renewable) -> None:
    """Have *thing* renewed in every forked child for as long as it lives, once all locks are free."""
    _things.add(thing)


def _renew_all() -> None:
    for lock in list(_locks):
        lock.renew()
    for thing in list(_things):
        thing.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
