"""How tool calls, their results and what servers offer look on a terminal: as lines, folded and bounded; nothing is written here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from llmring.schemas import Part

MARK, EDGE = "→", "│"
LINES = 8
"""Lines of a result that are shown; the model gets all of it."""
WHOLE = 60
"""Lines of a call that are shown to one who is asked for leave."""
_CUT = "..."
_KILO, _MEGA = 1000, 1_000_000
_VALUE = 60
"""Characters of one argument that are shown before it is cut, where there is no room for all."""


def cut(text: str, columns: int) -> str:
    """Cut *text* to so many *columns*, and mark that."""
    return text if len(text) <= columns else text[: max(columns - len(_CUT), 0)].rstrip() + _CUT


def call_line(name: str, arguments: Mapping[str, Any] | None, columns: int) -> str:
    """Tell in one line which tool is called with what."""
    return cut(f"{MARK} {name}({', '.join(_pairs(arguments, columns))})", columns)


def call_lines(name: str, arguments: Mapping[str, Any] | None, columns: int) -> list[str]:
    """Tell which tool is called with what, wrapped and not cut, for one who is asked to approve of it; what is endless is told to be."""
    line = f"{MARK} {name}({', '.join(_pairs(arguments, None))})"
    if len(line) <= columns and "\n" not in line:
        return [line]
    found = [f"{MARK} {name}"]
    for key, value in (arguments or {}).items():
        first, *more = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)).split("\n")
        found += wrapped(f"    {key}: {first}", columns)
        found += [piece for each in more for piece in wrapped(f"      {each}", columns)]
    if len(found) <= WHOLE:
        return found
    return [*found[:WHOLE], f"    ({len(found) - WHOLE:,} more lines, which are not shown)"]


def wrapped(text: str, columns: int) -> list[str]:
    """Break the one line *text* where it is too long, between words if it can be; what follows is indented."""
    from textwrap import wrap

    indent = " " * (len(text) - len(text.lstrip()) + 2)
    return wrap(text, columns, subsequent_indent=indent, replace_whitespace=False, drop_whitespace=True) or [""]


def _pairs(arguments: Mapping[str, Any] | None, columns: int | None) -> Iterable[str]:
    for key, value in (arguments or {}).items():
        told = json.dumps(value, ensure_ascii=False)
        yield f"{key}={told if columns is None else cut(told, max(columns // 2, _VALUE))}"


def folded(text: str, columns: int, most: int = LINES) -> list[str]:
    """Give the first lines of *text*, cut to *columns*, and tell how much more there is."""
    lines = text.strip("\n").expandtabs(4).split("\n")
    kept = [cut(f"  {EDGE} {line}", columns) for line in lines[:most]]
    if len(lines) > most + 1:
        return [*kept, f"  {EDGE} ({len(lines) - most:,} more lines)"]
    return kept if len(lines) <= most else [*kept, cut(f"  {EDGE} {lines[most]}", columns)]


def told(result: str | Sequence[Part]) -> str:
    """Give the text of a tool's *result*; of what is no text its kind and size."""
    return result if isinstance(result, str) else "\n".join(map(part, result))


def part(each: Part) -> str:
    """Give the text of a part, or tell what it is."""
    text = getattr(each, "text", None)
    if isinstance(text, str):
        return text
    data = getattr(each, "data", None)
    size = f", {amount(len(data))}" if isinstance(data, bytes) else ""
    where = getattr(each, "url", None) or getattr(each, "path", None)
    return f"({getattr(each, 'media_type', None) or each.type}{size}{f', {where}' if where else ''})"


def amount(count: int) -> str:
    """Give a number of bytes in few characters."""
    if count < _KILO:
        return f"{count} bytes"
    return f"{count / _KILO:.1f} kB" if count < _MEGA else f"{count / _MEGA:.1f} MB"


def listing(rows: Iterable[tuple[str, str | None]], columns: int) -> list[str]:
    """Lay names and what is told of them out as two columns, cut to so many *columns*; below a long name stands what is told of it."""
    found = [(name, " ".join((words or "").split())) for name, words in rows]
    room = max(columns // 2, 10)
    wide = max((len(name) for name, _ in found if len(name) <= room), default=0)
    lines: list[str] = []
    for name, words in found:
        if len(name) <= room:
            lines.append(cut(f"{name:<{wide}}  {words}".rstrip(), columns))
        else:
            lines += [name, *([cut(f"    {words}", columns)] if words else [])]
    return lines
