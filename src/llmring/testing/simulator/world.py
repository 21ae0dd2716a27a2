"""What one simulator remembers between requests: faults already spent, prompts already cached, files already uploaded."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator.files import FileStore
from llmring.testing.simulator.reading import compact

if TYPE_CHECKING:
    from llmring.testing.simulator.script import Script
    from llmring.testing.simulator.steer import Steering
    from llmring.testing.simulator.values import Family, JsonObject

__all__ = ["World"]

_FAMILIES: Final[tuple[Family, ...]] = ("openai", "anthropic", "gemini", "ollama")


class World:
    """The memory of one simulator; every method may be called from any thread."""

    def __init__(self, seed: int, script: Script | None = None) -> None:
        """Begin with nothing but *seed*, and the *script* of conversations that bring none."""
        self.seed = seed
        self.script = script
        self.files = {family: FileStore(family) for family in _FAMILIES}
        self.caches: dict[str, JsonObject] = {}
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._spent: Counter[str] = Counter()
        self._prefixes: set[str] = set()
        self._served = 0

    def serial(self) -> int:
        """Give the next request its number."""
        with self._lock:
            self._served += 1
            return self._served

    def fault(self, steering: Steering, key: str) -> str | None:
        """Say which fault, if any, is due; one with ``times`` is spent by being due."""
        if steering.fault is None or steering.times is None:
            return steering.fault
        with self._lock:
            self._spent[key] += 1
            return steering.fault if self._spent[key] <= steering.times else None

    def cached(self, *prefix: object) -> bool:
        """Say whether a prompt has begun with *prefix* before, and remember that this one does."""
        name = hashlib.sha256(compact(prefix).encode()).hexdigest()
        with self._lock:
            known = name in self._prefixes
            self._prefixes.add(name)
            return known
