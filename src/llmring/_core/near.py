"""Guess which known name a mistyped one was meant to be; used only to tell an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def closest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return those of *known* that *name* may have meant, in whatever case it was written, the nearest first and *most* of them at most."""
    from difflib import get_close_matches

    spelled = {one.lower(): one for one in known}
    return [spelled[one] for one in get_close_matches(name.lower(), spelled, n=most)]


def hint(near: Sequence[str]) -> str:
    """End a sentence, with a question where there are *near* matches."""
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
