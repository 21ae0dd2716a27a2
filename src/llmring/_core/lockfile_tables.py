"""Change whole tables of values in the text of a lockfile, pins above all, key by key, so that comments and layout stay."""

from __future__ import annotations

from functools import partial
from json import dumps, loads
from typing import TYPE_CHECKING, Any, cast

from llmring._core.lockfile import parse, syntax
from llmring._core.lockfile_edit import cut, in_lines, line_end, quoted, spliced, string
from llmring._core.lockfile_json import rewritten
from llmring._core.lockfile_lines import Scan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._core.lockfile_faults import KeyPath


def set_pins(text: str, pins: Mapping[str, Mapping[str, Any]]) -> str:
    """Return *text* with just these *pins*, by ``provider:model``.

    Raises:
        LockfileParseError: *text* is no lockfile.

    """
    known = parse(text)["pins"]
    if ("pins",) in Scan(text).spans and known != pins and syntax(text) == "toml":
        text = in_lines(text, lambda text: cut(Scan(text), ("pins",)))
        known = {}
    for name in [name for name in known if name not in pins]:
        text = set_table(text, ("pins", name), {}, known[name])
    for name, row in pins.items():
        text = set_table(text, ("pins", name), row, known.get(name))
    return text


def set_versions(text: str, profile: str, versions: Mapping[str, int]) -> str:
    """Return *text* with just these *versions* of the registry in *profile*, which is there.

    Raises:
        LockfileParseError: *text* is no lockfile.

    """
    known = parse(text)["profiles"][profile]["registry_versions"]
    return set_table(text, ("profiles", profile, "registry_versions"), versions, known or None)


def set_table(text: str, place: tuple[str, ...], row: Mapping[str, Any], known: Mapping[str, Any] | None) -> str:
    """Return *text* whose table at *place*, which now says *known*, says *row*; an empty one goes."""
    if row == (known or {}) and (row or known is None):
        return text
    if syntax(text) == "json":
        return _in_json(text, place, row)
    return in_lines(text, lambda text: _in_toml(Scan(text), place, row, known))


def _in_toml(scan: Scan, place: tuple[str, ...], row: Mapping[str, Any], known: Mapping[str, Any] | None) -> str:
    for depth in range(1, len(place)):
        if place[:depth] in scan.spans:
            return spliced(scan, place[:depth], partial(_put, place=place[depth:], row=row))
    if known is None:
        return _appended(scan, place, row)
    if not row:
        return cut(scan, place)
    if place in scan.spans:
        start, end = scan.spans[place]
        return scan.text[:start] + _inline(row) + scan.text[end:]
    sections = [section for section in scan.sections if section.place[: len(place)] == place]
    if known and len(sections) == 1 and sections[0].place == place and all((*place, key) in scan.spans for key in known):
        return _by_key(scan, place, row, known)
    return _appended(Scan(cut(scan, place)), place, row)


def _by_key(scan: Scan, place: KeyPath, row: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """Change, take out and add single lines of the section at *place*."""
    text = scan.text
    end = line_end(text, max(scan.spans[*place, key][1] for key in known))
    fresh = "".join(f"{quoted(key)} = {_value(value)}\n" for key, value in row.items() if key not in known)
    if fresh:
        text = f"{text[:end].removesuffix(chr(10))}\n{fresh}{text[end:]}"
    for start, end, value in sorted(((*scan.spans[*place, key], row.get(key)) for key in known), reverse=True):
        if value is None:
            text = text[: text.rfind("\n", 0, start) + 1] + text[line_end(text, end) :]
        elif not _says(text[start:end], value):
            text = text[:start] + _value(value) + text[end:]
    return text


def _says(written: str, value: Any) -> bool:
    from tomllib import loads as loads_toml

    return loads_toml(f"value = {written}")["value"] == value


def _appended(scan: Scan, place: tuple[str, ...], row: Mapping[str, Any]) -> str:
    """Put a section of its own behind those around it, or at the end."""
    header = ".".join(map(quoted, place))
    block = f"[{header}]\n" + "".join(f"{quoted(key)} = {_value(value)}\n" for key, value in row.items())
    around = [section.end for section in scan.sections if section.place[: len(place) - 1] == place[:-1]]
    at = line_end(scan.text, max(around, default=len(scan.text)))
    before = scan.text[:at].rstrip("\n")
    return f"{before}\n\n{block}{scan.text[at:]}" if before else block


def _put(value: Any, place: tuple[str, ...], row: Mapping[str, Any]) -> None:
    """Put *row* at *place* inside of *value*, an open table; an empty one goes."""
    for step in place[:-1]:
        value = value.setdefault(step, {})
    if row:
        value[place[-1]] = dict(row)
    else:
        value.pop(place[-1], None)


def _in_json(text: str, place: tuple[str, ...], row: Mapping[str, Any]) -> str:
    tree = cast("dict[str, Any]", loads(text))
    _put(tree, place, row)
    if not tree.get("pins", True):
        del tree["pins"]
    return rewritten(text, tree)


def _inline(row: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{quoted(key)} = {_value(value)}" for key, value in row.items()) + "}"


def _value(value: Any) -> str:
    """Write one value on one line."""
    match value:
        case str():
            return string(value)
        case list():
            return f"[{', '.join(map(_value, cast('list[Any]', value)))}]"
        case dict():
            return _inline(cast("dict[str, Any]", value))
        case _:
            return dumps(value)
