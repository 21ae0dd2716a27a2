"""Read amounts of dollars as users write them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from llmring.exceptions import RequestError


def amount(value: Any, path: str = "max_cost") -> Decimal:
    """Read an amount of dollars.

    Raises:
        RequestError: it is none, or negative.

    """
    try:
        dollars = Decimal(str(value))
    except InvalidOperation:
        dollars = Decimal(-1)
    if not dollars.is_finite() or dollars < 0 or isinstance(value, bool):
        raise RequestError(f"{path} must be an amount of dollars, not {value!r}", path=path)
    return dollars
