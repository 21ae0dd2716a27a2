"""Ctrl-C in a conversation: once it stops what is being done, twice quickly it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

T = TypeVar("T")

QUICK = 1.0
"""Seconds between two presses that mean to leave."""


class StoppedError(Exception):
    """The user pressed Ctrl-C."""


class Stop:
    """What Ctrl-C is pressed for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Wait for it."""
        self._clock = clock
        self._last: float | None = None
        self._task: asyncio.Future[Any] | None = None
        self._pressed = False
        self.leaving = False
        """Whether it was pressed twice quickly."""

    def press(self) -> None:
        """Stop what is being done, if anything is."""
        now = self._clock()
        self.leaving = self.leaving or (self._last is not None and now - self._last < QUICK)
        self._last = now
        if self._task is not None:
            self._pressed = True
            self._task.cancel()

    async def guard(self, work: Coroutine[Any, Any, T]) -> T:
        """Do *work* until it is done or stopped.

        Raises:
            StoppedError: it was stopped.

        """
        self._pressed = False
        self._task = asyncio.ensure_future(work)
        try:
            return await self._task
        except asyncio.CancelledError:
            if self._pressed:
                raise StoppedError from None
            raise
        finally:
            self._task = None

    @contextlib.contextmanager
    def listening(self) -> Generator[None]:
        """Take the signal that Ctrl-C sends, while the loop runs."""
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGINT, self.press)
        except (NotImplementedError, RuntimeError, ValueError):  # Windows, or no main thread

            def press(_number: int, _frame: object) -> None:
                loop.call_soon_threadsafe(self.press)

            before = signal.signal(signal.SIGINT, press)
            try:
                yield
            finally:
                signal.signal(signal.SIGINT, before)
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)


@contextlib.contextmanager
def unechoed() -> Generator[None]:
    """Do not show what is typed while an answer comes: it would stand in the middle of it."""
    if sys.platform == "win32" or not sys.stdin.isatty():
        yield
        return
    import termios

    at = sys.stdin.fileno()
    before = termios.tcgetattr(at)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(at, termios.TCSANOW, silent)
    try:
        yield
    finally:
        termios.tcsetattr(at, termios.TCSANOW, before)


def forget_typed() -> None:
    """Drop what was typed before a question was there to be answered."""
    if sys.platform != "win32" and sys.stdin.isatty():
        import termios

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
