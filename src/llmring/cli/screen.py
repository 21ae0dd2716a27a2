"""The demo's page: one line for each thing shown, no wider than the terminal; written to stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring.cli.terminal import columns, out, paint, visible, width

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL = 12
ELLIPSIS = "..."


class Screen:
    """Writes from top to bottom; what is wider than the terminal is cut, what is no terminal gets it whole."""

    def __init__(self, *, silent: bool = False) -> None:
        """Measure the terminal; nothing is written where *silent*."""
        self._silent = silent
        self._width = width()
        self._column = 0
        self.live = self._width is not None and not silent
        """Whether somebody watches."""

    def text(self, text: str) -> None:
        """Write a paragraph; the terminal may wrap it."""
        self._put(text + "\n")

    def title(self, name: str, detail: str) -> None:
        """Begin a section."""
        self._put(f"\n{paint(name, bold=True)} {paint(detail, dim=True)}\n")

    def line(self, label: str, text: str) -> None:
        """Write one line."""
        self.begin(label)
        self.more(text)
        self.end()

    def begin(self, label: str) -> None:
        """Begin a line that is written piece by piece."""
        self._put(f"  {paint(label.ljust(LABEL), fg='cyan')}")
        self._column = 2 + LABEL

    def more(self, piece: str) -> None:
        """Write *piece*, as far as there is room for it and for the mark that something was cut."""
        if self._width is None:
            self._put(piece)
            return
        room = self._width - len(ELLIPSIS) - 1 - self._column
        if len(piece) > room >= 0:
            piece = piece[:room] + ELLIPSIS
        if room >= 0:
            self._put(piece)
        self._column += len(piece)

    def end(self) -> None:
        """End the line."""
        self._put("\n")

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], closing: Sequence[str]) -> None:
        """Write a table: texts on the left, numbers on the right, *headings* and *closing* bold."""
        lines = (headings, *rows, closing)
        aligned = [align(column) for column in zip(*lines, strict=True)]
        self._put("\n")
        for at, cells in enumerate(zip(*aligned, strict=True)):
            self._put(f"  {paint('  '.join(cells), bold=at in {0, len(rows) + 1})}\n")

    def _put(self, text: str) -> None:
        if not self._silent:
            out(text)


def align(column: Sequence[str]) -> list[str]:
    """Pad the cells of a *column*, its heading first: numbers to the right, texts to the left."""
    told = [visible(cell) for cell in column]
    wide = max(map(columns, told))
    numbers = told[-1].lstrip("$")[:1].isdigit()
    return [" " * (wide - columns(cell)) + cell if numbers else cell + " " * (wide - columns(cell)) for cell in told]
