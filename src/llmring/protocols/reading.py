"""Read JSON that may have any shape: give the value where it is of the kind asked for, and nothing else otherwise."""

from __future__ import annotations

from typing import Any, Final, cast

from llmring._base import json_text

_BEYOND: Final = 1 << 63
"""Larger than any number that a server counts to."""


def text_of(value: Any) -> str | None:
    """Give a name, code or type as text, also where the server wrote a number; None for empty text and all else."""
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int and abs(value) < _BEYOND else None


def object_of(value: Any) -> dict[str, Any]:
    """Give *value* where it is a JSON object, an empty one otherwise."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """Give the JSON objects among the items of *value*; none where it is no list."""
    if not isinstance(value, list):
        return []
    return [cast("dict[str, Any]", item) for item in cast("list[Any]", value) if isinstance(item, dict)]


def count_of(value: Any) -> int:
    """Give a counter; 0 for anything that is no whole number of at least 0, or one that no counter reaches."""
    if type(value) is int:
        return value if 0 <= value < _BEYOND else 0
    return int(value) if isinstance(value, float) and 0 < value < _BEYOND and value.is_integer() else 0


def vector_of(value: Any) -> list[float] | None:
    """Give a list of numbers as floats; None for anything else."""
    if not isinstance(value, list):
        return None
    numbers = cast("list[float]", value)
    try:
        return [float(each) for each in numbers] if all(type(each) in (float, int) for each in numbers) else None
    except OverflowError:  # hundreds of digits
        return None


def json_of(value: Any) -> str:
    """Give *value* as JSON text; text stays, null is empty."""
    if value is None:
        return ""
    try:
        return json_text(value)
    except RecursionError:
        return ""
