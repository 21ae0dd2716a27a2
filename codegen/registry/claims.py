"""What a source says about a model, as flat figures; who is right is decided elsewhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs

Value = str | int | bool | Decimal | date
"""One figure: a limit, a flag, a date, dollars per million tokens, or a label."""

MODALITIES = ("text", "image", "audio", "video", "pdf")
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
RATES = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "output_audio",
    "cache_read_audio",
    "input_image",
    "output_image",
    "input_video",
    "output_video",
)
LABELS = ("name", "family", "kind", "speed", "intelligence", "protocol")
"""Figures that are hints or names: the first source that has one is believed, nobody disagrees."""


@attrs.frozen(kw_only=True)
class Source:
    """Where figures come from, and as of when."""

    key: str
    name: str
    date: date
    """The day that the figures are from, or the day of retrieval where the source names none."""
    url: str


@attrs.frozen(kw_only=True)
class Period:
    """The rates in force from one day on; *hours* (UTC, "01:00-04:00") limits them to a part of each day."""

    start: date | None
    rates: dict[str, Decimal]
    hours: str | None = None


@attrs.frozen(kw_only=True)
class Record:
    """Everything that one source says about one name."""

    source: str
    provider: str
    name: str
    figures: dict[str, Value]
    history: tuple[Period, ...] = ()
    """Prices over time, oldest first; only sources with effective dates have them."""


def rate_key(rate: str, *, over: int | None = None, tier: str | None = None) -> str:
    """Name the figure of *rate* above *over* input tokens in service tier *tier*."""
    return ".".join(["price", *([tier] if tier else []), *([f"over-{over}"] if over else []), rate])


def service_tier(figure: str) -> str | None:
    """Return the service tier of a price figure, None for the standard one."""
    _, *path, _ = figure.split(".")
    return next((step for step in path if not step.startswith("over-")), None)


def dollars(per_token: Decimal | float) -> Decimal:
    """Turn a price per token into dollars per million tokens."""
    return tidy(Decimal(str(per_token)) * 1_000_000)


def tidy(amount: Decimal | float) -> Decimal:
    """Write *amount* without exponent and trailing zeros."""
    return Decimal(format(Decimal(str(amount)).normalize(), "f"))
