"""Stand before a protocol and give the arguments of the one call that was asked for as the answer's text; the rest is handed through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.accumulate import fold
from llmring._gen.stream import CitationEvent, Finish, PartEvent, ReasoningDelta, TextDelta, ToolCallComplete, ToolCallDelta
from llmring.protocols.replaying import replayed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from llmring._core.http import HttpReply
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent
    from llmring.exceptions import ProviderError


@attrs.define
class _Choice:
    """One choice as far as it is read."""

    call: int | None = None
    """The number of the call that is the answer."""
    told: bool = False
    """Whether some of its arguments were told."""
    held: list[StreamEvent] = attrs.field(factory=list["StreamEvent"])
    """What was said beside the call; it is the answer only if none comes."""


@attrs.define
class State:
    """A stream of the protocol, and its choices."""

    inner: Any
    choices: dict[int, _Choice] = attrs.field(factory=dict[int, _Choice])

    @property
    def done(self) -> bool:
        """Whether the provider said that the answer is complete."""
        return self.inner.done

    @done.setter
    def done(self, value: bool) -> None:
        self.inner.done = value


class AnswerInCall:
    """A protocol whose answers are the arguments of a call."""

    def __init__(self, protocol: ModuleType) -> None:
        """Read what *protocol* decodes."""
        self._protocol = protocol
        self.NAME: str = protocol.NAME
        self.FRAMING: str = protocol.FRAMING

    def decode(self, reply: HttpReply) -> LLMResponse[Any]:
        """Decode a whole answer, as a stream of it would be."""
        response: LLMResponse[Any] = self._protocol.decode(reply)
        events = self._told(State(None), replayed(response))
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
            choice = state.choices.setdefault(event.index, _Choice())
            match event:
                case ToolCallDelta() | ToolCallComplete():
                    yield from _arguments(event, choice)
                case TextDelta() | CitationEvent() | PartEvent():
                    choice.held.append(event)
                case ReasoningDelta():
                    yield ReasoningDelta(reasoning=event.reasoning, index=event.index, block=event.block)
                case Finish():
                    yield from choice.held if choice.call is None else ()
                    yield event if choice.call is None or event.finish_reason != "tool_calls" else attrs.evolve(event, finish_reason="stop")
                case _:
                    yield event


def _arguments(event: ToolCallDelta | ToolCallComplete, choice: _Choice) -> Iterator[StreamEvent]:
    """Yield what *event* adds to the answer; of several calls the first is the answer."""
    if choice.call is None:
        choice.call = event.call
    if event.call != choice.call:
        return
    if isinstance(event, ToolCallDelta):
        text = event.arguments
        choice.told = choice.told or bool(text)
    else:
        text = "" if choice.told else event.tool_call.raw_arguments or "{}"
    if text:
        yield TextDelta(delta=text, index=event.index)
