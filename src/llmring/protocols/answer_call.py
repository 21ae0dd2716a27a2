"""Stand before a protocol and give the arguments of the one call that was asked for as the answer's text; the rest is handed through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llmring._base import new_list
from llmring._gen.stream import CitationEvent, Finish, PartEvent, ReasoningDelta, StreamEvent, TextDelta, ToolCallComplete, ToolCallDelta
from llmring.protocols.standing_before import StandingBefore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


@attrs.define
class _Choice:
    """One choice as far as it is read."""

    call: int | None = None
    """The number of the call that is the answer."""
    told: bool = False
    """Whether some of its arguments were told."""
    held: list[StreamEvent] = attrs.field(factory=new_list)
    """What was said beside the call; it is the answer only if none comes."""


class AnswerInCall(StandingBefore[_Choice]):
    """A protocol whose answers are the arguments of a call."""

    def __init__(self, protocol: ModuleType) -> None:
        """Read what *protocol* decodes."""
        super().__init__(protocol, _Choice, _told)


def _told(choice: _Choice, event: StreamEvent) -> Iterator[StreamEvent]:
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
