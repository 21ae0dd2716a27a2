"""Attachments as Gemini takes them: bytes inline, files and addresses by their URI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._core.media_types import named_type
from llmring.exceptions import InvalidMessageError
from llmring.protocols.media import base64_text, data_url, media_type

if TYPE_CHECKING:
    from llmring._gen.message import AudioPart, DocumentPart, ImagePart, VideoPart

Wire = dict[str, Any]

_FILES: Final = "https://generativelanguage.googleapis.com/v1beta/"


def attached(part: ImagePart | DocumentPart | AudioPart | VideoPart, otherwise: str) -> Wire:
    """Render bytes inline, an uploaded file or an address by its URI."""
    if part.data is not None:
        return _inline(part.media_type or media_type(part.data) or otherwise, base64_text(part.data))
    if part.file_id is not None:
        kind, uri = part.media_type, file_uri(part.file_id)
    elif part.url is not None:
        inline = data_url(part.url)
        if inline is not None:
            return _inline(inline[0] or part.media_type or otherwise, inline[1])
        kind, uri = part.media_type or named_type(part.url), part.url
    else:
        message = f"{part.type} content needs url, data or file_id"
        raise InvalidMessageError(message, path=part.type)
    return {"fileData": {"fileUri": uri} if kind is None else {"mimeType": kind, "fileUri": uri}}


def _inline(kind: str, data: str) -> Wire:
    return {"inlineData": {"mimeType": kind, "data": data}}


def file_uri(file_id: str) -> str:
    """Give the URI of an uploaded file, which Gemini also calls ``files/<name>``."""
    return _FILES + file_id if file_id.startswith("files/") else file_id
