"""What the calls of a ring add up to, as a value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, Self

import attrs

from llmring._core.making import changed
from llmring._core.pricing import EXACT
from llmring._gen.usage import Usage

if TYPE_CHECKING:
    from llmring._gen.usage import Cost


class Counted(Protocol):
    """What is billed: an answer of any kind."""

    @property
    def usage(self) -> Usage:
        """Its tokens."""
        ...

    @property
    def cost(self) -> Cost | None:
        """Its dollars."""
        ...


@attrs.frozen(kw_only=True)
class Totals:
    """Calls, tokens and dollars."""

    calls: int = 0
    """Answers, interrupted ones included."""
    usage: Usage = attrs.field(factory=Usage)
    """Tokens of all of them, and of failures that told what they had used."""
    cost: Decimal = Decimal(0)
    """Dollars of those whose price is known."""
    unpriced: int = 0
    """Those of them whose price is not known."""
    estimated: int = 0
    """Those of them whose cost is a guess: a stream ended before the provider told what it used, or a price is not sure."""

    def plus(self, usage: Usage, cost: Cost | None, answers: int = 1) -> Self:
        """Give the totals with what was used for so many *answers* added; a failure that was billed is none."""
        changes = {
            "calls": self.calls + answers,
            "usage": added(self.usage, usage),
            "cost": self.cost if cost is None else EXACT.add(self.cost, cost.total),
            "unpriced": self.unpriced + (cost is None),
            "estimated": self.estimated + (cost is not None and cost.estimated),
        }
        return changed(self, changes)


def added(one: Usage, other: Usage) -> Usage:
    """Give the tokens of both."""
    return changed(one, {name: getattr(one, name) + getattr(other, name) for name in one.keys()})  # noqa: SIM118 - a model, not a dict
