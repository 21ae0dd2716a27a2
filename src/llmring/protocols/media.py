"""Bytes, data URLs and media types of attachments, as JSON bodies need them; reading files is done elsewhere."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from llmring.exceptions import InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_RIFF: Final[Mapping[bytes, str]] = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_FTYP: Final = b"ftyp"


def media_type(data: bytes) -> str | None:
    """Guess the media type of *data* from how it begins; None where that tells nothing."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12])
    if data[4:8] == _FTYP:
        return {b"heic": "image/heic", b"avif": "image/avif", b"M4A ": "audio/mp4", b"qt  ": "video/quicktime"}.get(data[8:12], "video/mp4")
    return None


def base64_text(data: bytes) -> str:
    """Give *data* as base64 text."""
    return base64.b64encode(data).decode("ascii")


def data_url(url: str) -> tuple[str | None, str] | None:
    """Take a ``data:`` *url* apart into media type and base64 text; None for an address.

    Raises:
        InvalidMessageError: it is a data URL without data.

    """
    if not url.startswith("data:"):
        return None
    head, comma, data = url[5:].partition(",")
    if not comma:
        message = "a data: URL must be data:<media type>;base64,<data>"
        raise InvalidMessageError(message, path="url")
    kind, *parameters = head.split(";")
    if "base64" in parameters:
        return kind or None, data
    from urllib.parse import unquote_to_bytes

    return kind or "text/plain", base64_text(unquote_to_bytes(data))
