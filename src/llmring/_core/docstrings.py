"""Read what a docstring says of a function and of each parameter, in Google's, NumPy's and Sphinx's styles; anything else is prose."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARAMETERS: Final = frozenset({"args", "arguments", "params", "parameters", "other parameters", "keyword args", "keyword arguments"})
_SECTIONS: Final = PARAMETERS | {
    *("attributes", "example", "examples", "note", "notes", "raises", "references", "return", "returns", "see also", "todo"),
    *("warning", "warnings", "warns", "yield", "yields"),
}
_GOOGLE: Final = re.compile(r"(?P<name>[A-Za-z ]+):")
_GOOGLE_ITEM: Final = re.compile(r"(?P<names>\*{0,2}\w+)(?:\s*\([^:]*\))?\s*:(?!:)\s*(?P<text>.*)")
_NUMPY_ITEM: Final = re.compile(r"(?P<names>\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?")
_RULE: Final = re.compile(r"-{3,}")
_FIELD: Final = re.compile(r"[:@](?P<kind>\w+)(?:\s+(?P<about>[^:]*))?:(?=\s|$)\s*(?P<text>.*)")
_FIELD_KINDS: Final = frozenset({"param", "parameter", "arg", "argument", "key", "keyword", "kwarg"})


class Documented(NamedTuple):
    """What a docstring says."""

    text: str
    """What comes before the first section; empty where there is none."""
    parameters: dict[str, str]
    """Each parameter that is told of, and what is said."""


class _Section(NamedTuple):
    """A headed part of a docstring."""

    name: str
    style: re.Pattern[str]
    lines: list[str]


def read(docstring: str | None) -> Documented:
    """Read *docstring*; a style that is not known leaves all of it as text."""
    lines = cleandoc(docstring or "").splitlines()
    prose, sections = _parted(list(_without_fields(lines)))
    found = dict(_fields(lines))
    for section in sections:
        if section.name in PARAMETERS:
            found |= dict(_items(section))
    return Documented("\n".join(prose).strip(), {name: text for name, text in found.items() if text})


def _parted(lines: list[str]) -> tuple[list[str], list[_Section]]:
    """Part *lines* into what comes before the first section, and the sections."""
    prose: list[str] = []
    sections: list[_Section] = []
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if line.lower() in _SECTIONS and _RULE.fullmatch(following.rstrip()):
            sections.append(_Section(line.lower(), _NUMPY_ITEM, []))
        elif (found := _GOOGLE.fullmatch(line.rstrip())) and found["name"].lower() in _SECTIONS:
            sections.append(_Section(found["name"].lower(), _GOOGLE_ITEM, []))
        else:
            (sections[-1].lines if sections else prose).append(line)
    return prose, sections


def _items(section: _Section) -> Iterator[tuple[str, str]]:
    """Yield the parameters of *section*: an item stands at its first line's indent, what is said goes on further in."""
    lines = [line for line in section.lines if line.strip() and not _RULE.fullmatch(line.strip())]
    indent = min(map(_indent, lines), default=0)
    names: list[str] = []
    texts: list[str] = []
    for line in lines:
        begins = section.style.fullmatch(line.strip()) if _indent(line) == indent else None
        if begins is None:
            texts.append(line.strip())
            continue
        yield from _said(names, texts)
        names = [name.strip().lstrip("*") for name in begins["names"].split(",")]
        texts = [begins["text"]] if section.style is _GOOGLE_ITEM else []
    yield from _said(names, texts)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _said(names: Iterable[str], texts: list[str]) -> Iterator[tuple[str, str]]:
    text = " ".join(texts).strip()
    return ((name, text) for name in names)


# --- Sphinx's fields --------------------------------------------------------------------------------


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what ``:param name:`` and its like say, over several lines where these are indented."""
    name, texts = "", list[str]()
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is not None or not line.startswith((" ", "\t")):
            yield from _said(filter(None, [name]), texts)
            name, texts = "", []
        if found is not None and found["kind"] in _FIELD_KINDS and found["about"]:
            name, texts = found["about"].split()[-1].lstrip("*"), [found["text"]]
        elif name:
            texts.append(line.strip())
    yield from _said(filter(None, [name]), texts)


def _without_fields(lines: list[str]) -> Iterator[str]:
    """Yield the lines before the first field; the fields come last."""
    for line in lines:
        if _FIELD.fullmatch(line):
            return
        yield line
