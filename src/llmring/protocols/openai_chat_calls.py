"""Put tool calls of chat completions together, from fragments or whole ones; their arguments are not read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._base import json_object, new_dict, new_list
from llmring._gen.stream import ToolCallComplete, ToolCallDelta
from llmring._gen.tool import ToolCall
from llmring.protocols.reading import json_of, object_of, text_of

if TYPE_CHECKING:
    from llmring._gen.stream import StreamEvent

_LEGACY: Final = -1
"""The index under which the single ``function_call`` of old models is kept."""


@attrs.define
class _Call:
    number: int
    id: str = ""
    name: str = ""
    kind: str = "function"
    signature: str | None = None
    pieces: list[str] = attrs.field(factory=new_list)

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    def goes_on(self, id_: str, name: str, arguments: str) -> bool:
        """Tell whether a fragment under this call's index belongs to it: some servers give several calls one index."""
        if not name or id_ == self.id != "":
            return True
        if id_ and self.id:
            return False
        return not arguments or not self.pieces or json_object(self.arguments) is None


@attrs.define
class Calls:
    """The tool calls of one choice, in the order in which they began."""

    index: int
    """The choice."""
    _calls: list[_Call] = attrs.field(factory=new_list)
    _open: dict[int, _Call] = attrs.field(factory=new_dict)

    def __bool__(self) -> bool:
        """Whether there is any call."""
        return bool(self._calls)

    def fragment(self, entry: dict[str, Any]) -> ToolCallDelta | None:
        """Take one entry of a delta's ``tool_calls``; give the event that tells of it."""
        kind, said = _said(entry)
        id_, name, arguments = text_of(entry.get("id")) or "", text_of(said.get("name")) or "", _arguments(said)
        call = self._owner(entry.get("index"), id_, name, arguments)
        fresh = call is None
        if call is None:
            call = self._begin(entry.get("index"), kind)
        news = {"id": id_, "name": name} if fresh else {}
        if not call.id and id_:
            call.id = news["id"] = id_
        if not call.name and name:
            call.name = news["name"] = name
        call.signature = call.signature or _signature(entry)
        if arguments:
            call.pieces.append(arguments)
        elif not news:
            return None
        return ToolCallDelta(
            arguments=arguments, id=news.get("id") or None, name=news.get("name") or None, call=call.number, index=self.index
        )

    def legacy(self, said: dict[str, Any]) -> ToolCallDelta | None:
        """Take a ``function_call``, whole or a fragment of it; an empty one is none."""
        if not said.get("name") and not said.get("arguments"):
            return None
        return self.fragment({"index": _LEGACY, "function": said})

    def whole(self, entry: dict[str, Any]) -> None:
        """Take one entry of a message's ``tool_calls``: always a call of its own."""
        kind, said = _said(entry)
        call = self._begin(None, kind)
        call.id = text_of(entry.get("id")) or ""
        call.name = text_of(said.get("name")) or ""
        call.signature = _signature(entry)
        call.pieces.append(_arguments(said))

    def complete(self) -> list[StreamEvent]:
        """Give all calls, each with an id: a made-up one where the provider gave none."""
        taken = {call.id for call in self._calls}
        done: list[StreamEvent] = []
        for call in self._calls:
            id_ = call.id or _fresh(call.number, taken)
            whole = ToolCall(id=id_, name=call.name, arguments=call.arguments, kind=call.kind, signature=call.signature)
            done.append(ToolCallComplete(tool_call=whole, call=call.number, index=self.index))
        return done

    def _owner(self, index: Any, id_: str, name: str, arguments: str) -> _Call | None:
        """Find the call that a fragment extends; None where it begins one."""
        if type(index) is int:
            call = self._open.get(index)
            return call if call is not None and call.goes_on(id_, name, arguments) else None
        if self._calls and (not name or (id_ and id_ == self._calls[-1].id)):
            return self._calls[-1]
        return None

    def _begin(self, index: Any, kind: str) -> _Call:
        call = _Call(len(self._calls), kind=kind)
        self._calls.append(call)
        if type(index) is int:
            self._open[index] = call
        return call


def _said(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Give the kind of a call, and what is said of it."""
    if isinstance(entry.get("custom"), dict):
        return "custom", object_of(entry["custom"])
    return "function", object_of(entry.get("function"))


def _arguments(said: dict[str, Any]) -> str:
    """Give the arguments' text; a custom tool calls them its input, and some servers send an object."""
    return json_of(said.get("arguments", said.get("input")))


def _signature(entry: dict[str, Any]) -> str | None:
    """Find Gemini's thought signature, as its compatible endpoint places it."""
    return text_of(object_of(object_of(entry.get("extra_content")).get("google")).get("thought_signature"))


def _fresh(number: int, taken: set[str]) -> str:
    while f"call_{number}" in taken:
        number += 1
    taken.add(f"call_{number}")
    return f"call_{number}"
