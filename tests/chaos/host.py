"""The simulator in a process of its own, keeping books: what each call asked, and how it was answered. Both ends are here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Call, Reply

Entry = tuple[int, str]
"""Status and fault of one answer; "" is no fault."""
CALL = "x-chaos"
"""The header that names a call."""


class Keeper(Simulator):
    """A simulator that keeps no requests, only what it answered to whom."""

    def __init__(self) -> None:
        """Begin with empty books."""
        super().__init__(seed=7)
        self.books: dict[str, list[Entry]] = {}

    def _note(self, call: Call, target: str, reply: Reply | None) -> None:
        if reply is not None and (name := call.headers.get(CALL)) is not None:
            with self._lock:
                self.books.setdefault(name, []).append((reply.status, reply.fault or ""))


def serve() -> None:
    """Serve until standard input ends; each line on it asks for the books."""
    with Keeper() as keeper:
        print(json.dumps({"urls": keeper.urls, "refused": keeper.refused_url}), flush=True)  # noqa: T201 - to the other process
        for _ in sys.stdin:
            print(json.dumps(keeper.books), flush=True)  # noqa: T201 - the same


class Host:
    """The other process."""

    def __init__(self) -> None:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.host"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        told = self._line()
        self.urls: dict[str, str] = told["urls"]
        self.refused: str = told["refused"]

    def _line(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def books(self) -> dict[str, list[Entry]]:
        """Give what it answered so far, by the names of the calls."""
        assert self._process.stdin is not None
        self._process.stdin.write("books\n")
        self._process.stdin.flush()
        return {name: [(status, fault) for status, fault in entries] for name, entries in self._line().items()}

    def __enter__(self) -> Self:
        """Give it."""
        return self

    def __exit__(self, *exc: object) -> None:
        """End it."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


if __name__ == "__main__":
    serve()
