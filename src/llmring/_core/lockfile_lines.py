"""Find where a key path stands in the text of a lockfile: to tell the line of an error, and to edit in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from llmring._core.lockfile_faults import KeyPath


def line_of(text: str, place: KeyPath) -> int:
    """Return the line, from 1, of *place* in *text*, TOML or JSON that is known to be valid; else that of the nearest key around it."""
    return lines_of(text, [place])[0]


def lines_of(text: str, places: Collection[KeyPath]) -> list[int]:
    """Return the line of each of *places*, as :func:`line_of` does, by one walk."""
    found = Scan(text).found if places else {}
    return [next((found[place[:depth]] for depth in range(len(place), -1, -1) if place[:depth] in found), 1) for place in places]


class Section:
    """One TOML header with its assignments: *place* is the table's, *start* and *end* are offsets, comments after it left out."""

    __slots__ = ("end", "place", "start")

    def __init__(self, place: KeyPath, start: int) -> None:
        """Begin at *start*; what follows moves the end."""
        self.place = place
        self.start = self.end = start


class Scan:
    """One walk over a text, TOML or JSON, noting where every key and element is; it trusts the text to be valid."""

    def __init__(self, text: str) -> None:
        """Walk over *text*."""
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, int] = {}
        """The line of each key and element, from 1."""
        self.spans: dict[KeyPath, tuple[int, int]] = {}
        """The offsets of each assigned value, and just behind it."""
        self.sections: list[Section] = []
        """The headers of TOML, in order; what comes before the first one has none."""
        self.tails: dict[KeyPath, int] = {}
        """Of each list that holds something, the offset just behind its last element."""
        self.members: dict[KeyPath, tuple[int, int, int]] = {}
        """Of each key in braces and each element, the offsets of where it begins, of its value, and just behind that."""
        self.repeated: list[tuple[KeyPath, int]] = []
        """Keys that JSON, unlike TOML, lets come again in one object, and the lines where they do."""
        self._elements: dict[KeyPath, int] = {}
        self._lines = 1
        self._counted = 0
        self._json = text.lstrip().startswith("{")
        if self._json:
            self._skip()
            self._value(())
        else:
            self._document()

    def _document(self) -> None:
        table: KeyPath = ()
        while self._skip():
            if self.text[self.at] == "[":
                section = Section((), self.at)
                width = 2 if self.text.startswith("[[", self.at) else 1
                self.at += width
                section.place = table = self._header(repeated=width > 1)
                self.at += width
                self.sections.append(section)
            else:
                self._assignment(table)
            if self.sections:
                self.sections[-1].end = self.at

    def _value(self, place: KeyPath) -> None:
        """Walk over one value: a string, a list, a table in braces, or a bare word."""
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
        line, first = self._line(), self.at
        place = (*table, *self._keys())
        self._note(place, line)
        if place in self.spans:
            self.repeated.append((place, line))
        self.at += 1  # the = or :
        self._skip()
        start = self.at
        self._value(place)
        self.spans[place] = (start, start + len(self.text[start : self.at].rstrip()))
        self.at = self.spans[place][1]
        self.members[place] = (first, start, self.at)

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
            start = self.at
            self._value((*place, count))
            self.at = start + len(self.text[start : self.at].rstrip())
            self.members[*place, count] = (start, start, self.at)
            self.tails[place] = self.at
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
            start = self.at
            if self.text[start] == ".":
                self.at += 1
            elif self.text[start] in "\"'":
                self._string()
                keys.append(self._decoded(self.text[start : self.at]))
            else:
                end = start
                while self.text[end] not in ".=:] \t":
                    end += 1
                keys.append(self.text[start:end])
                self.at = end
        return tuple(keys)

    def _string(self) -> None:
        """Walk over a string of any kind."""
        mark = self.text[self.at]
        quote = mark * 3 if self.text.startswith(mark * 3, self.at) else mark
        start = self.at + len(quote)
        end = self.text.index(quote, start)
        while mark == '"' and self._escaped(start, end):
            end = self.text.index(quote, end + 1)
        self.at = end + len(quote)
        while len(quote) > 1 and self.text.startswith(mark, self.at):  # up to two quotes more belong to the string
            self.at += 1

    def _escaped(self, start: int, at: int) -> bool:
        """Tell whether an odd number of backslashes, none of them before *start*, stands right before *at*."""
        before = self.text[start:at]
        return bool((len(before) - len(before.rstrip("\\"))) % 2)

    def _decoded(self, string: str) -> str:
        """Return the key that *string*, quotes included, stands for."""
        if "\\" not in string or string[0] == "'":
            return string[1:-1]
        if self._json:
            from json import loads

            return loads(string)
        from tomllib import loads as loads_toml

        return loads_toml(f"key = {string}")["key"]

    def _skip(self) -> bool:
        """Pass over white space, commas and comments; tell whether anything is left."""
        text, at, end = self.text, self.at, len(self.text)
        while at < end and (here := text[at]) in " \t\r\n,#":
            if here == "#":
                found = text.find("\n", at)
                at = end if found < 0 else found
            else:
                at += 1
        self.at = at
        return at < end

    def _line(self) -> int:
        """Tell the line that the walk is at; it never goes back behind one that it told."""
        self._lines += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._lines

    def _note(self, place: KeyPath, line: int) -> None:
        """Note *line* for *place* and, where it is the first to name them, for the tables around it."""
        for depth in range(len(place), -1, -1):
            if place[:depth] in self.found:  # and so are those around it
                return
            self.found[place[:depth]] = line
