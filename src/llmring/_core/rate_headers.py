"""Read what providers say in headers of the requests and tokens that are left."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_STEP: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WAYS: Final = {
    "requests": (("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
                 ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset")),
    "tokens": (("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
               ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset")),
}  # fmt: skip
"""What is left and when it is all there again: OpenAI's words, which most others took over, and Anthropic's."""


class Told(NamedTuple):
    """What is left, None where nothing is said; *pause* is how many seconds it takes until something is, where nothing is."""

    requests: float | None = None
    tokens: float | None = None
    pause: float | None = None


NOT_TOLD: Final = Told()


def told(headers: Mapping[str, str]) -> Told:
    """Read *headers*, whose names are in lower case."""
    left: dict[str, float | None] = {}
    pauses: list[float] = []
    for kind, ways in _WAYS.items():
        left[kind] = None
        for remaining, reset in ways:
            count = _number(headers.get(remaining))
            if count is None:
                continue
            left[kind] = count
            pause = _pause(headers.get(reset, ""), headers.get("date", "")) if count == 0 else None
            if pause is not None:
                pauses.append(pause)
    return Told(left["requests"], left["tokens"], max(pauses, default=None))


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None


def _pause(text: str, date: str) -> float | None:
    """Read ``6m0s``, ``120ms``, plain seconds, or a moment in ISO 8601, which counts from the reply's own *date*."""
    steps = _STEP.findall(text)
    if steps and "".join(number + unit for number, unit in steps) == text:
        return sum(float(number) * _SECONDS[unit] for number, unit in steps)
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        return max((datetime.fromisoformat(text) - parsedate_to_datetime(date)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
