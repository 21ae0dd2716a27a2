"""Write what a tool gave back, or how it failed, as the turn that tells the model of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from llmring._base.plain import plain
from llmring._core.parts import result_content, understand
from llmring._gen.message import PARTS, Message, ToolResultPart
from llmring._gen.stream import ToolResultEvent
from llmring._gen.tool import ToolCall
from llmring.exceptions import RequestError, ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._gen.message import Part
    from llmring._gen.stream import RunEvent

_KINDS = tuple(PARTS.values())


def result_turn(call: ToolCall, value: Any) -> Message:
    """Give the turn that answers *call* with *value*: text as it is, parts as parts, anything else as JSON.

    Raises:
        ToolError: *value* is nothing that a model could be shown.

    """
    content = _content(value)
    if isinstance(content, str):
        return Message(role="tool", tool_call_id=call.id, name=call.name, content=content)
    return _turn(call, ToolResultPart(tool_call_id=call.id, name=call.name, content=content))


def error_turn(call: ToolCall, words: str) -> Message:
    """Give the turn that answers *call* with an error, in *words* for the model."""
    return _turn(call, ToolResultPart(tool_call_id=call.id, name=call.name, content=words, is_error=True))


def result_events(calls: Sequence[ToolCall], turns: Sequence[Message]) -> list[RunEvent]:
    """Give the events that tell of *calls* and the *turns* that answer them."""
    return [ToolResultEvent(tool_call=call, message=turn, is_error=_failed(turn)) for call, turn in zip(calls, turns, strict=True)]


def _failed(turn: Message) -> bool:
    return isinstance(turn.content, list) and any(isinstance(part, ToolResultPart) and part.is_error for part in turn.content)


def words_for(error: BaseException) -> str:
    """Say of *error* its type and message, and nothing else; our own say all in their message."""
    if isinstance(error, ToolError):
        return error.message
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _turn(call: ToolCall, part: ToolResultPart) -> Message:
    return Message(role="tool", tool_call_id=call.id, name=call.name, content=[part])


def _content(value: Any) -> str | list[Part]:
    if isinstance(value, str):
        return value
    if isinstance(value, _KINDS):
        value = [value]
    if isinstance(value, (list, tuple)) and value and _all_parts(cast("list[Any]", value)):
        return result_content(value, "result")
    try:
        return json.dumps(plain(value, "result"), ensure_ascii=False)
    except RequestError as error:
        raise ToolError(f"The tool's {error.message}, so its result cannot be told.") from None


def _all_parts(items: list[Any]) -> bool:
    """Tell whether *items* are content: parts of any known style, texts among them, but not texts or data alone."""
    if not any(isinstance(item, _KINDS) or (isinstance(item, Mapping) and "type" in item) for item in items):
        return False
    try:
        return not any(isinstance(understand(item, "result"), ToolCall) for item in items)
    except RequestError:
        return False
