"""Fold stream events into a response; a whole answer is folded by the same code, so both agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._core.answer import Answer
from llmring._core.making import plain_message
from llmring._gen.response import LLMResponse
from llmring._gen.stream import CitationEvent, Finish, PartEvent, ReasoningDelta, RefusalDelta, TextDelta, ToolCallComplete, ToolCallDelta
from llmring._gen.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmring._gen.stream import StreamEvent

_TAKERS: dict[type, Callable[[Answer, Any], None]] = {
    TextDelta: Answer.add_text,
    ReasoningDelta: Answer.add_reasoning,
    RefusalDelta: Answer.add_refusal,
    ToolCallDelta: Answer.add_writing,
    ToolCallComplete: Answer.add_call,
    CitationEvent: Answer.add_citation,
    PartEvent: Answer.add_part,
    Finish: Answer.end,
}
"""What takes each kind of event."""


class Accumulator:
    """Folds events; ``response()`` may be asked at any time and gives what has come so far."""

    __slots__ = ("_answers", "_protocol")

    def __init__(self, protocol: str | None = None) -> None:
        """Begin with nothing; *protocol* is what opaque reasoning is marked with."""
        self._protocol = protocol
        self._answers: dict[int, Answer] = {}

    def add(self, event: StreamEvent) -> None:
        """Fold one *event*."""
        answer = self._answers.get(event.index)
        if answer is None:
            answer = self._answers[event.index] = Answer(self._protocol)
        _TAKERS[type(event)](answer, event)

    @property
    def written(self) -> int:
        """Characters of calls that are not whole yet."""
        return sum(answer.written for answer in self._answers.values())

    def response(self, *, raw: Any = None, headers: dict[str, str] | None = None) -> LLMResponse[Any]:
        """Give the response so far; model and id are the provider's own words."""
        answers = self._answers
        if len(answers) == 1:
            ((_, first),) = answers.items()
            end, choices = first.finish, []
        else:
            answers = dict(sorted(answers.items()))
            first = next(iter(answers.values()), None) or Answer(self._protocol)
            end = _last([answer.finish for answer in answers.values()])
            choices = [answer.choice(index) for index, answer in answers.items()]
        return LLMResponse(
            **first.fields(),
            model=end.model or "",
            id=end.id,
            usage=Usage() if end.usage is None else end.usage,
            warnings=[*end.warnings],
            citations=first.citations,
            choices=choices,
            service_tier=end.service_tier,
            headers=headers or {},
            raw=raw,
        )


def _last(ends: list[Finish]) -> Finish:
    """Give what several *ends* say together: the first model and id, the last usage and tier, all warnings."""
    return Finish(
        model=next((end.model for end in ends if end.model), None),
        id=next((end.id for end in ends if end.id), None),
        usage=next((end.usage for end in reversed(ends) if end.usage is not None), None),
        service_tier=next((end.service_tier for end in reversed(ends) if end.service_tier), None),
        warnings=[warning for end in ends for warning in end.warnings],
    )


def fold(events: Sequence[StreamEvent], *, protocol: str, raw: Any = None, headers: dict[str, str] | None = None) -> LLMResponse[Any]:
    """Fold all *events* of one whole answer."""
    match events:
        case [TextDelta(signature=None) as said, Finish() as end] if said.index == end.index:
            return _plain(said.delta, end, raw, headers)
        case _:
            pass
    accumulator = Accumulator(protocol)
    for event in events:
        accumulator.add(event)
    return accumulator.response(raw=raw, headers=headers)


def _plain(text: str, end: Finish, raw: Any, headers: dict[str, str] | None) -> LLMResponse[Any]:
    """Give the answer that is one *text* and nothing else, as most are, at once."""
    return LLMResponse(
        content=text,
        message=plain_message("assistant", text),
        finish_reason=end.finish_reason,
        raw_finish_reason=end.raw_finish_reason,
        model=end.model or "",
        id=end.id,
        usage=Usage() if end.usage is None else end.usage,
        warnings=[*end.warnings],
        logprobs=end.logprobs,
        service_tier=end.service_tier,
        headers=headers or {},
        raw=raw,
    )
