"""Read as much as can be read of JSON text that is not yet complete; what is given only ever grows as more text comes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_GAP: Final = re.compile(r"[ \t\n\r]*")
_STRING: Final = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)("?)')
_PLAIN: Final = re.compile(r"(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[ \t\n\r,\]}]|$)")
_HALF: Final = re.compile(r"(?<!\\)(?:\\\\)*(\\u[dD][89abAB][0-9a-fA-F]{2})$")
"""The first half of a character beyond the basic plane, whose other half may still come."""


def best_effort(text: str) -> Any:
    """Give the value of the longest readable beginning of *text*, open strings, lists and objects closed; None where there is none.

    A number is given once it cannot grow any more; Markdown's code fence before the value is passed over.
    """
    closed = _Walk(text.lstrip().removeprefix("```json").removeprefix("```")).closed()
    try:
        return json.loads(closed) if closed else None
    except (ValueError, RecursionError):  # a number of thousands of digits, or a thousand lists in each other
        return None


class _Walk:
    """A walk over JSON text that remembers the last place where it can be closed; each step names the next."""

    __slots__ = ("_at", "_open", "_safe", "_tail", "_text")

    def __init__(self, text: str) -> None:
        """Stand at the beginning of *text*."""
        self._text = text
        self._at = 0
        self._safe = 0
        self._tail = ""
        """What has come of the string that the text breaks off in."""
        self._open: list[str] = []
        """What closes each open list and object, the innermost last."""

    def closed(self) -> str:
        """Walk until the value ends, the text does, or it is no JSON any more; give what was passed, closed."""
        step: Callable[[str], Any] | None = self._value
        while step is not None:
            self._at = _end(_GAP, self._text, self._at)
            step = step(self._text[self._at : self._at + 1])
        return self._text[: self._safe] + self._tail + "".join(reversed(self._open))

    def _mark(self) -> Callable[[str], Any]:
        """Remember that all up to here can be kept."""
        self._safe = self._at
        return self._after

    def _value(self, sign: str) -> Any:
        match sign:
            case "{" | "[":
                self._open.append("}" if sign == "{" else "]")
                self._at += 1
                self._mark()
                return self._first
            case '"':
                return self._string(key=False)
            case _:
                end = _end(_PLAIN, self._text, self._at)
                if end == self._at or (end == len(self._text) and self._open and sign in "-0123456789"):
                    return None
                self._at = end
                return self._mark()

    def _string(self, *, key: bool) -> Any:
        match = cast("re.Match[str]", _STRING.match(self._text, self._at))
        if match[2]:
            self._at = match.end()
            return self._colon if key else self._mark()
        return None if key else self._unfinished(match[1])

    def _unfinished(self, inside: str) -> None:
        """Keep what has come of a string, half a character apart."""
        half = _HALF.search(inside)
        self._safe = self._at
        self._tail = f'"{inside[: half.start(1)] if half else inside}"'

    def _first(self, sign: str) -> Any:
        """Take the first thing inside a list or object, or its end."""
        if sign == self._open[-1]:
            return self._after(sign)
        return self._item(sign)

    def _item(self, sign: str) -> Any:
        if self._open[-1] == "]":
            return self._value(sign)
        return self._string(key=True) if sign == '"' else None

    def _colon(self, sign: str) -> Any:
        if sign != ":":
            return None
        self._at += 1
        return self._value

    def _after(self, sign: str) -> Any:
        """Take what follows a value."""
        if not self._open or sign not in {",", self._open[-1]}:
            return None
        self._at += 1
        if sign == ",":
            return self._item
        self._open.pop()
        return self._mark()


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Give where what matches *pattern* ends, *at* where nothing does."""
    match = pattern.match(text, at)
    return at if match is None else match.end()
