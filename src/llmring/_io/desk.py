"""Changes to what threads share, one at a time; even a finaliser, which must never wait, can hand one in."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

from llmring._io.locks import new_lock

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Desk:
    """Does short steps one after the other, whichever thread brings them."""

    __slots__ = ("_handed_in", "_lock")

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._lock = new_lock()
        self._handed_in: deque[Callable[[], object]] = deque()

    def hand_in(self, step: Callable[[], object]) -> None:
        """Have *step* done: now, or by the thread that is at the desk. Never waits, so a finaliser may call it."""
        self._handed_in.append(step)
        self._work()

    def ask(self, step: Callable[[], T]) -> T:
        """Wait for the desk, do *step* after all that was handed in, and give its result."""
        try:
            with self._lock:
                self._drain()
                return step()
        finally:
            self._work()

    def _work(self) -> None:
        # Whoever was refused the lock relies on its holder to look once more after giving it back.
        while self._handed_in and self._lock.take():
            try:
                self._drain()
            finally:
                self._lock.give_back()

    def _drain(self) -> None:
        while self._handed_in:
            self._handed_in.popleft()()
