"""Function calls as Gemini writes them, whole or argument by argument; running them is the caller's business."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._base import new_dict
from llmring._gen.stream import ToolCallComplete, ToolCallDelta
from llmring._gen.tool import ToolCall
from llmring.protocols.reading import json_of, object_of, objects_of, text_of

if TYPE_CHECKING:
    from llmring._gen.stream import StreamEvent

_STEP: Final = re.compile(r"""\.([^.\[\]]+)|\[(\d{1,4})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""")
_ESCAPED: Final = re.compile(r"\\(.)")

_GAP: Final = 16
"""Items of a list that may still come after one with a higher index; a few bytes must not fill the memory."""

Step = str | int


@attrs.define
class Growing:
    """A call whose arguments come piece by piece (docs: Vertex AI, streaming function call arguments)."""

    call: int
    id: str
    name: str
    signature: str | None
    arguments: dict[str, Any] = attrs.field(factory=new_dict)
    unfinished: set[str] = attrs.field(factory=set[str])
    """Paths whose text goes on in a later piece."""

    def take(self, piece: dict[str, Any]) -> None:
        """Put the value of *piece* at its JSON path; a text that was to go on grows."""
        path = text_of(piece.get("jsonPath")) or ""
        found, value = _value(piece)
        steps = _steps(path)
        if found and steps:
            before = _reach(self.arguments, steps)
            if path in self.unfinished and isinstance(before, str) and isinstance(value, str):
                value = before + value
            _place(self.arguments, steps, value)
        if piece.get("willContinue") is True:
            self.unfinished.add(path)
        else:
            self.unfinished.discard(path)

    def whole(self, index: int, *, cut: bool = False) -> list[StreamEvent]:
        """Give the call; one that was *cut* keeps its text open, so that nobody takes it for complete."""
        text = json_of(self.arguments)
        if cut:
            text = text[:-1]
        call = ToolCall(id=self.id, name=self.name, arguments=text, signature=self.signature)
        piece = ToolCallDelta(arguments=text, id=self.id, name=self.name, call=self.call, index=index)
        return [piece, ToolCallComplete(tool_call=call, call=self.call, index=index)]


@attrs.define
class Calls:
    """The calls of one choice so far."""

    index: int
    count: int = 0
    growing: Growing | None = None

    def take(self, call: dict[str, Any], signature: str | None) -> list[StreamEvent]:
        """Read one ``functionCall``: a whole one, or the beginning, more or the end of one that grows."""
        name, goes_on = text_of(call.get("name")), call.get("willContinue") is True
        pieces = objects_of(call.get("partialArgs"))
        found: list[StreamEvent] = []
        growing = self.growing
        if growing is not None and not _continues(growing, call, name):
            found += self.end()
            growing = None
        if growing is None:
            if name is None:
                return found
            if not goes_on and not pieces:
                return [*found, self._whole(name, call, signature)]
            growing = self._begin(name, call, signature)
            found.append(ToolCallDelta(id=growing.id, name=name, call=growing.call, index=self.index))
        for piece in pieces:
            growing.take(piece)
        return found if goes_on else found + self.end()

    def end(self, *, cut: bool = False) -> list[StreamEvent]:
        """End the call that grows, if there is one."""
        growing, self.growing = self.growing, None
        return [] if growing is None else growing.whole(self.index, cut=cut)

    def _next(self, call: dict[str, Any]) -> tuple[int, str]:
        number = self.count
        self.count += 1
        return number, text_of(call.get("id")) or f"call_{number}"

    def _whole(self, name: str, call: dict[str, Any], signature: str | None) -> StreamEvent:
        number, given = self._next(call)
        arguments = call.get("args")
        text = json_of({} if arguments is None else arguments)
        made = ToolCall(id=given, name=name, arguments=text, signature=signature)
        return ToolCallComplete(tool_call=made, call=number, index=self.index)

    def _begin(self, name: str, call: dict[str, Any], signature: str | None) -> Growing:
        number, given = self._next(call)
        self.growing = Growing(call=number, id=given, name=name, signature=signature, arguments=dict(object_of(call.get("args"))))
        return self.growing


def _continues(growing: Growing, call: dict[str, Any], name: str | None) -> bool:
    """Tell whether *call* is more of the one that grows; pieces after the first usually have no name."""
    given = text_of(call.get("id"))
    if given is not None and given != growing.id:
        return False
    return name is None or (name == growing.name and "partialArgs" in call)


# --- values at JSON paths ------------------------------------------------------------------------


def _value(piece: dict[str, Any]) -> tuple[bool, Any]:
    for key in ("stringValue", "numberValue", "boolValue"):
        if key in piece:
            return True, piece[key]
    return "nullValue" in piece, None


def _steps(path: str) -> list[Step]:
    """Take a path such as ``$.a[0]['b c']`` apart (RFC 9535)."""
    return [
        int(number) if number else _ESCAPED.sub(r"\1", name or single or double)
        for name, number, single, double in _STEP.findall(path.removeprefix("$"))
    ]


def _reach(value: Any, steps: list[Step]) -> Any:
    for step in steps:
        match value:
            case dict() if step in value:
                value = cast("dict[Step, Any]", value)[step]
            case list() if isinstance(step, int) and step < len(cast("list[Any]", value)):
                value = cast("list[Any]", value)[step]
            case _:
                return None
    return value


def _place(root: dict[str, Any], steps: list[Step], value: Any) -> None:
    """Write *value* at *steps*, making the objects and lists on the way."""
    holder: Any = root
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        inner: Any = value if after is None else _reach(holder, [step])
        if after is not None and not _holds(inner, after):
            inner = cast("Any", [] if isinstance(after, int) else {})
        _put(holder, step, inner)
        holder = inner


def _holds(value: Any, step: Step) -> bool:
    """Tell whether *value* is of the kind that *step* leads into."""
    return isinstance(value, list if isinstance(step, int) else dict)


def _put(holder: dict[str, Any] | list[Any], step: Step, value: Any) -> None:
    if isinstance(holder, dict):
        holder[str(step)] = value
    else:
        at = int(step)
        missing = at + 1 - len(holder)
        if missing <= _GAP:
            holder.extend([None] * missing)
            holder[at] = value
