"""Understand one message as callers write it: ours, OpenAI's and its compatible servers', and Anthropic's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import attrs

from llmring._base import Readable, near, wrong
from llmring._core.calls import calls_of, early_id
from llmring._core.parts import as_parts, result_content, understand
from llmring._core.taking import Plain, fault, maybe_object, maybe_text, shown
from llmring._gen.message import Message, ReasoningPart, RefusalPart
from llmring._gen.tool import ToolCall

if TYPE_CHECKING:
    from llmring._gen.message import Part, Role

ROLES = ("system", "developer", "user", "assistant", "tool")
_MINTED = "openai_chat"
_TEXT = (str, type(None))
_THOUGHTS = ("reasoning_content", "reasoning")
_KNOWN = (
    *("role", "content", "name", "tool_calls", "tool_call_id", "metadata"),
    *("refusal", "reasoning", "reasoning_content", "reasoning_details", "cache_control", "function_call"),
)
_IGNORED = frozenset({"annotations", "audio", "thinking_blocks", "provider_specific_fields", "type", "id", "status", "phase"})


def is_normal(message: Any) -> bool:
    """Tell whether *message*, a `Message` made by the caller, can be taken as it is; making one hardly looks at the types of its fields."""
    answers = message.tool_call_id
    return (
        isinstance(message.content, _TEXT)
        and isinstance(message.name, _TEXT)
        and (type(answers) is str and answers != "" if message.role == "tool" else isinstance(answers, _TEXT))
        and (message.metadata is None or type(message.metadata) is dict)
        and message.tool_calls == []
    )


def message_of(item: Any, at: int) -> Message:
    """Give the message that *item*, number *at* of the conversation, means.

    Raises:
        InvalidMessageError: it is no message of any known style; the error names its path.

    """
    path = f"messages[{at}]"
    if not isinstance(item, (Mapping, Message)):
        hint = "; append its .message" if isinstance(item, Readable) and "message" in item else ""
        raise wrong(item, path, f"a Message or a mapping with role and content{hint}")
    plain = cast("Plain", item)
    role = _role(plain, path)
    _no_unknown(plain, path)
    content, calls = _content(plain, role, f"{path}.content")
    return Message(
        role=role,
        content=_with_refusal(_with_thoughts(content, plain, path), plain, path),
        name=maybe_text(plain, "name", path),
        tool_calls=[*calls, *calls_of(plain, at)],
        tool_call_id=_answered(plain, role, at),
        metadata=_metadata(plain, path),
    )


def _role(item: Plain, path: str) -> Role:
    role = item.get("role")
    if role in ROLES:
        return role
    if role == "function":  # what tool was called in OpenAI's early days
        return "tool"
    known = ", ".join(ROLES)
    raise fault(f"{path}.role", f"is missing; it is one of {known}" if role is None else f"must be one of {known}, not {shown(role)}")


def _no_unknown(item: Plain, path: str) -> None:
    for key in item:
        if key not in _KNOWN and key not in _IGNORED and item.get(key) is not None:
            raise fault(f"{path}.{key}", f"is unknown{near(key, _KNOWN)}")


def _answered(item: Plain, role: Role, at: int) -> str | None:
    """Give the id of the call that a tool message answers."""
    path = f"messages[{at}]"
    name = maybe_text(item, "tool_call_id", path)
    if role != "tool" or name:
        return name
    if item.get("role") == "function":
        return early_id(at - 1)
    raise fault(f"{path}.tool_call_id", "is missing; a tool message names the call that it answers")


def _metadata(item: Plain, path: str) -> dict[str, Any] | None:
    metadata = maybe_object(item, "metadata", path)
    mark = maybe_object(item, "cache_control", path)
    return metadata if mark is None else {**(metadata or {}), "cache_control": mark}


# --- content -----------------------------------------------------------------------------------------


def _content(item: Plain, role: Role, path: str) -> tuple[str | list[Part] | None, list[ToolCall]]:
    """Give the content, and the calls found in it (Anthropic keeps them there)."""
    content = item.get("content")
    if content is None or isinstance(content, str):
        return content, []
    pieces = _pieces(content, path)
    if role == "tool":
        return result_content(pieces, path), []
    parts: list[Part] = []
    calls: list[ToolCall] = []
    for at, piece in enumerate(pieces):
        part = understand(piece, f"{path}[{at}]")
        if isinstance(part, ToolCall):
            calls.append(attrs.evolve(part, at=len(parts)))
        else:
            parts.append(part)
    return parts, [call if call.at != len(parts) else attrs.evolve(call, at=None) for call in calls]


def _pieces(content: Any, path: str) -> list[Any]:
    """Give *content* as a list, be it of one part only."""
    if isinstance(content, (Mapping, Readable)):
        return [content]
    if isinstance(content, (bytes, bytearray)) or not isinstance(content, Sequence):
        raise wrong(content, path, "a string or a list of parts")
    return list(cast("Sequence[Any]", content))


def _with_thoughts(content: str | list[Part] | None, item: Plain, path: str) -> str | list[Part] | None:
    """Put an OpenAI-compatible message's reasoning before its content, so that it goes back under the same keys."""
    texts = {key: text for key in _THOUGHTS if (text := maybe_text(item, key, path))}
    details = item.get("reasoning_details")
    if details is not None and not isinstance(details, (list, dict)):
        raise wrong(details, f"{path}.reasoning_details", "a list or an object")
    first = next(iter(texts.values()), "")
    native: dict[str, Any] = {key: None if text == first else text for key, text in texts.items()}  # null stands for the text
    if details:
        native["reasoning_details"] = details
    return [ReasoningPart(text=first, protocol=_MINTED, native=native), *as_parts(content)] if native else content


def _with_refusal(content: str | list[Part] | None, item: Plain, path: str) -> str | list[Part] | None:
    """Put a refusal after the content."""
    refusal = maybe_text(item, "refusal", path)
    return [*as_parts(content), RefusalPart(refusal=refusal)] if refusal else content
