"""Put into words what tools gave and a model does not take: sounds for the deaf, and files of kinds that it does not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.fit_content import needed
from llmring._gen.message import AudioPart, DocumentPart, ImagePart, TextPart, ToolResultPart, VideoPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmring._core.fitting import Target
    from llmring._gen.message import Message, Part

_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"})
"""What all providers see."""
_SOUNDS: Final = frozenset({"audio/wav", "audio/x-wav", "audio/wave", "audio/mpeg", "audio/mp3"})
"""What OpenAI hears."""
_UNKNOWN: Final = "application/octet-stream"
_OFFICE: Final = frozenset({"openai_chat", "openai_responses"})
"""Protocols that read more than PDF and text."""
_DEAF: Final = frozenset({"openai_responses"})
"""Protocols that take no sound at all."""


def worded(messages: tuple[Message, ...], target: Target, note: Callable[[str], None]) -> tuple[Message, ...]:
    """Give *messages* with every result such as *target* takes it; *note* is told of each kind that it does not."""
    return tuple([_message(message, target, note) for message in messages])


def _message(message: Message, target: Target, note: Callable[[str], None]) -> Message:
    if not isinstance(message.content, list) or not any(isinstance(part, ToolResultPart) for part in message.content):
        return message
    content = [_result(part, target, note) if isinstance(part, ToolResultPart) else part for part in message.content]
    return attrs.evolve(message, content=content)


def _result(result: ToolResultPart, target: Target, note: Callable[[str], None]) -> ToolResultPart:
    if isinstance(result.content, str):
        return result
    return attrs.evolve(result, content=list(_parts(result.content, target, note)))


def _parts(parts: list[Part], target: Target, note: Callable[[str], None]) -> Iterator[Part]:
    for part in parts:
        if _takes(part, target):
            yield part
        else:
            note(f"{target.name} does not take {_kind(part)} from a tool; it was told in words")
            yield TextPart(text=_words(part))


def _takes(part: Part, target: Target) -> bool:
    capability = needed(part)
    if capability is not None and target.capabilities.get(capability) == "unsupported":
        return False
    kind = _kind(part)
    match part:
        case ImagePart(data=bytes()):
            return kind in _PICTURES
        case AudioPart():
            return target.protocol not in _DEAF and (target.protocol != "openai_chat" or kind in _SOUNDS)
        case DocumentPart(data=bytes()):
            return kind == "application/pdf" or kind.startswith("text/") or (target.protocol in _OFFICE and kind != _UNKNOWN)
        case _:
            return True


def _kind(part: Any) -> str:
    return getattr(part, "media_type", None) or part.type


def _words(part: Part) -> str:
    """Say what *part* is; of what is text after all, the text."""
    data: Any = getattr(part, "data", None)
    size = f", {len(data)} bytes" if isinstance(data, bytes) else ""
    name = f" {part.name}" if isinstance(part, DocumentPart) and part.name else ""
    told = f"({_kind(part)}{name}{size}; it cannot be shown here)"
    if isinstance(data, bytes) and not isinstance(part, (AudioPart, VideoPart)) and (text := _text(data)):
        return f"({_kind(part)}{name}):\n{text}"
    return told


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable() else None
