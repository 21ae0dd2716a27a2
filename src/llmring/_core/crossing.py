"""Leave out of a conversation what only another wire format understands: opaque parts, thoughts and signatures that it minted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.request import Texts
from llmring._gen.message import ImagePart, OpaquePart, ReasoningPart, TextPart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.message import Message, Part
    from llmring._gen.tool import ToolCall

_GEMINI: Final = "gemini_generate"
_THOUGHTS: Final = "thoughts"
_SIGNATURES: Final = "signatures"
_LABELS: Final = frozenset({"message", "function_call", "custom_tool_call"})
"""Native blocks that hold nothing but ids beside what their message says; nobody misses them elsewhere."""


def cross(messages: tuple[Message, ...], protocol: str, quirks: Mapping[str, Any]) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """Give *messages* as *protocol* may see them, and the kinds of what was left out, each once; the very same where nothing was.

    What *protocol* minted itself, and thoughts that nobody did, stay as they are, byte for byte.
    """
    if type(messages) is Texts:
        return messages, ()
    lost: dict[str, None] = {}
    crossed: dict[int, Message | None] = {}
    for at, message in enumerate(messages):
        if type(message.content) is list or message.tool_calls:
            seen = _message(message, protocol, quirks, lost)
            if seen is not message:
                crossed[at] = seen
    if not crossed:
        return messages, ()
    kept = [crossed.get(at, message) for at, message in enumerate(messages)]
    return tuple(message for message in kept if message is not None), tuple(lost)


def warning(name: str, lost: tuple[str, ...]) -> str:
    """Say that the model *name* was not shown what was *lost*."""
    said = lost[0] if len(lost) == 1 else f"{', '.join(lost[:-1])} and {lost[-1]}"
    return f"{name} was not shown {said} of earlier answers, which only their own provider understands"


def _message(message: Message, protocol: str, quirks: Mapping[str, Any], lost: dict[str, None]) -> Message | None:
    """Give what may be seen of *message*; None where nothing is left."""
    content, calls = message.content, message.tool_calls
    gone: list[int] = []
    if isinstance(content, list):
        parts: list[Part] = []
        for at, part in enumerate(content):
            own = _part(part, protocol, lost)
            if own is None:
                gone.append(at)
            else:
                parts.append(own)
        if gone and not parts and not calls:
            return None
        changed = bool(gone) or any(new is not old for new, old in zip(parts, content, strict=False))
        content = (parts or None) if changed else content
    shown = [_call(call, gone, protocol, quirks, lost) for call in calls]
    if all(new is old for new, old in zip(shown, calls, strict=True)):
        return message if content is message.content else attrs.evolve(message, content=content)
    return attrs.evolve(message, content=content, tool_calls=shown)


def _part(part: Part, protocol: str, lost: dict[str, None]) -> Part | None:
    """Give *part* without what is not for *protocol*; None where that is all of it."""
    match part:
        case ReasoningPart():
            if part.protocol in (None, protocol):
                return part
            lost[_THOUGHTS] = None
            return None
        case OpaquePart():
            if part.protocol == protocol:
                return part
            kind = _kind(part)
            if kind not in _LABELS:
                lost[f"{kind} blocks"] = None
            return None
        case TextPart() | ImagePart() if part.signature is not None and protocol != _GEMINI:
            lost[_SIGNATURES] = None
            return attrs.evolve(part, signature=None)
        case _:
            return part


def _kind(part: OpaquePart) -> str:
    """Give the provider's own word for *part*, where it has one."""
    kind = part.data.get("type")
    return kind if isinstance(kind, str) and kind else "opaque"


def _call(call: ToolCall, gone: list[int], protocol: str, quirks: Mapping[str, Any], lost: dict[str, None]) -> ToolCall:
    """Give *call* at its place among the parts that are left, and signed only for who signed it."""
    place, signature = call.at, call.signature
    if place is not None and gone:
        place -= sum(at < place for at in gone)
    if signature is not None and not _signs(signature, protocol, quirks):
        lost[_SIGNATURES] = None
        signature = None
    return call if place == call.at and signature is call.signature else attrs.evolve(call, at=place, signature=signature)


def _signs(signature: str, protocol: str, quirks: Mapping[str, Any]) -> bool:
    """Tell whether *signature* is of *protocol*: Anthropic's are JSON objects, Gemini's are not."""
    if signature.startswith("{"):
        return protocol == "anthropic_messages"
    return protocol == _GEMINI or (protocol == "openai_chat" and bool(quirks.get("thought_signatures")))
