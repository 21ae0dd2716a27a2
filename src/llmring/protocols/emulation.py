"""Stand before a protocol and read the calls that its model can only write into the text; everything else is handed through."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.tool_reading import CallReader
from llmring._gen.stream import CitationEvent, Finish, TextDelta, ToolCallComplete
from llmring._gen.tool import ToolCall
from llmring.protocols.standing_before import StandingBefore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from llmring._gen.stream import StreamEvent


def emulated(protocol: ModuleType, first_call: int | None) -> Any:
    """Give what stands before *protocol*: a reader of calls in the text from *first_call* on, or of an answer in a call."""
    if first_call is not None:
        return EmulatedTools(protocol, first_call)
    from llmring.protocols.answer_call import AnswerInCall

    return AnswerInCall(protocol)


class EmulatedTools(StandingBefore[CallReader]):
    """A protocol whose answers may hold calls as text."""

    def __init__(self, protocol: ModuleType, first: int) -> None:
        """Read what *protocol* decodes; calls are numbered from *first*."""
        super().__init__(protocol, partial(CallReader, first), partial(_told, first))


def _told(first: int, reader: CallReader, event: StreamEvent) -> Iterator[StreamEvent]:
    match event:
        case TextDelta():
            yield from _events(reader.read(event.delta), event.index, first)
            if event.signature is not None:
                yield TextDelta(delta="", index=event.index, signature=event.signature)
        case Finish():
            yield from _events(reader.end(), event.index, first)
            yield attrs.evolve(event, finish_reason="tool_calls") if reader.calls and event.finish_reason == "stop" else event
        case CitationEvent():
            yield attrs.evolve(event, block=None)
        case _:
            yield event


def _events(found: Iterable[str | ToolCall], index: int, first: int) -> Iterator[StreamEvent]:
    """Yield what was *found* in the text of choice *index* as events."""
    for each in found:
        if isinstance(each, ToolCall):
            yield ToolCallComplete(tool_call=each, call=int(each.id.removeprefix("call_")) - first, index=index)
        else:
            yield TextDelta(delta=each, index=index)
