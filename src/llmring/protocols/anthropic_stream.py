"""Anthropic's message events, one by one; a whole message is read through the same blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._base import new_dict
from llmring._gen.stream import Finish, RefusalDelta, StreamEvent, TextDelta
from llmring.protocols.anthropic_blocks import Blocks
from llmring.protocols.anthropic_errors import error_in
from llmring.protocols.anthropic_usage import finish_reason, usage
from llmring.protocols.reading import object_of, text_of

if TYPE_CHECKING:
    from llmring._gen.usage import Usage


@attrs.define
class State:
    """What later events of one message need."""

    done: bool = False
    finished: bool = False
    blocks: Blocks = attrs.field(factory=Blocks)
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: dict[str, Any] = attrs.field(factory=new_dict)


def start() -> State:
    """Begin a message."""
    return State()


def events(state: State, frame: dict[str, Any]) -> list[StreamEvent]:
    """Translate one server-sent event (docs: Streaming messages); unknown ones pass silently, as the API asks.

    Raises:
        ProviderError: it tells of an error.

    """
    if state.finished:
        return []
    plain = _plain(state, frame)
    if plain is not None:
        return [plain]
    match frame:
        case {"type": "content_block_delta", "index": int(at), "delta": dict()}:
            return state.blocks.more(at, frame["delta"])
        case {"type": "content_block_start", "index": int(at), "content_block": dict()}:
            return state.blocks.begin(at, frame["content_block"])
        case {"type": "content_block_stop", "index": int(at)}:
            return state.blocks.end(at)
        case {"type": "message_start", "message": dict()}:
            begin_message(state, frame["message"])
            return []
        case {"type": "message_delta"}:
            return end_message(state, frame.get("delta"), frame.get("usage"))
        case {"type": "message_stop"}:
            state.done = True
            return finish(state)
        case {"type": "error"} | {"error": dict()}:
            raise error_in(frame, usage=_counted(state))
        case _:
            return []


def _plain(state: State, frame: dict[str, Any]) -> TextDelta | None:
    """Read an event that brings text, as most do, before all the shapes that another one may have are tried."""
    try:
        at, delta = frame["index"], frame["delta"]
        kind, text = delta["type"], delta["text"]
    except (TypeError, KeyError):
        return None
    if kind != "text_delta" or frame.get("type") != "content_block_delta" or type(text) is not str or not text:
        return None
    if type(at) is not int or at in state.blocks.open:
        return None
    return TextDelta(delta=text, block=at)


def finish(state: State) -> list[StreamEvent]:
    """End the message, once; blocks that were left open count only when the message itself came to its end."""
    if state.finished:
        return []
    state.finished = True
    last: list[StreamEvent] = state.blocks.close() if state.done else []
    last.append(
        Finish(
            finish_reason=finish_reason(state.stop_reason, calls=state.blocks.calls > 0),
            raw_finish_reason=state.stop_reason,
            usage=_counted(state),
            model=state.model,
            id=state.id,
            service_tier=text_of(state.usage.get("service_tier")),
        )
    )
    return last


def _counted(state: State) -> Usage | None:
    return usage(state.usage) if state.usage else None


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
