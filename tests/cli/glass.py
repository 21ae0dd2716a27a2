"""What a terminal shows of what is written to it: lines, and where the cursor is; colours are left out, and what scrolls away is kept."""

from __future__ import annotations

import re
from typing import Final

ROWS: Final = 50
_STEERING: Final = re.compile(r"\x1b(?:\[([?>=]?)([0-9;]*)([@-~])|[()][A-Z0-9]|[=>78])")
_PARTIAL: Final = re.compile(r"\x1b(?:\[[?>=]?[0-9;]*|[()])?$")


class Glass:
    """The screen of a terminal, as far as programs here use it."""

    def __init__(self, columns: int) -> None:
        """Begin empty, with so many *columns*."""
        self._columns = columns
        self._lines: list[str] = [""]
        self._top = 0
        self._row = self._column = 0
        self._rest = ""

    @property
    def text(self) -> str:
        """All lines, those that have scrolled away too."""
        return "\n".join(line.rstrip() for line in self._lines).rstrip()

    @property
    def line(self) -> str:
        """The line of the cursor, up to it."""
        return self._lines[self._row][: self._column].ljust(self._column)

    def write(self, text: str) -> str:
        """Show *text*; give what the terminal answers to it."""
        text, answer = self._rest + text, ""
        partial = _PARTIAL.search(text)
        text, self._rest = (text[: partial.start()], partial[0]) if partial else (text, "")
        at = 0
        for steering in _STEERING.finditer(text):
            self._plain(text[at : steering.start()])
            at = steering.end()
            if steering[3] and not steering[1]:
                answer += self._steered(steering[3], [int(number or 0) for number in steering[2].split(";")])
        self._plain(text[at:])
        return answer

    def _plain(self, text: str) -> None:
        for letter in text:
            match letter:
                case "\r":
                    self._column = 0
                case "\n":
                    self._go(self._row + 1)
                case "\b":
                    self._column = max(self._column - 1, 0)
                case _ if letter >= " ":
                    self._letter(letter)
                case _:
                    pass

    def _letter(self, letter: str) -> None:
        if self._column == self._columns:
            self._go(self._row + 1)
            self._column = 0
        line = self._lines[self._row].ljust(self._column)
        self._lines[self._row] = line[: self._column] + letter + line[self._column + 1 :]
        self._column += 1

    def _go(self, row: int) -> None:
        """Go to *row*, counted from the first of all; lines that are not there yet are made."""
        self._row = max(row, self._top)
        self._lines += [""] * (self._row + 1 - len(self._lines))
        self._top = max(self._top, self._row + 1 - ROWS)

    def _steered(self, what: str, numbers: list[int]) -> str:
        """Do *what* a sequence says; give the answer."""
        if what == "n":
            return f"\x1b[{self._row - self._top + 1};{self._column + 1}R"
        if what in "KJ":
            self._erase(numbers[0])
            del self._lines[self._row + 1 if what == "J" else len(self._lines) :]
        elif what not in "mhl":
            self._move(what, [max(number, 1) for number in numbers])
        return ""

    def _move(self, what: str, by: list[int]) -> None:
        match what:
            case "A":
                self._go(self._row - by[0])
            case "B":
                self._go(min(self._row + by[0], self._top + ROWS - 1))
            case "C":
                self._column = min(self._column + by[0], self._columns - 1)
            case "D":
                self._column = max(self._column - by[0], 0)
            case "G":
                self._column = by[0] - 1
            case "H":
                self._go(self._top + by[0] - 1)
                self._column = by[1] - 1 if len(by) > 1 else 0
            case _:
                raise NotImplementedError(what)

    def _erase(self, what: int) -> None:
        """Erase the rest of the line, its beginning, or all of it."""
        line = self._lines[self._row]
        self._lines[self._row] = (line[: self._column], " " * self._column + line[self._column :], "")[what]
