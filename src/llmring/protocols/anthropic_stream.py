"""Anthropic's message events, one by one; a whole message is read through the same blocks."""

from __future__ import annotations

from typing import Any

import attrs

from llmring._base import json_text
from llmring._core.jsontext import loads
from llmring._gen.message import Citation, OpaquePart
from llmring._gen.stream import (
    CitationEvent,
    Finish,
    PartEvent,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from llmring._gen.tool import ToolCall
from llmring.protocols.anthropic_errors import error_in
from llmring.protocols.anthropic_usage import finish_reason, usage
from llmring.protocols.reading import object_of, objects_of, text_of

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
    pieces: list[str] = attrs.field(factory=list[str])

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
            text = json_text(self.input)
        call = ToolCall(id=self.id, name=self.name, arguments=text, signature=self.signature)
        return [ToolCallComplete(tool_call=call, call=self.number)]


@attrs.define
class _Opaque:
    """A block that only Anthropic understands: its own tools and their results, compaction, whatever comes next."""

    block: dict[str, Any]
    pieces: list[str] = attrs.field(factory=list[str])

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
class State:
    """What later events of one message need."""

    done: bool = False
    finished: bool = False
    open: dict[int, _Call | _Opaque] = attrs.field(factory=dict[int, "_Call | _Opaque"])
    calls: int = 0
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: dict[str, Any] = attrs.field(factory=dict[str, Any])


def start() -> State:
    """Begin a message."""
    return State()


def events(state: State, frame: dict[str, Any]) -> list[StreamEvent]:
    """Translate one server-sent event (docs: Streaming messages); unknown ones pass silently, as the API asks."""
    match frame:
        case {"type": "content_block_delta", "index": int(at), "delta": dict()}:
            return _delta(state, at, frame["delta"])
        case {"type": "content_block_start", "index": int(at), "content_block": dict()}:
            return begin_block(state, at, frame["content_block"])
        case {"type": "content_block_stop", "index": int(at)}:
            return end_block(state, at)
        case {"type": "message_start", "message": dict()}:
            begin_message(state, frame["message"])
            return []
        case {"type": "message_delta"}:
            return end_message(state, frame.get("delta"), frame.get("usage"))
        case {"type": "message_stop"}:
            state.done = True
            return finish(state)
        case {"type": "error"} | {"error": dict()}:
            raise error_in(frame)
        case _:
            return []


def finish(state: State) -> list[StreamEvent]:
    """End the message, once; blocks that were left open count only when the message itself came to its end."""
    if state.finished:
        return []
    state.finished = True
    last: list[StreamEvent] = [event for block in state.open.values() for event in block.close()] if state.done else []
    last.append(
        Finish(
            finish_reason=finish_reason(state.stop_reason, calls=state.calls > 0),
            raw_finish_reason=state.stop_reason,
            usage=usage(state.usage) if state.usage else None,
            model=state.model,
            id=state.id,
            service_tier=text_of(state.usage.get("service_tier")),
        )
    )
    return last


# --- the message around the blocks ---------------------------------------------------------------


def begin_message(state: State, message: dict[str, Any]) -> None:
    """Note what *message* says of itself."""
    state.model = text_of(message.get("model"))
    state.id = text_of(message.get("id"))
    _count(state, message.get("usage"))


def end_message(state: State, delta: Any, counters: Any) -> list[StreamEvent]:
    """Note why the message stopped and what it used; *counters* are cumulative, so they replace."""
    _count(state, counters)
    match delta:
        case {"stop_reason": str(reason)}:
            state.stop_reason = reason
            state.done = True
        case _:
            pass
    match delta:
        case {"stop_details": {"type": "refusal", "explanation": str(words)}} if words:
            return [RefusalDelta(refusal=words)]
        case _:
            return []


def _count(state: State, counters: Any) -> None:
    state.usage.update({key: value for key, value in object_of(counters).items() if value is not None})


# --- blocks --------------------------------------------------------------------------------------


def begin_block(state: State, at: int, block: dict[str, Any]) -> list[StreamEvent]:
    """Open *block*, which holds all of its content in a whole message and hardly any in a stream."""
    match block:
        case {"type": "text"}:
            return _text(at, block)
        case {"type": "thinking"}:
            return _thinking(at, block.get("thinking"), block.get("signature"))
        case {"type": "redacted_thinking", "data": str(data)}:
            return [ReasoningDelta(data=data, block=at)]
        case {"type": "tool_use", "name": str(name)}:
            return _call(state, at, name, block)
        case _:
            state.open[at] = _Opaque(dict(block))
            return []


def end_block(state: State, at: int) -> list[StreamEvent]:
    """Close the block at *at*."""
    block = state.open.pop(at, None)
    return [] if block is None else block.close()


def _delta(state: State, at: int, delta: dict[str, Any]) -> list[StreamEvent]:
    block = state.open.get(at)
    if block is not None:
        return block.extend(delta)
    match delta:
        case {"type": "text_delta", "text": str(text)} if text:
            return [TextDelta(delta=text, block=at)]
        case {"type": "thinking_delta"} | {"type": "signature_delta"}:
            return _thinking(at, delta.get("thinking"), delta.get("signature"))
        case {"type": "citations_delta", "citation": dict()}:
            return [CitationEvent(citation=_citation(delta["citation"]), block=at)]
        case _:
            return []


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


def _call(state: State, at: int, name: str, block: dict[str, Any]) -> list[StreamEvent]:
    number = state.calls
    state.calls += 1
    whole = block.get("input")
    call = _Call(
        number=number,
        id=text_of(block.get("id")) or f"call_{number}",
        name=name,
        input=whole if isinstance(whole, str) else object_of(whole),
        signature=_beside(block),
    )
    state.open[at] = call
    return [ToolCallDelta(id=call.id, name=name, call=number)]


def _beside(block: dict[str, Any]) -> str | None:
    """Keep what a call says beside the four known fields (who called it, its toolset), to be sent back."""
    extra = {key: value for key, value in block.items() if key not in _CALL_FIELDS and value not in (None, _DIRECT)}
    return json_text(extra) if extra else None


def _citation(raw: dict[str, Any]) -> Citation:
    def text(*keys: str) -> str | None:
        return next((value for value in map(raw.get, keys) if isinstance(value, str)), None)

    source = text("source")
    url = text("url") or (source if source and "://" in source else None)
    return Citation(url=url, title=text("title", "document_title"), cited_text=text("cited_text"), source=raw)
