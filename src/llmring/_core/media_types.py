"""Tell what kind of file something is, from its first bytes or its name; nothing is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PDF: Final = "application/pdf"

_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF", PDF),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_RIFF: Final[Mapping[bytes, str]] = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_FTYP: Final = b"ftyp"
_BRANDS: Final[Mapping[bytes, str]] = {
    b"heic": "image/heic",
    b"avif": "image/avif",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_ENDINGS: Final[Mapping[str, str]] = {
    "aac": "audio/aac",
    "avi": "video/x-msvideo",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "css": "text/css",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "flac": "audio/flac",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "log": "text/plain",
    "m4a": "audio/mp4",
    "md": "text/markdown",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "pdf": PDF,
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "py": "text/x-python",
    "rst": "text/x-rst",
    "rtf": "application/rtf",
    "svg": "image/svg+xml",
    "tex": "text/x-tex",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "toml": "application/toml",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "zip": "application/zip",
}
_WRITTEN: Final = ("json", "jsonl", "xml", "yaml", "toml", "javascript", "x-ndjson", "sql")
"""Subtypes of ``application`` that are text."""


def media_type(data: bytes) -> str | None:
    """Guess the media type of *data* from how it begins; None where that tells nothing."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12])
    if data[4:8] == _FTYP:
        return _BRANDS.get(data[8:12], "video/mp4")
    return None


def named_type(name: str) -> str | None:
    """Guess the media type of a file or address from how its *name* ends; None where that tells nothing."""
    last = name.partition("?")[0].partition("#")[0].replace("\\", "/").rpartition("/")[2]
    stem, _, ending = last.rpartition(".")
    return _ENDINGS.get(ending.lower()) if stem else None


def plain_type(kind: str | None) -> str | None:
    """Give a Content-Type without its parameters; None for one that says nothing."""
    found = (kind or "").partition(";")[0].strip().lower()
    return None if found in {"", "application/octet-stream", "binary/octet-stream"} else found


def is_text(kind: str) -> bool:
    """Tell whether files of media type *kind* are written in characters."""
    family, _, form = kind.partition("/")
    return family == "text" or (family == "application" and form.rpartition("+")[2] in _WRITTEN)
