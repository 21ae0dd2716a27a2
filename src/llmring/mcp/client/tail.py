"""The last words of a server, for the error that tells of its end; what is secret is not kept."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN: Final = "***"
LINES: Final = 20
LONGEST: Final = 400
"""Letters kept of one line."""
_READ: Final = 65_536
"""Bytes looked at of one line."""
_SHORT: Final = 4
"""A value below so many letters is no secret, and occurs everywhere."""


class Tail:
    """The last lines that a server wrote where people read them."""

    __slots__ = ("_lines", "_secrets")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Begin empty; *secrets* are replaced wherever they occur."""
        self._lines: deque[str] = deque(maxlen=LINES)
        self._secrets = sorted({secret for secret in secrets if len(secret) >= _SHORT}, key=len, reverse=True)

    def add(self, line: bytes, note: str = "") -> None:
        """Keep a *line*, after a *note* of where it was written."""
        text = self.clean(line[:_READ].decode("utf-8", "replace")).rstrip()  # before it is cut: half a secret would not be found
        if text:
            self._lines.append(note + text[:LONGEST])

    def clean(self, text: str) -> str:
        """Give *text* without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def clear(self) -> None:
        """Forget what an earlier process wrote."""
        self._lines.clear()

    @property
    def text(self) -> str:
        """The lines."""
        return "\n".join(self._lines)

    @property
    def last(self) -> str:
        """The last line."""
        return self._lines[-1] if self._lines else ""
