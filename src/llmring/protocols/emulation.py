"""Stand before a protocol and read the calls that its model can only write into the text; everything else is handed through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.accumulate import fold
from llmring._core.tool_reading import CallReader
from llmring._gen.stream import CitationEvent, Finish, TextDelta, ToolCallComplete
from llmring._gen.tool import ToolCall
from llmring.protocols.replaying import replayed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from llmring._core.http import HttpReply
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent
    from llmring.exceptions import ProviderError


@attrs.define
class State:
    """A stream of the protocol, and the text of each choice as far as it is read."""

    inner: Any
    readers: dict[int, CallReader] = attrs.field(factory=dict[int, CallReader])

    @property
    def done(self) -> bool:
        """Whether the provider said that the answer is complete."""
        return self.inner.done

    @done.setter
    def done(self, value: bool) -> None:
        self.inner.done = value


def emulated(protocol: ModuleType, first_call: int | None) -> Any:
    """Give what stands before *protocol*: a reader of calls in the text from *first_call* on, or of an answer in a call."""
    if first_call is not None:
        return EmulatedTools(protocol, first_call)
    from llmring.protocols.answer_call import AnswerInCall

    return AnswerInCall(protocol)


class EmulatedTools:
    """A protocol whose answers may hold calls as text."""

    def __init__(self, protocol: ModuleType, first: int) -> None:
        """Read what *protocol* decodes; calls are numbered from *first*."""
        self._protocol = protocol
        self._first = first
        self.NAME: str = protocol.NAME
        self.FRAMING: str = protocol.FRAMING

    def decode(self, reply: HttpReply) -> LLMResponse[Any]:
        """Decode a whole answer, as a stream of it would be."""
        response: LLMResponse[Any] = self._protocol.decode(reply)
        events = list(self._told(State(None), replayed(response)))
        if not any(isinstance(event, ToolCallComplete) for event in events):
            return response
        return fold(events, protocol=self.NAME, raw=response.raw, headers=response.headers)

    def decode_error(self, reply: HttpReply) -> ProviderError:
        """Decode a refusal."""
        return self._protocol.decode_error(reply)

    def start(self) -> State:
        """Begin a stream."""
        return State(self._protocol.start())

    def events(self, state: State, frame: dict[str, Any]) -> list[StreamEvent]:
        """Translate one frame."""
        return list(self._told(state, self._protocol.events(state.inner, frame)))

    def finish(self, state: State) -> list[StreamEvent]:
        """End a stream."""
        return list(self._told(state, self._protocol.finish(state.inner)))

    def _told(self, state: State, events: Iterable[StreamEvent]) -> Iterator[StreamEvent]:
        for event in events:
            match event:
                case TextDelta():
                    yield from _events(self._reader(state, event.index).read(event.delta), event.index, self._first)
                    if event.signature is not None:
                        yield TextDelta(delta="", index=event.index, signature=event.signature)
                case Finish():
                    reader = self._reader(state, event.index)
                    yield from _events(reader.end(), event.index, self._first)
                    yield attrs.evolve(event, finish_reason="tool_calls") if reader.calls and event.finish_reason == "stop" else event
                case CitationEvent():
                    yield attrs.evolve(event, block=None)
                case _:
                    yield event

    def _reader(self, state: State, index: int) -> CallReader:
        return state.readers.setdefault(index, CallReader(self._first))


def _events(found: Iterable[str | ToolCall], index: int, first: int) -> Iterator[StreamEvent]:
    """Yield what was *found* in the text of choice *index* as events."""
    for each in found:
        if isinstance(each, ToolCall):
            yield ToolCallComplete(tool_call=each, call=int(each.id.removeprefix("call_")) - first, index=index)
        else:
            yield TextDelta(delta=each, index=index)
