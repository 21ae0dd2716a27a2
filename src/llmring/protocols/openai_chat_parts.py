"""Attachments of a user's message as chat completions want them; text is rendered where the message is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart
from llmring.exceptions import InvalidMessageError, UnsupportedParameterError
from llmring.protocols.media import base64_text, data_url, media_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.message import Part

_FORMATS: Final[Mapping[str, str]] = {
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}
"""What the API calls the two kinds of sound that it knows; other servers take more, by the subtype."""


def rendered(part: Part, path: str, model: str) -> dict[str, Any]:
    """Render an attachment that stands at *path*.

    Raises:
        InvalidMessageError: its bytes have not been read, or nobody can tell what they are.
        UnsupportedParameterError: the API has no place for it.

    """
    match part:
        case ImagePart():
            return _image(part, path, model)
        case AudioPart():
            return _audio(part, path, model)
        case DocumentPart():
            return _document(part, path, model)
        case FilePart():
            return {"type": "file", "file": {"file_id": part.file_id}}
        case _:
            raise unsaid(part, path, model, "chat completions have no place for it")


def unsaid(part: Part, path: str, model: str, why: str) -> UnsupportedParameterError:
    """Make the error for a *part* that cannot be told."""
    message = f"{path}: {model} cannot be given {part.type} here; {why}"
    return UnsupportedParameterError(message, parameter=part.type, model=model, path=path)


def _image(part: ImagePart, path: str, model: str) -> dict[str, Any]:
    url = part.url
    if part.data is not None:
        url = f"data:{_media_type(part, part.data, path)};base64,{base64_text(part.data)}"
    if url is None:
        raise _unread(part, path) if part.path else unsaid(part, path, model, "give its URL or bytes")
    image = {"url": url}
    if part.detail is not None:
        image["detail"] = part.detail
    return {"type": "image_url", "image_url": image}


def _audio(part: AudioPart, path: str, model: str) -> dict[str, Any]:
    if part.data is not None:
        kind, data = _media_type(part, part.data, path), base64_text(part.data)
    else:
        inner = data_url(part.url) if part.url else None
        if inner is None:
            raise _unread(part, path) if part.path else unsaid(part, path, model, "give its bytes, not its address")
        kind, data = part.media_type or inner[0] or "", inner[1]
    return {"type": "input_audio", "input_audio": {"data": data, "format": _FORMATS.get(kind, kind.rpartition("/")[2])}}


def _document(part: DocumentPart, path: str, model: str) -> dict[str, Any]:
    if part.text is not None:
        return {"type": "text", "text": part.text}
    if part.file_id is not None:
        return {"type": "file", "file": {"file_id": part.file_id}}
    if part.data is not None:
        kind = _media_type(part, part.data, path)
        if kind.startswith("text/"):
            return {"type": "text", "text": part.data.decode(errors="replace")}
        data = f"data:{kind};base64,{base64_text(part.data)}"
    elif part.url is not None and part.url.startswith("data:"):
        data = part.url
    else:
        raise _unread(part, path) if part.path else unsaid(part, path, model, "give its bytes, not its address")
    return {"type": "file", "file": {"filename": part.name or "document.pdf", "file_data": data}}


def _media_type(part: ImagePart | AudioPart | DocumentPart, data: bytes, path: str) -> str:
    found = part.media_type or media_type(data)
    if found is None:
        raise InvalidMessageError(f"{path}.media_type is missing, and the bytes do not tell", path=f"{path}.media_type")
    return found


def _unread(part: ImagePart | AudioPart | DocumentPart, path: str) -> InvalidMessageError:
    return InvalidMessageError(f"{path}.path {part.path!r} was not read; give the bytes as data", path=f"{path}.path")
