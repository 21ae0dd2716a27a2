"""What the calls of a ring add up to, as a value."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from llmring._gen.usage import Usage

if TYPE_CHECKING:
    from llmring._gen.beside import EmbeddingResponse
    from llmring._gen.response import LLMResponse

_EXACT: Final = Context(prec=80)
"""Whatever the caller's own context rounds to."""


@attrs.frozen(kw_only=True)
class Totals:
    """Calls, tokens and dollars."""

    calls: int = 0
    """Answers, interrupted ones included."""
    usage: Usage = attrs.field(factory=Usage)
    """Tokens of all of them."""
    cost: Decimal = Decimal(0)
    """Dollars of those whose price is known."""
    unpriced: int = 0
    """Answers whose price is not known."""
    estimated: int = 0
    """Answers whose cost is a guess: a stream ended before the provider told what it used, or a price is not sure."""

    def plus(self, response: LLMResponse[Any] | EmbeddingResponse) -> Self:
        """Give the totals with *response* added."""
        own, more = self.usage, response.usage
        usage = Usage(**{name: getattr(own, name) + getattr(more, name) for name in own.keys()})  # noqa: SIM118 - a model, not a dict
        cost = response.cost
        return attrs.evolve(
            self,
            calls=self.calls + 1,
            usage=usage,
            cost=self.cost if cost is None else _EXACT.add(self.cost, cost.total),
            unpriced=self.unpriced + (cost is None),
            estimated=self.estimated + (cost is not None and cost.estimated),
        )
