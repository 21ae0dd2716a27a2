"""Read a stream by any protocol: bytes in, events out, folded as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._gen.stream import Finish
from llmring.exceptions import ProviderConnectionError, ProviderError, ProviderResponseError
from llmring.protocols.framing import DONE, decoder, frame

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from llmring._core.accumulate import Accumulator
    from llmring._gen.stream import StreamEvent
    from llmring._gen.usage import Usage


class Reading:
    """One stream being read."""

    __slots__ = ("_finished", "_frames", "_protocol", "_state", "_untold", "accumulator", "failure", "over", "owing", "whole")

    def __init__(self, protocol: ModuleType, accumulator: Accumulator) -> None:
        """Begin to read by *protocol*, folding every event into *accumulator*."""
        self._protocol = protocol
        self.accumulator = accumulator
        self._frames = decoder(protocol.FRAMING)
        self._state: Any = protocol.start()
        self._finished = False
        self.whole = False
        """Whether the provider said that the answer is complete, and all of it was read."""
        self.over = False
        """Whether the last byte was read."""
        self._untold: list[StreamEvent] = []
        """What is known when a stream breaks off: it counts for the partial response, but nobody is told of an end."""
        self.failure: ProviderError | None = None
        """What the provider told of, or what could not be understood; the events before it were given all the same."""
        self.owing = False
        """Whether the provider, which told of the failure, may yet tell what was used."""

    def read(self, piece: bytes | None) -> list[StreamEvent]:
        """Decode the next *piece* of bytes to events, None for the end; what follows the end marker is passed over."""
        batch: list[StreamEvent] = []
        try:
            if piece is None:
                self.over = True
                self._take(self._frames.flush(), batch)
                self._end(batch)
            else:
                self._take(self._frames.feed(piece), batch)
        except ProviderError as error:
            self.failure = error
        add = self.accumulator.add
        for event in batch:
            add(event)
        for event in self._untold:
            add(event)
        return batch

    def leave(self) -> None:
        """Fold what the provider has told so far beside the events, for nothing more is read; the answer itself stays as it came."""
        if not self._finished:
            self._finished = True
            for event in self._protocol.finish(self._state):
                if isinstance(event, Finish):
                    self.accumulator.add(event)

    def _take(self, payloads: list[bytes], batch: list[StreamEvent]) -> None:
        events, state = self._protocol.events, self._state
        rest = iter(payloads)
        try:
            for payload in rest:
                if self._finished:
                    return
                read = frame(payload)
                if read is not None:
                    batch += events(state, read)
                elif payload == DONE:
                    state.done = True
                    self._finish(batch)
        except ProviderError as error:
            if error.usage is None and not isinstance(error, ProviderResponseError):  # which is what we make of what we cannot read
                error.usage = self._used(rest)
            raise

    def hear(self, error: ProviderError, piece: bytes | None) -> None:
        """Let *piece*, which came after *error*, tell what was used; None is the end."""
        self.over = piece is None
        error.usage = self._used(self._frames.flush() if piece is None else self._frames.feed(piece))

    def _used(self, payloads: Iterable[bytes]) -> Usage | None:
        """Give the usage that *payloads*, which came after an error, tell; note whether it may follow them."""
        used = None
        for payload in payloads:
            try:
                self._protocol.events(self._state, frame(payload) or {})
            except ProviderError as again:
                used = again.usage or used
        self.owing = used is None and not self.over and getattr(self._state, "owing", False)  # most protocols end with an error
        return used

    def _end(self, batch: list[StreamEvent]) -> None:
        if self._finished:
            return
        if self._state.done:
            self._finish(batch)
            return
        self._finished = True
        self._untold = self._protocol.finish(self._state)
        message = "the stream ended early, before the provider said that it was complete"
        raise ProviderConnectionError(message, status_code=200)

    def _finish(self, batch: list[StreamEvent]) -> None:
        self._finished = self.whole = True
        batch += self._protocol.finish(self._state)
