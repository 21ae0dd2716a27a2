"""A whole answer as the events of a stream that would have brought it, for what reads answers event by event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._core.parts import as_parts
from llmring._gen.message import ReasoningPart, RefusalPart, TextPart
from llmring._gen.stream import CitationEvent, Finish, PartEvent, ReasoningDelta, RefusalDelta, TextDelta, ToolCallComplete

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmring._gen.message import Part
    from llmring._gen.response import Choice, LLMResponse
    from llmring._gen.stream import StreamEvent


def replayed(response: LLMResponse[Any]) -> Iterator[StreamEvent]:
    """Yield the events that make *response*."""
    choices: Sequence[Choice | LLMResponse[Any]] = response.choices or [response]
    for index, choice in enumerate(choices):
        parts = as_parts(choice.message.content)
        calls = [(len(parts) if call.at is None else call.at, call) for call in choice.tool_calls]
        for at in range(len(parts) + 1):
            for number, (place, call) in enumerate(calls):
                if place == at:
                    yield ToolCallComplete(tool_call=call, call=number, index=index)
            for part in parts[at : at + 1]:
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
