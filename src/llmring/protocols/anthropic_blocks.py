"""The blocks of Anthropic's messages, one after the other: told in deltas, or whole at their beginning."""

from __future__ import annotations

from typing import Any

import attrs

from llmring._base import new_dict, new_list
from llmring._core.jsontext import loads
from llmring._gen.message import Citation, OpaquePart
from llmring._gen.stream import CitationEvent, PartEvent, ReasoningDelta, StreamEvent, TextDelta, ToolCallComplete, ToolCallDelta
from llmring._gen.tool import ToolCall
from llmring.protocols.reading import json_of, object_of, objects_of, text_of

NAME = "anthropic_messages"

_CALL_FIELDS = frozenset({"type", "id", "name", "input"})
_DIRECT = {"type": "direct"}


@attrs.define
class _Call:
    """A call of one of the client's tools, being written."""

    number: int
    id: str
    name: str
    input: str | dict[str, Any]
    signature: str | None
    pieces: list[str] = attrs.field(factory=new_list)

    def extend(self, delta: dict[str, Any]) -> list[StreamEvent]:
        """Take the next piece of the arguments' JSON text; a tool without arguments streams an empty one."""
        piece = delta.get("partial_json")
        if not isinstance(piece, str):
            return []
        self.pieces.append(piece)
        return [ToolCallDelta(arguments=piece, id=self.id, name=self.name, call=self.number)] if piece else []

    def close(self) -> list[StreamEvent]:
        """Give the whole call."""
        text = "".join(self.pieces)
        if not text and (self.input or not self.pieces):
            text = json_of(self.input)
        call = ToolCall(id=self.id, name=self.name, arguments=text, signature=self.signature)
        return [ToolCallComplete(tool_call=call, call=self.number)]


@attrs.define
class _Opaque:
    """A block that only Anthropic understands: its own tools and their results, compaction, whatever comes next."""

    block: dict[str, Any]
    pieces: list[str] = attrs.field(factory=new_list)

    def extend(self, delta: dict[str, Any]) -> list[StreamEvent]:
        """Merge *delta*: texts grow, everything else replaces."""
        for key, value in delta.items():
            if key == "partial_json" and isinstance(value, str):
                self.pieces.append(value)
            elif key != "type":
                before = self.block.get(key)
                self.block[key] = before + value if isinstance(before, str) and isinstance(value, str) else value
        return []

    def close(self) -> list[StreamEvent]:
        """Give the whole block, its input decoded."""
        text = "".join(self.pieces)
        if text:
            try:
                self.block["input"] = loads(text)
            except ValueError:
                self.block["input"] = text
        return [PartEvent(part=OpaquePart(protocol=NAME, data=self.block))]


@attrs.define
class Blocks:
    """The blocks of one message so far."""

    open: dict[int, _Call | _Opaque] = attrs.field(factory=new_dict)
    """Those that are put together before they are told."""
    calls: int = 0

    def begin(self, at: int, block: dict[str, Any]) -> list[StreamEvent]:
        """Open *block*, which holds all of its content in a whole message and hardly any in a stream."""
        match block:
            case {"type": "text"}:
                return _text(at, block)
            case {"type": "thinking"}:
                return _thinking(at, block.get("thinking"), block.get("signature"))
            case {"type": "redacted_thinking", "data": str(data)}:
                return [ReasoningDelta(data=data, block=at)]
            case {"type": "tool_use", "name": str(name)}:
                return self._call(at, name, block)
            case _:
                self.open[at] = _Opaque(dict(block))
                return []

    def more(self, at: int, delta: dict[str, Any]) -> list[StreamEvent]:
        """Take *delta* of the block at *at*; text of no open block is read before."""
        block = self.open.get(at)
        if block is not None:
            return block.extend(delta)
        match delta:
            case {"type": "thinking_delta"} | {"type": "signature_delta"}:
                return _thinking(at, delta.get("thinking"), delta.get("signature"))
            case {"type": "citations_delta", "citation": dict()}:
                return [CitationEvent(citation=_citation(delta["citation"]), block=at)]
            case _:
                return []

    def end(self, at: int) -> list[StreamEvent]:
        """Close the block at *at*."""
        block = self.open.pop(at, None)
        return [] if block is None else block.close()

    def close(self) -> list[StreamEvent]:
        """Close all blocks that are still open."""
        return [event for at in list(self.open) for event in self.end(at)]

    def _call(self, at: int, name: str, block: dict[str, Any]) -> list[StreamEvent]:
        number = self.calls
        self.calls += 1
        whole = block.get("input")
        call = _Call(
            number=number,
            id=text_of(block.get("id")) or f"call_{number}",
            name=name,
            input=whole if isinstance(whole, str) else object_of(whole),
            signature=_beside(block),
        )
        self.open[at] = call
        return [ToolCallDelta(id=call.id, name=name, call=number)]


def _text(at: int, block: dict[str, Any]) -> list[StreamEvent]:
    text = block.get("text")
    told: list[StreamEvent] = [TextDelta(delta=text, block=at)] if isinstance(text, str) and text else []
    told += [CitationEvent(citation=_citation(citation), block=at) for citation in objects_of(block.get("citations"))]
    return told


def _thinking(at: int, text: Any, signature: Any) -> list[StreamEvent]:
    """Give thoughts; a block may be signed and yet empty."""
    words = text if isinstance(text, str) else ""
    signed = signature if isinstance(signature, str) and signature else None
    return [ReasoningDelta(reasoning=words, signature=signed, block=at)] if words or signed else []


def _beside(block: dict[str, Any]) -> str | None:
    """Keep what a call says beside the four known fields (who called it, its toolset), to be sent back."""
    extra = {key: value for key, value in block.items() if key not in _CALL_FIELDS and value not in (None, _DIRECT)}
    return json_of(extra) if extra else None


def _citation(raw: dict[str, Any]) -> Citation:
    def text(*keys: str) -> str | None:
        return next((value for value in map(raw.get, keys) if isinstance(value, str)), None)

    source = text("source")
    url = text("url") or (source if source and "://" in source else None)
    return Citation(url=url, title=text("title", "document_title"), cited_text=text("cited_text"), source=raw)
