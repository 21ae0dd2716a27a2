"""Tables: as wide as they need to be for a file, folded to the width of a terminal."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from llmring.cli.terminal import out, paint, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NARROWEST = 16
"""Columns that a folded column keeps."""
GAP = "  "
_NUMBER = re.compile(r"[+-]?\$?\d[\d,.]*( ?%|k|M|G)?")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, colours: Mapping[str, str] | None = None) -> None:
    """Write *rows* below *headings*; a terminal that is too narrow has the widest column folded, and cells in *colours* are painted."""
    lines = [tuple(headings), *(tuple(row) for row in rows)]
    columns = _folded(list(zip(*lines, strict=True)), width())
    for at, cells in enumerate(zip(*columns, strict=True)):
        height = max(map(len, cells))
        for depth in range(height):
            pieces = [cell[depth] if depth < len(cell) else " " * len(cell[0]) for cell in cells]
            if at == 0:
                out(paint(GAP.join(pieces).rstrip(), bold=True) + "\n")
            else:
                out(GAP.join(_painted(piece, colours or {}) for piece in pieces).rstrip() + "\n")


def facts(rows: Iterable[tuple[str, str]]) -> None:
    """Write names and what is to be said of each, below each other; long texts are folded on a terminal."""
    told = list(rows)
    wide = max((len(name) for name, _ in told), default=0)
    room = width()
    for name, text in told:
        lines = text.splitlines() or [""]
        if room is not None:
            size = max(room - wide - len(GAP) - 1, NARROWEST)
            lines = [piece for line in lines for piece in _wrapped(line, size)]
        for at, line in enumerate(lines):
            label = paint(name.ljust(wide), fg="cyan") if at == 0 and name else " " * wide
            out(f"{label}{GAP}{line}".rstrip() + "\n")


def _painted(piece: str, colours: Mapping[str, str]) -> str:
    colour = colours.get(piece.strip())
    return paint(piece, fg=colour) if colour else piece


def _folded(columns: list[tuple[str, ...]], room: int | None) -> list[list[list[str]]]:
    """Give the lines of every cell by column, padded; wide ones are folded to fit *room*, words broken only if need be."""
    sizes = [max(map(len, column)) for column in columns]
    if room is not None:
        room -= 1 + len(GAP) * (len(sizes) - 1)
        words = [max(len(word) for cell in column for word in cell.split() or [""]) for column in columns]
        _narrow(sizes, [min(word, max(NARROWEST, room // 2)) for word in words], room)
        _narrow(sizes, [NARROWEST] * len(sizes), room)
    folded: list[list[list[str]]] = []
    for column, size in zip(columns, sizes, strict=True):
        if max(map(len, column)) <= size:
            told = [cell for cell in column[1:] if cell not in {"", "-"}]
            numbers = bool(told) and all(map(_NUMBER.fullmatch, told))
            folded.append([[cell.rjust(size) if numbers else cell.ljust(size)] for cell in column])
        else:
            folded.append([[line.ljust(size) for line in _wrapped(cell, size)] for cell in column])
    return folded


def _narrow(sizes: list[int], least: Sequence[int], room: int) -> None:
    """Take from the widest of the *sizes* that are not yet at their *least*, until all fit into *room*."""
    while sum(sizes) > room:
        spare = [at for at, size in enumerate(sizes) if size > least[at]]
        if not spare:
            return
        sizes[max(spare, key=lambda at: sizes[at])] -= 1


def _wrapped(text: str, size: int) -> list[str]:
    """Fold *text* between words where that can be."""
    return textwrap.wrap(text, size, break_long_words=True, break_on_hyphens=False) or [""]
