"""Find the line of a key path in the text of a lockfile; used only to tell where an error is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmring._core.lockfile_check import KeyPath


def line_of(text: str, place: KeyPath) -> int:
    """Return the line, from 1, of *place* in *text*, TOML or JSON that is known to be valid; else that of the nearest key around it."""
    scan = _Scan(text)
    if text.lstrip().startswith("{"):
        scan.value(())
    else:
        scan.document()
    while place and place not in scan.found:
        place = place[:-1]
    return scan.found.get(place, 1)


class _Scan:
    """One walk over a text, noting the line of every key and element; it trusts the text to be valid."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, int] = {}
        self._elements: dict[KeyPath, int] = {}

    def document(self) -> None:
        """Walk over TOML statements: headers and assignments."""
        table: KeyPath = ()
        while self._skip():
            if self.text.startswith("[[", self.at):
                self.at += 2
                table = self._header(repeated=True)
                self.at += 2
            elif self.text[self.at] == "[":
                self.at += 1
                table = self._header(repeated=False)
                self.at += 1
            else:
                self._assignment(table)

    def value(self, place: KeyPath) -> None:
        """Walk over one value: a string, a list, a table in braces, or a bare word."""
        self._skip()
        match self.text[self.at : self.at + 1]:
            case '"' | "'":
                self._string()
            case "[":
                self._list(place)
            case "{":
                self._braces(place)
            case _:
                while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                    self.at += 1

    def _assignment(self, table: KeyPath) -> None:
        line = self._line()
        place = (*table, *self._keys())
        self._note(place, line)
        self.at += 1  # the = or :
        self.value(place)

    def _header(self, *, repeated: bool) -> KeyPath:
        line = self._line()
        keys = self._keys()
        place: KeyPath = ()
        for depth, key in enumerate(keys):
            place = (*place, key)
            last = depth == len(keys) - 1
            if last and repeated:
                self._note(place, line)
                self._elements[place] = self._elements.get(place, -1) + 1
            if place in self._elements:
                place = (*place, self._elements[place])
        self._note(place, line)
        return place

    def _list(self, place: KeyPath) -> None:
        self.at += 1
        count = 0
        while self._skip() and self.text[self.at] != "]":
            self._note((*place, count), self._line())
            self.value((*place, count))
            count += 1
        self.at += 1

    def _braces(self, place: KeyPath) -> None:
        self.at += 1
        while self._skip() and self.text[self.at] != "}":
            self._assignment(place)
        self.at += 1

    def _keys(self) -> KeyPath:
        """Read a dotted key, up to its ``=``, ``:`` or ``]``."""
        keys: list[str] = []
        while self._skip() and self.text[self.at] not in "=:]":
            if self.text[self.at] == ".":
                self.at += 1
            elif self.text[self.at] in "\"'":
                keys.append(self._string())
            else:
                start = self.at
                while self.text[self.at] not in ".=:] \t":
                    self.at += 1
                keys.append(self.text[start : self.at])
        return tuple(keys)

    def _string(self) -> str:
        """Read a string of any kind; escapes of quotes only, which is enough to name a key."""
        mark = self.text[self.at]
        quote = mark * 3 if self.text.startswith(mark * 3, self.at) else mark
        start = self.at = self.at + len(quote)
        while not self.text.startswith(quote, self.at):
            self.at += 2 if mark == '"' and self.text[self.at] == "\\" else 1
        end = self.at
        self.at += len(quote)
        while len(quote) > 1 and self.text.startswith(mark, self.at):  # up to two quotes more belong to the string
            self.at += 1
        return self.text[start:end].replace(f"\\{mark}", mark)

    def _skip(self) -> bool:
        """Pass over white space, commas and comments; tell whether anything is left."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at] in " \t\r\n,":
                self.at += 1
            else:
                return True
        return False

    def _line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def _note(self, place: KeyPath, line: int) -> None:
        """Note *line* for *place* and, where it is the first to name them, for the tables around it."""
        for depth in range(len(place), -1, -1):
            self.found.setdefault(place[:depth], line)
