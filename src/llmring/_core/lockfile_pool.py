"""Change the list of models of one binding, written over several lines of TOML, without losing what stands beside and between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmring._core.lockfile_edit import string

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

_PIECE: Final = re.compile(
    r"""(?P<comment>\#[^\n]*) | (?P<end>\n) | (?P<comma>,) | (?P<space>[ \t\r]+)
    | (?P<model>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\])*" | '[^']*')""",
    re.VERBOSE | re.DOTALL,
)
_INDENT: Final = re.compile(r"\n([ \t]*)[\"']")
_CLOSING: Final = re.compile(r"\n([ \t]*)\]$")


class _Entry:
    """One model as it is written, with the lines above it and the comment beside it."""

    __slots__ = ("above", "beside", "text")

    def __init__(self, text: str, above: list[str]) -> None:
        self.text = text
        self.above = above
        self.beside = ""


class _Pool:
    """A list, taken apart."""

    def __init__(self, written: str) -> None:
        self.entries: list[_Entry] = []
        self.head = ""
        """The comment behind the bracket that opens the list."""
        self.foot: list[str] = []
        """Lines behind the last model."""
        self.comma = False
        """Whether there is a comma behind the last model."""
        indent, closing = _INDENT.search(written), _CLOSING.search(written)
        self.indent = indent[1] if indent else "  "
        self.closing = closing[1] if closing else ""
        self._take(written[1:-1])

    def _take(self, inside: str) -> None:
        fresh, gap = False, " "  # whether a line has just begun, and the space before what comes
        for piece in _PIECE.finditer(inside):
            text = piece[0]
            match piece.lastgroup:
                case "end":
                    if fresh:
                        self.foot.append("")
                    fresh = True
                case "comment" if not fresh:
                    self._beside(gap + text.rstrip())
                case "comment":
                    self.foot.append(text.rstrip())
                    fresh = False
                case "model":
                    self.entries.append(_Entry(text, self.foot))
                    self.foot, self.comma, fresh = [], False, False
                case "comma":
                    self.comma = True
                case _:
                    pass
            gap = text if piece.lastgroup == "space" else gap if piece.lastgroup == "comma" else " "

    def _beside(self, comment: str) -> None:
        if self.entries:
            self.entries[-1].beside = comment
        else:
            self.head = comment


def refilled(written: str, models: Sequence[str]) -> str:
    """Return the list *written* so that it says *models*.

    A comment moves with the model that it is beside or above of; what is above one that goes stays for the one that comes in its place.
    """
    from tomllib import loads

    pool, before = _Pool(written), loads(f"models = {written}")["models"]
    if before == list(models):
        return written
    left: list[tuple[str, _Entry] | None] = list(zip(before, pool.entries, strict=True))
    chosen = [_found(left, model) for model in models]
    homeless: list[str] = []
    for at, each in enumerate(left):
        if each is not None and at < len(chosen) and chosen[at] is None:
            chosen[at] = _Entry(string(models[at]), each[1].above)
        elif each is not None:
            homeless += [line for line in each[1].above if line]
    return _written(pool, [each or _Entry(string(model), []) for each, model in zip(chosen, models, strict=True)], homeless)


def _found(left: list[tuple[str, _Entry] | None], model: str) -> _Entry | None:
    """Take out of *left* the entry of *model*, if one is there."""
    for at, each in enumerate(left):
        if each is not None and each[0] == model:
            left[at] = None
            return each[1]
    return None


def _written(pool: _Pool, entries: list[_Entry], homeless: list[str]) -> str:
    lines = [f"[{pool.head}"]
    for at, entry in enumerate(entries):
        comma = "," if pool.comma or at < len(entries) - 1 else ""
        lines += [*entry.above, f"{entry.text}{comma}{entry.beside}"]
    lines += [*homeless, *pool.foot]
    body = "\n".join([lines[0], *(f"{pool.indent}{line}" if line else "" for line in lines[1:])])
    return f"{body}\n{pool.closing}]"
