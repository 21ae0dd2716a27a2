"""Change bindings in the text of a lockfile, leaving its comments, order and layout as they are."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.lockfile import parse, syntax
from llmring._core.lockfile_json import rewritten
from llmring._core.lockfile_lines import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence

    from llmring._core.lockfile import Profile
    from llmring._core.lockfile_faults import KeyPath

    Rows = MutableSequence[MutableMapping[str, Any]]

_BLANK: Final = re.compile(r"(?:\s|#[^\n]*)*")
"""White space and comments."""


def bind(text: str, profile: str, alias: str, models: Sequence[str], constraints: Mapping[str, Any] | None = None) -> str:
    """Return *text* with *alias* bound to *models* in *profile*, both made where they are new; *constraints* of None stay, empty ones go.

    Raises:
        LockfileParseError: *text* is no lockfile.

    """
    at = _position(text, profile, alias)
    if syntax(text) == "json":
        tree = _json(text)
        _bind_row(_rows(tree, profile), at, alias, models, constraints)
        return rewritten(text, tree)
    return in_lines(text, lambda text: _bind(Scan(text), profile, at, alias, models, constraints))


def unbind(text: str, profile: str, alias: str) -> str:
    """Return *text* without the binding of *alias* in *profile*; the profile stays, even when nothing is left in it.

    Raises:
        LockfileParseError: *text* is no lockfile.

    """
    at = _position(text, profile, alias)
    if at is None:
        return text
    if syntax(text) == "json":
        tree = _json(text)
        del _rows(tree, profile)[at]
        return rewritten(text, tree)
    return in_lines(text, lambda text: _unbind(Scan(text), profile, at))


def _bind(  # noqa: PLR0913, PLR0917 - one binding
    scan: Scan, profile: str, at: int | None, alias: str, models: Sequence[str], constraints: Mapping[str, Any] | None
) -> str:
    place = ("profiles", profile, "bindings")
    if place in scan.spans:
        return spliced(scan, place, lambda rows: _bind_row(rows, at, alias, models, constraints))
    if at is None:
        around = next((place[:depth] for depth in (1, 2) if place[:depth] in scan.spans), None)
        if around is not None:
            rows: Rows = []
            _bind_row(rows, None, alias, models, constraints)
            return spliced(scan, around, partial(_put, place=place[len(around) :], rows=rows))
        return _insert(scan, profile, _block(profile, alias, models, constraints))
    if constraints is not None:
        scan = Scan(_constrain(scan, (*place, at), _constraints(profile, constraints)))
    start, end = scan.spans[*place, at, "models"]
    if "\n" not in scan.text[start:end]:
        return scan.text[:start] + _pool(models) + scan.text[end:]
    from llmring._core.lockfile_pool import refilled

    return scan.text[:start] + refilled(scan.text[start:end], models) + scan.text[end:]


def _unbind(scan: Scan, profile: str, at: int) -> str:
    place = ("profiles", profile, "bindings")
    if place in scan.spans:
        rows = _Inline(scan, place)
        del rows.value[at]
        return rows.spliced()
    from tomllib import loads

    left = cut(scan, (*place, at))  # no lockfile where the default profile went with its last binding
    if profile in loads(left).get("profiles", {}):
        return left
    return f"{left}{'' if left.endswith(chr(10)) or not left else chr(10)}[profiles.{quoted(profile)}]\n"


def in_lines(text: str, change: Callable[[str], str]) -> str:
    """Make a *change* that knows one kind of line end alone, and keep that of *text*."""
    foreign = "\r\n" in text and text.count("\r\n") == text.count("\n")
    return change(text.replace("\r\n", "\n")).replace("\n", "\r\n") if foreign else change(text)


def spliced(scan: Scan, place: KeyPath, change: Callable[[Any], None]) -> str:
    """Return the text after a *change* of the one value at *place*, whose layout stays."""
    inline = _Inline(scan, place)
    change(inline.value)
    return inline.spliced()


class _Inline:
    """One value of a TOML text, open for edits that keep its layout."""

    def __init__(self, scan: Scan, place: KeyPath) -> None:
        from tomlkit import parse as open_toml

        self._text = scan.text
        self._span = scan.spans[place]
        self._document: Any = open_toml(f"value = {_closed(scan, place)}\n")
        self.value = self._document["value"]

    def spliced(self) -> str:
        from tomlkit import dumps

        start, end = self._span
        return self._text[:start] + dumps(self._document).removeprefix("value = ").removesuffix("\n") + self._text[end:]


def _closed(scan: Scan, place: KeyPath) -> str:
    """Return the value at *place* with a comma behind every last element that a comment follows: tomlkit would add further ones to it."""
    start, end = scan.spans[place]
    text = scan.text
    for tail in sorted((tail for inside, tail in scan.tails.items() if inside[: len(place)] == place), reverse=True):
        behind = _BLANK.match(text, tail)
        if behind and "#" in behind[0] and text[behind.end()] != ",":
            text, end = f"{text[:tail]},{text[tail:]}", end + 1
    return text[start:end]


def _position(text: str, profile: str, alias: str) -> int | None:
    """Return which binding of *profile* is that of *alias*, counted from 0."""
    known: Profile | None = parse(text)["profiles"].get(profile)
    aliases = [binding["alias"] for binding in known["bindings"]] if known else []
    return aliases.index(alias) if alias in aliases else None


def _bind_row(rows: Rows, at: int | None, alias: str, models: Sequence[str], constraints: Mapping[str, Any] | None) -> None:
    if at is None:
        rows.append({"alias": alias, "models": list(models)})
        at = len(rows) - 1
    _refill(rows[at]["models"], models)
    if constraints:
        rows[at]["constraints"] = dict(constraints)
    elif constraints is not None:
        rows[at].pop("constraints", None)


def _put(table: Any, place: tuple[str, ...], rows: Rows) -> None:
    """Put *rows* at *place* inside of *table*, which is written in braces."""
    for step in place[:-1]:
        table = table.setdefault(step, {})
    table[place[-1]] = rows


def _refill(pool: MutableSequence[str], models: Sequence[str]) -> None:
    """Make *pool* hold *models*, touching as little of it as that takes, since each entry may have a comment."""
    for model in [model for model in pool if model not in models]:
        pool.remove(model)
    if [model for model in models if model in pool] != list(pool):
        pool.clear()
    for at, model in enumerate(models):
        if at >= len(pool) or pool[at] != model:
            pool.insert(at, model)


def _insert(scan: Scan, profile: str, block: str) -> str:
    """Put *block* behind the last section of *profile*, or at the end, with an empty line before it."""
    own = [section.end for section in scan.sections if section.place[:2] == ("profiles", profile)]
    at = line_end(scan.text, max(own, default=len(scan.text)))
    before = scan.text[:at].rstrip("\n")
    return f"{before}\n\n{block}{scan.text[at:]}" if before else block


def cut(scan: Scan, place: KeyPath) -> str:
    """Return the text without anything that is said of *place*, and without the comment right above its header."""
    text, depth = scan.text, len(place)
    sections = [section for section in scan.sections if section.place[:depth] == place]
    said = [(section.start, section.end) for section in sections] + [span for at, span in scan.spans.items() if at[:depth] == place]
    lines = [(text.rfind("\n", 0, start) + 1, line_end(text, end)) for start, end in said]
    if sections:
        head = text.rfind("\n", 0, sections[0].start) + 1
        lines.append((comment_above(text, head), head))
    for start, end in reversed(_merged(lines)):
        tail = text[end:]
        text = text[:start] + (tail.removeprefix("\n") if text[:start].endswith("\n\n") or not start else tail)
    return text


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join ranges that touch."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def comment_above(text: str, head: int) -> int:
    """Return where the comment that ends right before *head*, the beginning of a line, begins."""
    while head:
        above = text.rfind("\n", 0, head - 1) + 1
        if not text.startswith("#", above):
            break
        head = above
    return head


def _constrain(scan: Scan, place: KeyPath, block: str) -> str:
    """Return the text with *block* for the constraints of the binding at *place*, whatever they were."""
    scan = Scan(cut(scan, (*place, "constraints")))
    at = line_end(scan.text, max(section.end for section in scan.sections if section.place == place))
    before = scan.text[:at].removesuffix("\n")
    return f"{before}\n{block}{scan.text[at:]}"


def _block(profile: str, alias: str, models: Sequence[str], constraints: Mapping[str, Any] | None) -> str:
    block = f"[[profiles.{quoted(profile)}.bindings]]\nalias = {string(alias)}\nmodels = {_pool(models)}\n"
    return block + _constraints(profile, constraints)


def _pool(models: Sequence[str]) -> str:
    return f"[{', '.join(map(string, models))}]"


def _constraints(profile: str, constraints: Mapping[str, Any] | None) -> str:
    from tomli_w import dumps

    return "" if not constraints else dumps({"profiles": {profile: {"bindings": {"constraints": constraints}}}})


def quoted(key: str) -> str:
    """Write a TOML key, bare where it may be."""
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else string(key)


def string(value: str) -> str:
    """Write a TOML string: as JSON does, but for the one character that only TOML wants escaped."""
    from json import dumps

    return dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def line_end(text: str, at: int) -> int:
    """Return where the line after that of *at* begins."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _json(text: str) -> dict[str, Any]:
    from json import loads

    return cast("dict[str, Any]", loads(text))


def _rows(tree: dict[str, Any], profile: str) -> Rows:
    return cast("Rows", tree.setdefault("profiles", {}).setdefault(profile, {}).setdefault("bindings", []))
