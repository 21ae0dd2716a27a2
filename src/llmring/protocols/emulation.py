"""Stand before a protocol and read the calls that its model can only write into the text; everything else is handed through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.accumulate import fold
from llmring._core.parts import as_parts
from llmring._core.tool_reading import CallReader
from llmring._gen.message import ReasoningPart, RefusalPart, TextPart
from llmring._gen.stream import CitationEvent, Finish, PartEvent, ReasoningDelta, RefusalDelta, TextDelta, ToolCallComplete
from llmring._gen.tool import ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import ModuleType

    from llmring._core.http import HttpReply
    from llmring._gen.message import Part
    from llmring._gen.response import Choice, LLMResponse
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
        events = list(self._told(State(None), _replayed(response)))
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


# --- a whole answer as events ------------------------------------------------------------------------


def _replayed(response: LLMResponse[Any]) -> Iterator[StreamEvent]:
    """Yield the events that make *response*."""
    choices: Sequence[Choice | LLMResponse[Any]] = response.choices or [response]
    for index, choice in enumerate(choices):
        for at, part in enumerate(as_parts(choice.message.content)):
            yield from _part(part, index, at)
        yield Finish(
            index=index,
            finish_reason=choice.finish_reason,
            raw_finish_reason=choice.raw_finish_reason,
            logprobs=choice.logprobs,
            usage=response.usage if index == len(choices) - 1 else None,
            model=response.model,
            id=response.id,
            service_tier=response.service_tier,
            warnings=[] if index else response.warnings,
        )


def _part(part: Part, index: int, at: int) -> Iterator[StreamEvent]:
    match part:
        case TextPart():
            yield TextDelta(delta=part.text, index=index, signature=part.signature)
            yield from (CitationEvent(citation=citation, index=index) for citation in part.citations)
        case ReasoningPart():
            yield ReasoningDelta(
                reasoning=part.text, index=index, block=at, signature=part.signature, data=part.data, id=part.id, native=part.native
            )
        case RefusalPart():
            yield RefusalDelta(refusal=part.refusal, index=index)
        case _:
            yield PartEvent(part=part, index=index)
