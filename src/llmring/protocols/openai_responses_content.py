"""What a user, a system prompt or a tool says, as the content parts of the Responses API; items are made elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, assert_never

from llmring._gen.message import (
    AudioPart,
    DocumentPart,
    FilePart,
    ImagePart,
    OpaquePart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolResultPart,
    VideoPart,
)
from llmring.exceptions import InvalidMessageError, UnsupportedParameterError
from llmring.protocols.media import base64_text, media_type
from llmring.protocols.openai_marks import marked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring._gen.message import Part

Plain = dict[str, Any]

_PDF: Final = "application/pdf"
_ENDINGS: Final = {
    _PDF: "pdf",
    "text/plain": "txt",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
    "application/json": "json",
}
"""The ending of a name by media type: the API tells kinds of files by it."""


def contents(parts: Iterable[Part], *, marks: bool = False) -> list[Plain]:
    """Render *parts*, with cache breakpoints where *marks* are known; what is an item of its own or another's is left out."""
    rendered = (_marked(part) if marks else content(part) for part in parts)
    return [each for each in rendered if each is not None]


def _marked(part: Part) -> Plain | None:
    said = content(part)
    if said is None or isinstance(part, (ReasoningPart, RefusalPart, OpaquePart)) or part.cache_control is None:
        return said
    return marked(said, part.cache_control)


def content(part: Part) -> Plain | None:
    """Render one *part*.

    Raises:
        UnsupportedParameterError: the API does not take its kind.
        InvalidMessageError: it has no content.

    """
    match part:
        case TextPart():
            return {"type": "input_text", "text": part.text}
        case ImagePart():
            return {"type": "input_image", "detail": part.detail or "auto", **_image(part)}
        case DocumentPart():
            return {"type": "input_text", "text": part.text} if part.text is not None else {"type": "input_file", **_file(part)}
        case FilePart():
            return {"type": "input_file", "file_id": part.file_id}
        case RefusalPart():
            return {"type": "input_text", "text": part.refusal}
        case ReasoningPart() | OpaquePart() | ToolResultPart():
            return None
        case AudioPart() | VideoPart():
            message = f"the Responses API does not take {part.type} content"
            raise UnsupportedParameterError(message, parameter=part.type)
        case _:
            assert_never(part)


def _image(part: ImagePart) -> Plain:
    if part.file_id is not None:
        return {"file_id": part.file_id}
    if part.data is not None:
        return {"image_url": _data_url(part.data, part.media_type or media_type(part.data) or "image/png")}
    if part.url is None:
        raise InvalidMessageError("an image needs url, data or file_id", path="image")
    return {"image_url": part.url}


def _file(part: DocumentPart) -> Plain:
    if part.file_id is not None:
        return {"file_id": part.file_id}
    if part.data is not None:
        kind = part.media_type or media_type(part.data) or _PDF
        return {"filename": _name(part, kind), "file_data": _data_url(part.data, kind)}
    if part.url is None:
        raise InvalidMessageError("a document needs url, data, text or file_id", path="document")
    if part.url.startswith("data:"):
        return {"filename": _name(part, part.url[5:].partition(",")[0].partition(";")[0]), "file_data": part.url}
    return {"file_url": part.url}


def _name(part: DocumentPart, kind: str) -> str:
    """Give the file's name; the API wants one with inline data."""
    return part.name or f"document.{_ENDINGS.get(kind, 'pdf')}"


def _data_url(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64_text(data)}"
