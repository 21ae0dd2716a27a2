"""Refuse content that a model does not take, and count the characters of what it does; content is never dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart, TextPart, ToolResultPart, VideoPart
from llmring.exceptions import UnsupportedParameterError

if TYPE_CHECKING:
    from llmring._core.fitting import Target
    from llmring._gen.message import Message, Part
    from llmring._gen.providers import Capability

CONTENT: tuple[tuple[type, Capability], ...] = (
    (ImagePart, "vision"),
    (AudioPart, "audio_input"),
    (VideoPart, "video_input"),
    (FilePart, "files"),
)


def check_content(messages: tuple[Message, ...], target: Target) -> int:
    """Refuse content that the model does not take; give the number of characters in the rest."""
    characters = 0
    for at, message in enumerate(messages):
        content = message.content
        if isinstance(content, str):
            characters += len(content)
        elif content is not None:
            characters += _check_parts(content, f"messages[{at}].content", target)
    return characters


def _check_parts(parts: list[Part], path: str, target: Target) -> int:
    characters = 0
    for at, part in enumerate(parts):
        if isinstance(part, TextPart):
            characters += len(part.text)
            continue
        if isinstance(part, ToolResultPart):
            inner = part.content
            characters += len(inner) if isinstance(inner, str) else _check_parts(inner, f"{path}[{at}].content", target)
            continue
        capability = _needed(part)
        if capability is not None and target.capabilities.get(capability) == "unsupported":
            text = f"{target.name} does not take {part.type} content ({path}[{at}])"
            raise UnsupportedParameterError(text, parameter=part.type, model=target.name, path=f"{path}[{at}]")
    return characters


def _needed(part: Any) -> Capability | None:
    if isinstance(part, DocumentPart):
        return "text_document" if part.text is not None else "pdf"
    return next((capability for kind, capability in CONTENT if isinstance(part, kind)), None)
