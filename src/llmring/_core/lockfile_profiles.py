"""Add and remove whole profiles in the text of a lockfile, and say which one is the default; comments and layout of the rest stay."""

from __future__ import annotations

from functools import partial
from json import loads
from typing import TYPE_CHECKING, Any, cast

from llmring._core.lockfile import parse, syntax
from llmring._core.lockfile_edit import bind, comment_above, cut, in_lines, line_end, quoted, spliced, string
from llmring._core.lockfile_json import rewritten
from llmring._core.lockfile_lines import Scan

if TYPE_CHECKING:
    from collections.abc import Mapping


def add_profile(text: str, name: str, like: str | None = None) -> str:
    """Return *text* with the new profile *name*, which has the bindings that the profile *like* has, or none.

    Raises:
        LockfileParseError: *text* is no lockfile.

    """
    rows = parse(text)["profiles"][like]["bindings"] if like is not None else []
    whole: dict[str, Any] = {"name": name} | ({"bindings": rows} if rows else {})
    if syntax(text) == "json":
        return _in_json(text, ("profiles", name), whole)
    if ("profiles",) in Scan(text).spans:
        return in_lines(text, lambda text: spliced(Scan(text), ("profiles",), partial(_put, name=name, profile=whole)))
    text = in_lines(text, lambda text: _added(text, name))
    for each in rows:
        text = bind(text, name, each["alias"], each["models"], each.get("constraints"))
    return text


def remove_profile(text: str, name: str) -> str:
    """Return *text* without the profile *name*.

    Raises:
        LockfileParseError: *text* is no lockfile, or would be none without it.

    """
    parse(text)
    if syntax(text) == "json":
        return _in_json(text, ("profiles", name), None)
    return in_lines(text, lambda text: _removed(Scan(text), name))


def set_default_profile(text: str, name: str) -> str:
    """Return *text* whose default profile is *name*.

    Raises:
        LockfileParseError: *text* is no lockfile.

    """
    parse(text)
    if syntax(text) == "json":
        return _in_json(text, ("default_profile",), name)
    return in_lines(text, lambda text: _default(Scan(text), name))


def _added(text: str, name: str) -> str:
    before = text.rstrip("\n")
    block = f"[profiles.{quoted(name)}]\nname = {string(name)}\n"
    return f"{before}\n\n{block}" if before else block


def _put(profiles: Any, name: str, profile: Mapping[str, Any]) -> None:
    profiles[name] = profile


def _removed(scan: Scan, name: str) -> str:
    if ("profiles",) in scan.spans:
        return spliced(scan, ("profiles",), partial(_take, name=name))
    return cut(scan, ("profiles", name))


def _take(profiles: Any, name: str) -> None:
    del profiles[name]


def _default(scan: Scan, name: str) -> str:
    text, line = scan.text, f"default_profile = {string(name)}\n"
    if ("default_profile",) in scan.spans:
        start, end = scan.spans["default_profile",]
        return text[:start] + string(name) + text[end:]
    if ("version",) in scan.spans:
        at = line_end(text, scan.spans["version",][1])
        return f"{text[:at].removesuffix(chr(10))}\n{line}{text[at:]}"
    first = [section.start for section in scan.sections[:1]] + [start for start, _ in scan.spans.values()]
    if not first:
        return f"{text.rstrip()}\n{line}".lstrip("\n")
    at = comment_above(text, text.rfind("\n", 0, min(first)) + 1)
    return f"{text[:at]}{line}\n{text[at:]}"


def _in_json(text: str, place: tuple[str, ...], value: Mapping[str, Any] | str | None) -> str:
    """Put *value* at *place*, or take away what is there."""
    tree = cast("dict[str, Any]", loads(text))
    table = tree
    for step in place[:-1]:
        table = table.setdefault(step, {})
    if value is None:
        table.pop(place[-1], None)
    else:
        table[place[-1]] = value
    return rewritten(text, tree)
