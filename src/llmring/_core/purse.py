"""A ring's money as a value: what may be spent, what is, and what calls under way have reserved."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from llmring._core.pricing import EXACT
from llmring.exceptions import BudgetExceededError

if TYPE_CHECKING:
    from llmring._core.weight import Weight


@attrs.frozen
class Purse:
    """Dollars; what is neither spent nor reserved is left."""

    limit: Decimal
    spent: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    @property
    def left(self) -> Decimal:
        """What a call may reserve; never negative."""
        return max(EXACT.subtract(EXACT.subtract(self.limit, self.spent), self.reserved), Decimal(0))

    def reserve(self, model: str, weight: Weight) -> Purse:
        """Reserve the most that a call could cost.

        Raises:
            BudgetExceededError: that is more than is left, or nobody knows it.

        """
        most = weight.dollars
        if most is None:
            message = (
                f"max_cost={self.limit} of the ring cannot be held: what {model} would cost is not known ({weight.reason}). "
                "Leave max_cost out, or name another model."
            )
            raise BudgetExceededError(message, path="max_cost", left=self.left)
        if most > self.left:
            message = (
                f"{model} could cost up to ${most:f}, but of the ring's max_cost={self.limit} only ${self.left:f} is left: "
                f"${self.spent:f} is spent, ${self.reserved:f} reserved by calls under way. Lower max_tokens, or raise max_cost."
            )
            raise BudgetExceededError(message, path="max_cost", left=self.left)
        return attrs.evolve(self, reserved=EXACT.add(self.reserved, most))

    def settle(self, reserved: Decimal, spent: Decimal) -> Purse:
        """Give back what was *reserved*, and take what was really *spent*."""
        return attrs.evolve(self, reserved=EXACT.subtract(self.reserved, reserved), spent=EXACT.add(self.spent, spent))
