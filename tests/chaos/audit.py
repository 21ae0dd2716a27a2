"""Hold a run to what was promised: every call answered right or failed with its story, nothing counted twice, nothing left behind."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.leaving import GUESSED
from llmring._gen.usage import Usage
from llmring.exceptions import CircuitBreakerError, ProviderError, StreamInterruptedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.totals import Totals
    from llmring._gen.response import Attempt, LLMResponse
    from tests.chaos.calls import Told
    from tests.chaos.host import Entry

Answers = dict[tuple[str, int, bool], "LLMResponse[Any]"]


def said(response: LLMResponse[Any]) -> tuple[Any, ...]:
    """Give what two answers to the same question must have in common."""
    calls = [(call.id, call.name, call.arguments) for call in response.tool_calls]
    return response.model, response.content, response.reasoning, calls, response.finish_reason, response.usage, response.cost, response.id


@attrs.frozen
class Line:
    """What is kept of a call until the books are compared."""

    number: int
    kind: str
    sent: int
    """Attempts that reached for the simulator."""
    arrived: int
    """Those that surely got there."""
    left: bool
    """Whether nobody knows how many there were."""


@attrs.define
class Ledger:
    """What all calls of a ring came to, added up apart from the ring."""

    answers: int = 0
    begun: int = 0
    used: Counter[str] = attrs.field(factory=Counter[str])
    most: int = 0
    """Output tokens that streams would have had at their ends."""

    def take(self, told: Told, answers: Answers) -> Line:
        """Add what *told* came to, and give its line."""
        made = attempts(told)
        ended = told.response is not None or isinstance(told.error, StreamInterruptedError)
        self.answers += ended
        self.begun += told.begun
        if ended or told.begun:
            self.most += answers[told.plan.key].usage.output_tokens
        for attempt in made:
            self.used.update(dict((attempt.usage or Usage()).to_dict()))
        sent = [each for each in made if each.outcome != "CircuitBreakerError"]
        arrived = sum(each.outcome == "ok" or each.status_code is not None for each in sent)
        return Line(told.plan.number, told.kind, len(sent), arrived, told.response is None and told.error is None)


def faults(told: Told, answers: Answers) -> Iterator[str]:
    """Name what is wrong with one call."""
    if told.strange is not None:
        yield f"an error that is none of ours: {told.strange!r}"
    if told.response is not None:
        yield from _answered(told, told.response, answers)
    error = told.error
    if isinstance(error, ProviderError):
        if not error.attempts and not isinstance(error, CircuitBreakerError):
            yield f"no attempts: {error!r}"
        if isinstance(error, StreamInterruptedError) and error.partial is None:
            yield "an interrupted stream lost what had come"
    elif error is not None:
        yield f"an error that cannot be: {error!r}"
    if told.plan.fault is None and error is not None and not isinstance(error, CircuitBreakerError):
        yield f"nothing was wrong, and yet: {error!r}"


def _answered(told: Told, response: LLMResponse[Any], answers: Answers) -> Iterator[str]:
    wanted = said(answers[told.plan.key])
    if GUESSED in response.warnings:  # a stream that ended well, but too soon to tell
        yield from () if told.plan.fault == "short" else ("the usage was guessed",)
        response = attrs.evolve(response, usage=wanted[5], cost=wanted[6])
    if said(response) != wanted:
        yield f"another answer than without faults: {said(response)}, wanted {wanted}"
    if told.heard is not None and told.heard != response.content:
        yield f"events that say something else: {told.heard!r}, wanted {response.content!r}"
    if not response.attempts or response.attempts[-1].outcome != "ok":
        yield f"an answer without its attempt: {response.attempts}"


def misbooked(line: Line, entries: list[Entry]) -> Iterator[str]:
    """Compare a call with what the simulator saw of it; what never arrived it cannot know."""
    if not line.left and not line.arrived <= len(entries) <= line.sent:
        yield f"{len(entries)} requests arrived, of {line.sent} attempts and {line.arrived} that were answered: {entries}"


def attempts(told: Told) -> tuple[Attempt, ...]:
    """Give the attempts of a call, with what they used."""
    if told.response is not None:
        return tuple(told.response.attempts)
    error = told.error
    if isinstance(error, StreamInterruptedError) and error.partial is not None:
        return tuple(error.partial.attempts)
    return error.attempts if isinstance(error, ProviderError) else ()


def counted(ledger: Ledger, totals: Totals) -> Iterator[str]:
    """Hold the *totals* of a ring to what its calls came to."""
    if totals.calls != ledger.answers:
        yield f"{totals.calls} answers are counted, {ledger.answers} were given"
    for name, number in totals.usage.to_dict().items():
        if ledger.used[name] != number:
            yield f"{name}: {number} are counted, {ledger.used[name]} were used"


def left(ledger: Ledger, totals: Totals) -> Iterator[str]:
    """Hold the *totals* of a ring whose calls were left early to what they could come to at most."""
    if totals.calls != ledger.begun + ledger.answers:
        yield f"{totals.calls} streams are counted, {ledger.begun} were left and {ledger.answers} ended"
    if totals.usage.output_tokens > ledger.most * 1.5:
        yield f"{totals.usage.output_tokens} output tokens are counted, and all of them at their ends had {ledger.most}"
