"""What one attempt may take of what a ring and its providers allow: tokens and dollars, known before it is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from llmring._core.budget import MORE, upper
from llmring._core.pricing import quote
from llmring._core.tokens import CHARACTERS, estimate
from llmring._gen.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from llmring._core.model_info import ModelInfo
    from llmring._core.request import NormalRequest


class Weight(NamedTuple):
    """Of one attempt."""

    tokens: int = 0
    """The prompt's, estimated, and those that the answer may have at most, where that is bounded."""
    dollars: Decimal | None = Decimal(0)
    """The most that it could cost; None where nobody knows."""
    reason: str | None = None
    """Why nobody knows."""


WEIGHTLESS: Final = Weight()
"""What is neither counted in tokens nor charged for."""


def of_chat(request: NormalRequest, info: ModelInfo | None, when: datetime) -> Weight:
    """Weigh a chat *request*."""
    answers = (request.options.get("max_tokens") or 0) * (request.options.get("n") or 1)
    return Weight(estimate(request) + answers, *upper(request, info, when))


def of_texts(texts: Sequence[str], info: ModelInfo | None, when: datetime) -> Weight:
    """Weigh *texts* to be embedded."""
    tokens = sum(-(-len(text) // CHARACTERS) for text in texts)
    cost, reason = quote(Usage(input_tokens=tokens * MORE, total_tokens=tokens * MORE), info, when=when)
    return Weight(tokens, None if cost is None else cost.total, reason)
