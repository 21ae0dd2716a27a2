"""Name what is wrong with one value of a lockfile; which values are wrong is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    KeyPath = tuple[str | int, ...]
    Fault = tuple[KeyPath, str]


def not_table(value: object, place: KeyPath) -> Iterator[Fault]:
    """Find fault with *value* where it is no table."""
    if not isinstance(value, dict):
        yield place, f"must be a table, not {kind_of(value)}"


def unknown_keys(table: Mapping[str, Any], known: Collection[str], place: KeyPath) -> Iterator[Fault]:
    """Find the keys of *table* that are not among *known*."""
    for key in table:
        if key not in known:
            yield (*place, key), f"unknown key{nearest(key, known)}"


def nearest(name: str, known: Collection[str]) -> str:
    """End a sentence about *name* with the nearest of the *known* names, or with all of them."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"


def kind_of(value: object) -> str:
    """Name what *value* is, as its writer would."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the string {value!r}" if value else "an empty string"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"
