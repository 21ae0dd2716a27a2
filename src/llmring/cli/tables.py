"""Tables: as wide as they need to be for a file, folded to the width of a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmring.cli.terminal import columns as wide
from llmring.cli.terminal import out, paint, visible, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NARROWEST = 16
"""Columns that a folded column keeps."""
GAP = "  "
_NUMBER = re.compile(r"[+-]?\$?\d[\d,.]*( ?%|k|M|G)?")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, colours: Mapping[str, str] | None = None) -> None:
    """Write *rows* below *headings*; a terminal that is too narrow has the widest column folded, and cells in *colours* are painted."""
    lines = [tuple(headings), *(tuple(map(_line, row)) for row in rows)]
    columns = _folded(list(zip(*lines, strict=True)), width())
    told: list[str] = []
    for at, cells in enumerate(zip(*columns, strict=True)):
        height = max(map(len, cells))
        for depth in range(height):
            pieces = [cell[depth] if depth < len(cell) else " " * wide(cell[0]) for cell in cells]
            if at == 0:
                told.append(paint(GAP.join(pieces).rstrip(), bold=True))
            else:
                told.append(GAP.join(_painted(piece, colours or {}) for piece in pieces).rstrip())
    out("\n".join([*told, ""]))


def facts(rows: Iterable[tuple[str, str]]) -> None:
    """Write names and what is to be said of each, below each other; long texts are folded on a terminal."""
    told = list(rows)
    size_of_names = max((wide(name) for name, _ in told), default=0)
    room = width()
    for name, text in told:
        lines = visible(text).splitlines() or [""]
        if room is not None:
            size = max(room - size_of_names - len(GAP) - 1, NARROWEST)
            lines = [piece for line in lines for piece in _wrapped(line, size)]
        for at, line in enumerate(lines):
            label = paint(_padded(name, size_of_names), fg="cyan") if at == 0 and name else " " * size_of_names
            out(f"{label}{GAP}{line}".rstrip() + "\n")


def _painted(piece: str, colours: Mapping[str, str]) -> str:
    colour = colours.get(piece.strip())
    return paint(piece, fg=colour) if colour else piece


def _folded(columns: list[tuple[str, ...]], room: int | None) -> list[list[list[str]]]:
    """Give the lines of every cell by column, padded; wide ones are folded to fit *room*, words broken only if need be."""
    needed = [max(map(wide, column)) for column in columns]
    sizes = list(needed)
    if room is not None:
        room -= 1 + len(GAP) * (len(sizes) - 1)
        words = [max(wide(word) for cell in column for word in cell.split() or [""]) for column in columns]
        _narrow(sizes, [min(word, max(NARROWEST, room // 2)) for word in words], room)
        _narrow(sizes, [NARROWEST] * len(sizes), room)
    folded: list[list[list[str]]] = []
    for column, size, whole in zip(columns, sizes, needed, strict=True):
        if whole <= size:
            told = [cell for cell in column[1:] if cell not in {"", "-"}]
            numbers = bool(told) and all(map(_NUMBER.fullmatch, told))
            folded.append([[cell.rjust(size) if numbers else _padded(cell, size)] for cell in column])
        else:
            folded.append([[_padded(line, size) for line in _wrapped(cell, size)] for cell in column])
    return folded


def _narrow(sizes: list[int], least: Sequence[int], room: int) -> None:
    """Take from the widest of the *sizes* that are not yet at their *least*, until all fit into *room*."""
    while sum(sizes) > room:
        spare = [at for at, size in enumerate(sizes) if size > least[at]]
        if not spare:
            return
        sizes[max(spare, key=lambda at: sizes[at])] -= 1


def _line(cell: str) -> str:
    """Give *cell* on one line, nothing in it that could steer a terminal."""
    return cell if cell.isprintable() else visible(cell.replace("\n", "\N{REPLACEMENT CHARACTER}"))


def _padded(text: str, size: int) -> str:
    return text.ljust(size) if text.isascii() else text + " " * (size - wide(text))


def _wrapped(text: str, size: int) -> list[str]:
    """Fold *text* between words where that can be."""
    from textwrap import wrap

    lines = wrap(text, size, break_long_words=True, break_on_hyphens=False) or [""]
    return lines if text.isascii() else [piece for line in lines for piece in _halved(line, size)]


def _halved(line: str, size: int) -> list[str]:
    """Fold a *line* that has characters of two columns, and so may be too wide, at the last one that fits."""
    pieces = [""]
    for each in line:
        if wide(pieces[-1] + each) > size:
            pieces.append("")
        pieces[-1] += each
    return [piece.strip() for piece in pieces]
