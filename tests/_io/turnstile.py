"""A simulator that counts how many requests are inside at once, and lets them out in groups."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Call, Reply


class Turnstile(Simulator):
    """Holds every request until *together* of them are inside, so that whoever lets fewer through comes to a halt."""

    def __init__(self, together: int) -> None:
        """Let out *together* requests at a time."""
        super().__init__()
        self.most = 0
        """How many were inside at once."""
        self._inside = 0
        self._counting = threading.Lock()
        self._group = threading.Barrier(together, timeout=20)

    def _note(self, call: Call, target: str, reply: Reply | None) -> None:
        super()._note(call, target, reply)
        if reply is not None:
            return
        with self._counting:
            self._inside += 1
            self.most = max(self.most, self._inside)
        self._group.wait()
        with self._counting:
            self._inside -= 1
