"""What stands before a protocol and tells the events of its answers otherwise; how, it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from llmring._base import new_dict
from llmring._core.accumulate import fold
from llmring._gen.stream import ToolCallComplete
from llmring.protocols.replaying import replayed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    from llmring._core.http import HttpReply
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent
    from llmring.exceptions import ProviderError

C = TypeVar("C")


@attrs.define
class State(Generic[C]):
    """A stream of the protocol, and what is remembered of each choice."""

    inner: Any
    choices: dict[int, C] = attrs.field(factory=new_dict)

    @property
    def done(self) -> bool:
        """Whether the provider said that the answer is complete."""
        return self.inner.done

    @done.setter
    def done(self, value: bool) -> None:
        self.inner.done = value

    @property
    def owing(self) -> bool:
        """Whether the usage may follow an error."""
        return getattr(self.inner, "owing", False)


class StandingBefore(Generic[C]):
    """A protocol whose events are told otherwise."""

    def __init__(self, protocol: ModuleType, begin: Callable[[], C], tell: Callable[[C, StreamEvent], Iterable[StreamEvent]]) -> None:
        """Read what *protocol* decodes; *tell* each event by what is remembered of its choice, at first what *begin* gives."""
        self._protocol = protocol
        self._begin = begin
        self._tell = tell
        self.NAME: str = protocol.NAME
        self.FRAMING: str = protocol.FRAMING

    def decode(self, reply: HttpReply) -> LLMResponse[Any]:
        """Decode a whole answer, as a stream of it would be; one without calls, before and after, stays as it is."""
        response: LLMResponse[Any] = self._protocol.decode(reply)
        events = list(replayed(response))
        told = list(self._told(State[C](None), events))
        if not any(isinstance(event, ToolCallComplete) for event in (*events, *told)):
            return response
        return fold(told, protocol=self.NAME, raw=response.raw, headers=response.headers)

    def decode_error(self, reply: HttpReply) -> ProviderError:
        """Decode a refusal."""
        return self._protocol.decode_error(reply)

    def start(self) -> State[C]:
        """Begin a stream."""
        return State(self._protocol.start())

    def events(self, state: State[C], frame: dict[str, Any]) -> list[StreamEvent]:
        """Translate one frame."""
        return list(self._told(state, self._protocol.events(state.inner, frame)))

    def finish(self, state: State[C]) -> list[StreamEvent]:
        """End a stream."""
        return list(self._told(state, self._protocol.finish(state.inner)))

    def _told(self, state: State[C], events: Iterable[StreamEvent]) -> Iterator[StreamEvent]:
        for event in events:
            choice = state.choices.get(event.index)
            if choice is None:
                choice = state.choices[event.index] = self._begin()
            yield from self._tell(choice, event)
