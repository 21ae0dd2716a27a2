"""A short run of chaos, so that it works whenever it is needed; and each of its judges finds what it is there for."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring._core.totals import Totals
from llmring._gen.response import Attempt, LLMResponse
from llmring._gen.usage import Usage
from llmring.exceptions import MissingAPIKeyError, ProviderServerError
from tests.chaos.audit import Ledger, Line, counted, faults, left, misbooked
from tests.chaos.calls import Told
from tests.chaos.host import Host
from tests.chaos.plan import Plan, draw
from tests.chaos.run import Run, without_faults

if TYPE_CHECKING:
    from pathlib import Path

USED = Usage(input_tokens=3, output_tokens=4, total_tokens=7)


def test_a_short_run_finds_nothing(tmp_path: Path) -> None:
    """Every call ends as it should, and the books agree."""
    with Host() as host:
        run = Run(host, tmp_path, without_faults(host, tmp_path))
        asyncio.run(run.go(draw(5, number) for number in range(150)), debug=False)
        assert run.wrong(host.books()) == []
        assert run.kinds.total() == 150
        assert run.kinds["answer"] > 40


def test_a_plan_follows_from_seed_and_number() -> None:
    """Any one call can be repeated alone."""
    assert draw(1, 2) == draw(1, 2) != draw(1, 3)
    assert len({draw(1, number).fault for number in range(2000)}) > 25


def plan(**changes: Any) -> Plan:
    """Give a call that nothing happens to."""
    whole = next(each for each in (draw(1, number) for number in range(1000)) if each.fault is None and each.end == "read")
    return attrs.evolve(whole, **changes)


def told(**changes: Any) -> Told:
    """Give a call that was answered right."""
    response = LLMResponse(content="yes", usage=USED, attempts=[Attempt(model="m", outcome="ok", usage=USED)])
    return attrs.evolve(Told(plan(), response), **changes)


ANSWERS = {plan().key: LLMResponse(content="yes", usage=USED)}


@pytest.mark.parametrize(
    "changes,found",
    [
        ({}, 0),
        ({"response": LLMResponse(content="no", usage=USED, attempts=[Attempt(model="m", outcome="ok")])}, 1),
        ({"response": LLMResponse(content="yes", usage=USED)}, 1),
        ({"heard": "ye"}, 1),
        ({"response": None, "strange": ValueError("x")}, 1),
        ({"response": None, "error": ProviderServerError("no attempts, no fault")}, 2),
        ({"response": None, "error": MissingAPIKeyError("x")}, 2),
    ],
)
def test_a_call_is_judged(changes: dict[str, Any], found: int) -> None:
    """Another answer, a lost attempt, other events, an error of another kind or without a cause."""
    assert len(list(faults(told(**changes), ANSWERS))) == found


@pytest.mark.parametrize("arrived,right", [(0, False), (1, True), (2, True), (3, False)])
def test_the_books_are_compared(arrived: int, right: bool) -> None:  # noqa: FBT001 - a case
    """A request that no attempt tells of, or an answer that was never asked for."""
    line = Line(number=1, kind="answer", sent=2, arrived=1, left=False)
    assert list(misbooked(line, [(200, "")] * arrived)) is not right


def test_totals_are_compared() -> None:
    """What is counted twice, or not at all."""
    ledger = Ledger()
    ledger.take(told(), ANSWERS)
    ledger.take(told(response=None), ANSWERS)
    assert ledger.used == Counter(USED.to_dict())
    totals = Totals(calls=1, usage=USED)
    assert list(counted(ledger, totals)) == list(left(ledger, totals)) == []
    twice = Totals(calls=2, usage=Usage(input_tokens=6, output_tokens=8, total_tokens=14))
    assert len(list(counted(ledger, twice))) == 4
    assert len(list(left(ledger, twice))) == 2
