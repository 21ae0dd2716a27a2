"""What calls add up to."""

from __future__ import annotations

from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from llmring._core.totals import Totals
from llmring._gen.usage import Cost, Usage
from tests.models import model


@given(st.lists(st.tuples(model(Usage), st.none() | model(Cost)), max_size=5))
def test_everything_is_counted_once(calls: list[tuple[Usage, Cost | None]]) -> None:
    """Calls, every kind of token, and the dollars that are known."""
    spent = [(usage, cost, 1) for usage, cost in calls]
    totals = Totals().plus(spent[:2]).plus(spent[2:])
    assert totals.calls == len(calls)
    assert totals.unpriced == sum(cost is None for _, cost in calls)
    assert totals.cost == sum((cost.total for _, cost in calls if cost is not None), Decimal(0))
    for name in Usage().keys():  # noqa: SIM118 - a model is no dict
        assert totals.usage[name] == sum(usage[name] for usage, _ in calls)


def test_dollars_are_exact_whatever_the_callers_context() -> None:
    """A context of two digits rounds nothing."""
    with localcontext() as context:
        context.prec = 2
        totals = Totals().plus([(Usage(), Cost(total=Decimal(dollars)), 1) for dollars in ("1.2345", "0.0001")])
    assert totals.cost == Decimal("1.2346")


def test_a_failure_that_was_billed_is_no_answer() -> None:
    """Its tokens and dollars count, as a call it does not."""
    totals = Totals().plus([(Usage(input_tokens=3, total_tokens=3), Cost(total=Decimal(1)), 0)])
    assert (totals.calls, totals.usage.total_tokens, totals.cost, totals.unpriced) == (0, 3, 1, 0)
