"""Understand items of OpenAI's Responses API among the messages: what has a type in place of a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import attrs

from llmring._base import wrong
from llmring._core.parts import as_parts, result_content
from llmring._core.taking import Plain, maybe_text, text_at
from llmring._gen.message import Message, OpaquePart, ReasoningPart
from llmring._gen.tool import ToolCall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._gen.message import Part

_MINTED = "openai_responses"
_CALLS = {"function_call": ("function", "arguments"), "custom_tool_call": ("custom", "input")}
_OTHERS = (
    *("_call", "_call_output", "_approval_request", "_approval_response"),
    *("reasoning", "item_reference", "compaction", "mcp_list_tools"),
)
"""How the types of those items end that go back to their API as they came."""
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})


def is_item(item: Any) -> TypeGuard[Plain]:
    """Tell whether *item* is one: a mapping with a type that is no content part's, and no role."""
    if not isinstance(item, Mapping):
        return False
    kind = cast("Plain", item).get("type")
    return isinstance(kind, str) and "role" not in item and (kind in _CALLS or kind in _RESULTS or kind.endswith(_OTHERS))


def item_message(item: Plain, path: str) -> Message:
    """Give the message that *item* alone would be.

    Raises:
        InvalidMessageError: it lacks what its type needs; the error names its path.

    """
    kind = text_at(item, "type", path)
    if kind in _CALLS:
        return Message(role="assistant", tool_calls=[_call(item, *_CALLS[kind], path)])
    if kind in _RESULTS:
        content = result_content(item.get("output"), f"{path}.output")
        return Message(role="tool", content=content, tool_call_id=text_at(item, "call_id", path))
    part = _thoughts(item, path) if kind == "reasoning" else OpaquePart(protocol=_MINTED, data=dict(item))
    return Message(role="assistant", content=[part])


def _call(item: Plain, kind: str, key: str, path: str) -> ToolCall:
    name = text_at(item, "name", path)
    own = maybe_text(item, "id", path)
    return ToolCall(id=text_at(item, "call_id", path), name=name, arguments=text_at(item, key, path), kind=kind, item_id=own)


def _thoughts(item: Plain, path: str) -> ReasoningPart:
    return ReasoningPart(
        text="\n\n".join([*_texts(item, "summary", path), *_texts(item, "content", path)]),
        data=maybe_text(item, "encrypted_content", path),
        id=maybe_text(item, "id", path),
        protocol=_MINTED,
        native=dict(item),
    )


def _texts(item: Plain, key: str, path: str) -> list[str]:
    """Give the texts of the list of parts at *key*."""
    parts = item.get(key)
    if parts is None:
        return []
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, Mapping) for part in cast("list[Any]", parts)):
        raise wrong(cast("object", parts), f"{path}.{key}", "a list of objects with a text")
    return [text_at(part, "text", f"{path}.{key}[{at}]") for at, part in enumerate(cast("list[Plain]", parts))]


def gathered(turns: Sequence[Message], items: Sequence[int]) -> list[Message]:
    """Join neighbours among *turns* that are the model's items, whose places are *items*, to the one turn that they were."""
    made: list[Message] = []
    last = -2
    for at, turn in enumerate(turns):
        if turn.role == "assistant" and at in items:
            if last == at - 1:
                made[-1] = _joined(made[-1], turn)
            else:
                made.append(turn)
            last = at
        else:
            made.append(turn)
    return made


def _joined(one: Message, other: Message) -> Message:
    before = as_parts(one.content)
    parts: list[Part] = [*before, *as_parts(other.content)]
    calls = [*_placed(one.tool_calls, 0, len(before)), *_placed(other.tool_calls, len(before), len(parts))]
    settled = [attrs.evolve(call, at=None) if call.at == len(parts) else call for call in calls]
    return attrs.evolve(one, content=parts or None, tool_calls=settled)


def _placed(calls: Sequence[ToolCall], base: int, end: int) -> list[ToolCall]:
    """Say of *calls* where they stand when *base* parts come before their message, which then ends at *end*."""
    return [attrs.evolve(call, at=end if call.at is None else base + call.at) for call in calls]
