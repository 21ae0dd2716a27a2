"""What is left where the end is missing: a response whose usage is estimated where nobody told it, and a broken stream's error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.tokens import CHARACTERS, estimate
from llmring.exceptions import ProviderTimeoutError, StreamInterruptedError, StreamTimeoutError

if TYPE_CHECKING:
    from llmring._core.outcome import Walk
    from llmring._core.request import NormalRequest
    from llmring._gen.response import Choice, LLMResponse
    from llmring.exceptions import ProviderError

GUESSED: Final = "usage and cost are estimated: the stream ended before the provider told them"
"""The warning on a response whose tokens nobody counted."""
UNTOLD: Final = "usage and cost are estimated: the provider did not tell them"
"""The same of an answer that came whole."""


def estimated(response: LLMResponse[Any], written: int, request: NormalRequest, why: str = GUESSED) -> LLMResponse[Any]:
    """Give *response*, what came of the answer to *request*, the usage so far: as told where it was, never fewer tokens than told.

    *written* are the characters of calls that did not come whole, *why* is the warning.
    """
    told = response.usage
    characters = written + sum(map(_characters, response.choices or [response]))
    given = told.input_tokens or estimate(request)
    made = max(told.output_tokens, -(-characters // CHARACTERS))
    usage = attrs.evolve(told, input_tokens=given, output_tokens=made, total_tokens=given + made)
    return attrs.evolve(response, usage=usage, warnings=[*response.warnings, why])


def labelled(done: LLMResponse[Any], walk: Walk) -> LLMResponse[Any]:
    """Mark the cost of a completed response, and that of its attempt on *walk*, as one of estimated tokens."""
    if done.cost is None:
        return done
    cost = attrs.evolve(done.cost, estimated=True)
    walk.attempts[-1] = attrs.evolve(walk.attempts[-1], cost=cost)
    return attrs.evolve(done, cost=cost, attempts=list(walk.attempts))


def _characters(answer: Choice | LLMResponse[Any]) -> int:
    """Count what was written of one answer: text, thoughts, refusal and calls that came whole."""
    calls = sum(len(call.name) + len(call.raw_arguments) for call in answer.tool_calls)
    return len(answer.content) + len(answer.reasoning or "") + len(answer.refusal or "") + calls


def interrupted(error: ProviderError) -> StreamInterruptedError:
    """Make of *error* the one that a consumer sees after the first event."""
    kind = StreamTimeoutError if isinstance(error, ProviderTimeoutError) else StreamInterruptedError
    return kind(
        error.message,
        status_code=error.status_code,
        request_id=error.request_id,
        retry_after=error.retry_after,
        code=error.code,
        type=error.type,
        param=error.param,
        body=error.body,
        usage=error.usage,
    )
