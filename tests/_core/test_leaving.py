"""Streams that ended early: the tokens that nobody told are estimated and marked, those that were told stand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from llmring._core.leaving import GUESSED, estimated, interrupted, labelled
from llmring._core.outcome import Walk
from llmring._core.plan import Plan
from llmring._core.request import NormalRequest
from llmring._core.tokens import estimate
from llmring._core.totals import Totals
from llmring._gen.message import Message
from llmring._gen.response import Attempt, Choice, LLMResponse
from llmring._gen.tool import ToolCall
from llmring._gen.usage import Cost, Usage
from llmring.exceptions import ProviderConnectionError, ProviderTimeoutError, StreamInterruptedError, StreamTimeoutError

REQUEST = NormalRequest(messages=(Message(role="user", content="x" * 400),))
CALL = ToolCall(id="1", name="find", arguments='{"a": 1}')
WHEN = datetime(2026, 11, 27, tzinfo=UTC)


def test_nothing_was_told() -> None:
    """The prompt is estimated as ever, the answer by all that was written: text, thoughts, refusal, calls."""
    came = LLMResponse[Any](content="y" * 40, reasoning="z" * 40, refusal="n" * 8, tool_calls=[CALL])
    guess = estimated(came, 20, REQUEST)
    assert guess.usage.input_tokens == estimate(REQUEST) > 100
    assert guess.usage.output_tokens == (40 + 40 + 8 + len("find") + len(CALL.raw_arguments) + 20) / 4
    assert guess.usage.total_tokens == guess.usage.input_tokens + guess.usage.output_tokens
    assert guess.warnings == [GUESSED]
    assert guess.content == came.content


def test_several_answers_count() -> None:
    """All choices were written."""
    choices = [Choice(message=Message(role="assistant"), index=index, content="y" * 40) for index in range(3)]
    assert estimated(LLMResponse[Any](content="y" * 40, choices=choices), 0, REQUEST).usage.output_tokens == 30


@pytest.mark.parametrize("told,made", [(1, 10), (25, 25)], ids=["placeholder", "more"])
def test_what_was_told_stands(told: int, made: int) -> None:
    """A count of the prompt is kept, with its parts; one of the answer unless more was written since."""
    usage = Usage(input_tokens=7, output_tokens=told, total_tokens=7 + told, cache_read_tokens=5)
    guess = estimated(LLMResponse[Any](content="y" * 40, usage=usage), 0, REQUEST).usage
    assert guess == Usage(input_tokens=7, output_tokens=made, total_tokens=7 + made, cache_read_tokens=5)


def test_the_cost_says_so() -> None:
    """The response's and the attempt's; a cost that is not known stays so."""
    cost = Cost(total=Decimal(3))
    tried = [Attempt(model="a:b", outcome="ProviderServerError"), Attempt(model="a:b", outcome="ok", cost=cost)]
    walk = Walk(Plan(()), 0.0, datetime(2026, 11, 27, tzinfo=UTC))
    walk.attempts = tried
    done = labelled(LLMResponse[Any](cost=cost, attempts=[]), walk)
    assert done.cost == attrs.evolve(cost, estimated=True) == done.attempts[-1].cost
    assert done.attempts[0].cost is None
    assert Totals().plus([(done.usage, done.cost, 1), (Usage(), cost, 1)]).estimated == 1
    assert labelled(LLMResponse[Any](), walk).cost is None
    assert Totals().plus([(Usage(), None, 1)]).estimated == 0


def test_a_stall_is_a_timeout_too() -> None:
    """After the first event an error is an interruption; one for want of time can be caught as either."""
    broken = interrupted(ProviderConnectionError("gone", request_id="r1", code="c"))
    assert type(broken) is StreamInterruptedError
    assert (broken.message, broken.request_id, broken.code, broken.retryable) == ("gone", "r1", "c", False)
    stalled = interrupted(ProviderTimeoutError("late", status_code=200))
    assert type(stalled) is StreamTimeoutError
    assert isinstance(stalled, StreamInterruptedError)
    assert isinstance(stalled, ProviderTimeoutError)
    assert (stalled.status_code, stalled.retryable) == (200, False)
