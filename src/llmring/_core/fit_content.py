"""Refuse content that a model does not take, and count the characters of what it does; content is never dropped."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.pdf import LEAST, pages
from llmring._core.request import Texts
from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart, TextPart, ToolResultPart, VideoPart
from llmring.exceptions import FileSizeError, UnsupportedParameterError

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
    if type(messages) is Texts:
        return sum([len(message.content or "") for message in messages])
    characters = 0
    pictures = _Pictures(target)
    for at, message in enumerate(messages):
        content = message.content
        if isinstance(content, str):
            characters += len(content)
        elif content is not None:
            characters += _check_parts(content, f"messages[{at}].content", pictures)
    return characters


@attrs.define
class _Pictures:
    """How many pictures a request has so far."""

    target: Target
    count: int = 0

    def take(self, path: str) -> None:
        """Count the one at *path*; refuse it where it is one too many."""
        self.count += 1
        most = self.target.limits.get("images")
        if most is not None and self.count > most:
            text = f"{self.target.name} does not take more than {most} images in a request ({path})"
            raise UnsupportedParameterError(text, parameter="image", model=self.target.name, path=path)


def _check_parts(parts: list[Part], path: str, pictures: _Pictures) -> int:
    target = pictures.target
    characters = 0
    for at, part in enumerate(parts):
        if isinstance(part, TextPart):
            characters += len(part.text)
            continue
        if isinstance(part, ToolResultPart):
            inner = part.content
            characters += len(inner) if isinstance(inner, str) else _check_parts(inner, f"{path}[{at}].content", pictures)
            continue
        if isinstance(part, ImagePart):
            pictures.take(f"{path}[{at}]")
        capability = needed(part)
        if capability is not None and target.capabilities.get(capability) == "unsupported":
            text = f"{target.name} does not take {part.type} content ({path}[{at}])"
            raise UnsupportedParameterError(text, parameter=part.type, model=target.name, path=f"{path}[{at}]")
        if isinstance(part, DocumentPart) and "pdf_pages" in target.limits and (data := _pdf(part)) is not None:
            check_pages(data, f"{path}[{at}]", target)
    return characters


def _pdf(part: DocumentPart) -> bytes | None:
    """Give the bytes of a document that holds some."""
    if part.data is None and part.url is not None and part.url.startswith("data:application/pdf;base64,"):
        return b64decode(part.url.partition(",")[2])
    return part.data


def check_pages(data: bytes, path: str, target: Target) -> None:
    """Refuse a PDF of more pages than the model takes, where they can be counted.

    Raises:
        FileSizeError: *data*, which the request names at *path*, has too many.

    """
    most = target.limits.get("pdf_pages")
    if most is None or len(data) < most * LEAST or not data.startswith(b"%PDF"):
        return
    found = pages(data)
    if found is not None and found > most:
        raise FileSizeError(f"{path}: has {found} pages; {target.name} takes {most} of a PDF", size=found, limit=most, path=path)


def needed(part: Any) -> Capability | None:
    """Give the capability that *part* asks for, None where every model takes it."""
    if isinstance(part, DocumentPart):
        return "text_document" if part.text is not None else "pdf"
    return next((capability for kind, capability in CONTENT if isinstance(part, kind)), None)
