"""Calls that nobody has told yet, for the ledger's last page: streams that are open, and what the collector handed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod

from llmring._core.ledger import answered

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator

    from llmring._gen.beside import EmbeddingResponse
    from llmring._gen.ledger import CallRecord
    from llmring._gen.response import LLMResponse

    Untold = deque[tuple[LLMResponse[Any] | EmbeddingResponse, str, str]]


class Late:
    """What one ring has begun and not told; it holds no ring and no stream."""

    def __init__(self, untold: Untold, origin: str) -> None:
        """Look into *untold*, which the ring of *origin* empties as long as it is used."""
        self._untold = untold
        self._origin = origin
        self._streams: set[WeakMethod[Callable[[], None]]] = set()

    def begun(self, leave: Callable[[], None]) -> None:
        """Remember a stream by the method that counts what had come; it is forgotten when the stream is gone."""
        self._streams.add(WeakMethod(leave, self._streams.discard))

    def records(self) -> Iterator[CallRecord]:
        """Leave every open stream, and give what is not told, each once."""
        for leave in [method() for method in self._streams.copy()]:
            if leave is not None:
                leave()
        while self._untold:
            response, kind, outcome = self._untold.popleft()
            yield answered(response, self._origin, datetime.now(UTC), kind=kind, outcome=outcome)

    def forget(self) -> None:
        """Leave all of it to the process that this one was forked from."""
        self._streams.clear()
        self._untold.clear()
