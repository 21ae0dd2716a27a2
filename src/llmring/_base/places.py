"""Name the place of a value and say what is wrong there; used wherever a user's words are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring.exceptions import InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Iterable


def joined(path: str, key: object) -> str:
    """Give the path of *key* below *path*."""
    return f"{path}.{key}" if path else str(key)


def kind_of(value: object) -> str:
    """Name the type of *value* for an error."""
    return "null" if value is None else type(value).__name__


def wrong(value: object, path: str, wanted: str) -> InvalidMessageError:
    """Make the error of a *value* at *path* that is not *wanted*."""
    return InvalidMessageError(f"{path or 'value'} must be {wanted}, not {kind_of(value)}", path=path or None)


def near(name: object, known: Iterable[str]) -> str:
    """End the message about an unknown *name* with the closest of the *known* ones, if one is close."""
    from difflib import get_close_matches

    found = get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""
