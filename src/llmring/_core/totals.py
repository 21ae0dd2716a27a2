"""What the calls of a ring add up to, as a value."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Self

import attrs

from llmring._core.pricing import EXACT
from llmring._gen.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring._gen.usage import Cost

_COUNTERS: Final = tuple(each.name for each in attrs.fields(Usage))
_row: Final = attrgetter(*_COUNTERS)


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

    def plus(self, spent: Iterable[tuple[Usage, Cost | None, int]]) -> Self:
        """Give the totals with *spent* added: usage, cost, and for how many answers; a failure that was billed is none."""
        calls, unpriced, estimated, dollars = self.calls, self.unpriced, self.estimated, self.cost
        rows = [_row(self.usage)]
        for usage, cost, answers in spent:
            calls += answers
            rows.append(_row(usage))
            if cost is None:
                unpriced += 1
            else:
                dollars = EXACT.add(dollars, cost.total)
                estimated += cost.estimated
        usage = Usage(**dict(zip(_COUNTERS, map(sum, zip(*rows, strict=True)), strict=True)))
        return type(self)(calls=calls, usage=usage, cost=dollars, unpriced=unpriced, estimated=estimated)
