"""What wakes a task that waits for its turn; `llmring._io.bells_blocking` holds the same name."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Bell:
    """Wakes the task that made it, from any thread."""

    __slots__ = ("_event", "_loop")

    def __init__(self) -> None:
        """Belong to the running loop."""
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake it, now or as soon as it waits; a loop that is closed has nobody to be woken."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float | None) -> None:
        """Wait for the bell, at most so many *seconds*."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()
