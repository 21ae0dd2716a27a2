"""Change what a lockfile in JSON says, leaving the layout of all that stays the same; what is to be said is decided elsewhere."""

from __future__ import annotations

from json import dumps, loads
from typing import TYPE_CHECKING, Any, cast

from llmring._core.lockfile_lines import Scan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmring._core.lockfile_faults import KeyPath


def rewritten(text: str, tree: Mapping[str, Any]) -> str:
    """Return *text*, a JSON object, so that it says *tree*; what it says already keeps its layout, what is new is written alike."""
    page = _Page(text)
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    return text[:start] + page.told((), (start, end), loads(text), tree) + text[end:]


class _Page:
    """A text, and where its parts are."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.scan = Scan(text)
        self.end = "\r\n" if "\r\n" in text else "\n"
        self.step = self._indent()

    def _indent(self) -> str | None:
        """Give the indent of the outermost keys; None where everything is on one line."""
        first = self.text.find('"')
        line = self.text.rfind("\n", 0, first) + 1
        indent = self.text[line:first]
        return indent if line and indent.isspace() else None

    def told(self, place: KeyPath, span: tuple[int, int], old: Any, new: Any) -> str:
        """Give the text of *new*, which comes for *old* at *place*, where *span* is."""
        if old == new and dumps(old) == dumps(new):  # 1 is no true, and order counts
            return self.text[span[0] : span[1]]
        if isinstance(old, dict) and isinstance(new, dict) and old:
            return self._object(place, span, cast("dict[str, Any]", old), cast("dict[str, Any]", new))
        if isinstance(old, list) and isinstance(new, list) and old:
            return self._list(place, span, cast("list[Any]", old), cast("list[Any]", new))
        return self._fresh(cast("object", new), len(place))

    def _object(self, place: KeyPath, span: tuple[int, int], old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        found = {key: self.scan.members[*place, key] for key in old}
        kept = {key: self._member(found[key], self.told((*place, key), found[key][1:], old[key], new[key])) for key in old if key in new}
        fresh = {key: f"{dumps(key, ensure_ascii=False)}: {self._fresh(new[key], len(place) + 1)}" for key in new if key not in old}
        return self._joined(span, [(where[0], where[2]) for where in found.values()], [*kept.values(), *fresh.values()])

    def _member(self, where: tuple[int, int, int], value: str) -> str:
        """Give a key as it is written, with its *value*."""
        return self.text[where[0] : where[1]] + value

    def _list(self, place: KeyPath, span: tuple[int, int], old: Sequence[Any], new: Sequence[Any]) -> str:
        found = [self.scan.members[*place, at] for at in range(len(old))]
        same = len(old) == len(new)
        told: list[str] = []
        left = list(range(len(old)))
        for at, value in enumerate(new):
            known = at if same else next((each for each in left if old[each] == value), None)
            if known is None:
                told.append(self._fresh(value, len(place) + 1))
            else:
                left.remove(known)
                told.append(self.told((*place, known), found[known][1:], old[known], value))
        return self._joined(span, [(where[1], where[2]) for where in found], told)

    def _joined(self, span: tuple[int, int], found: Sequence[tuple[int, int]], told: Sequence[str]) -> str:
        """Put *told* between the brackets at *span*, parted like those *found* there."""
        if not told:
            return self.text[span[0]] + self.text[span[1] - 1]
        before, behind = self.text[span[0] : found[0][0]], self.text[found[-1][1] : span[1]]
        between = self.text[found[0][1] : found[1][0]] if len(found) > 1 else f",{before[1:] or ' '}"
        return before + between.join(told) + behind

    def _fresh(self, value: object, depth: int) -> str:
        """Write *value* as the rest is written, inside of *depth* others."""
        if self.step is None:
            return dumps(value, ensure_ascii=False)
        return dumps(value, ensure_ascii=False, indent=self.step).replace("\n", self.end + self.step * depth)
