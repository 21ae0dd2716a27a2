"""What wakes a thread that waits for its turn; `llmring._io.bells_aio` holds the same name."""

from __future__ import annotations

from contextlib import suppress

from llmring._io.locks import LONGEST, bare_lock


class Bell:
    """Wakes the thread that made it, from any thread, and from a finaliser within it: a bare lock, for it is never half taken."""

    __slots__ = ("_silence",)

    def __init__(self) -> None:
        """Be silent."""
        self._silence = bare_lock()
        self._silence.acquire()

    def ring(self) -> None:
        """Wake it, now or as soon as it waits."""
        with suppress(RuntimeError):  # it rings already
            self._silence.release()

    def wait(self, seconds: float | None) -> None:
        """Wait for the bell, at most so many *seconds*."""
        self._silence.acquire(timeout=-1 if seconds is None else min(max(seconds, 0.0), LONGEST))
