"""Judge the content of one attachment, wherever it came from: what it is, how large it is, whether the part may say so."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any, Literal

import attrs

from llmring._core.media_types import is_text, media_type, named_type, plain_type
from llmring._core.taking import fault
from llmring._gen.message import AudioPart, DocumentPart, ImagePart, VideoPart
from llmring.exceptions import FileSizeError

if TYPE_CHECKING:
    from collections.abc import Mapping

Attachment = ImagePart | DocumentPart | AudioPart | VideoPart
Kind = Literal["image", "document", "audio", "video"]

_A: dict[str, str] = {"image": "an image", "audio": "sound", "video": "a video"}


@attrs.frozen
class Content:
    """What was read or fetched."""

    data: bytes
    media_type: str | None = None
    """What the server said it is."""


def settled(part: Attachment, contents: Mapping[str, Content], path: str, limit: int | None) -> tuple[Attachment, int]:
    """Give *part* with its content in place, checked against *limit*, and the number of bytes that go inline.

    A document that is text becomes text, which every protocol has a place for.

    Raises:
        InvalidMessageError: it is empty, malformed, or nobody can tell what it is.
        FileSizeError: it is too large.

    """
    key = part.path if part.path is not None else part.url
    if part.data is not None:
        fits(len(part.data), limit, f"{path}.data")
        return _written(part, part.data, part.media_type, f"{path}.data")
    if key is not None and key in contents:
        where = f"{path}.{'url' if part.path is None else 'path'}"
        content = contents[key]
        fits(len(content.data), limit, where)
        return _read(part, content, key, where)
    if part.url is not None and part.url.startswith("data:") and part.file_id is None:
        return _from_data_url(part, part.url, f"{path}.url", limit)
    return part, 0


def fits(size: int, limit: int | None, path: str) -> None:
    """Refuse *size* bytes, given at *path*, if they are none or more than *limit*."""
    if not size:
        raise fault(path, "is empty")
    if limit is not None and size > limit:
        raise FileSizeError(
            f"{path}: {size:,} bytes are more than the {limit:,} that the provider takes", size=size, limit=limit, path=path
        )


def _read(part: Attachment, content: Content, where: str, path: str) -> tuple[Attachment, int]:
    """Put *content*, which came from *where*, into *part*."""
    told = part.media_type or media_type(content.data) or plain_type(content.media_type) or named_type(where)
    kind = _of_family(part, told, content.data, path)
    changes: dict[str, Any] = {"path": None, "url": None, "data": content.data, "media_type": kind}
    if isinstance(part, DocumentPart) and part.name is None:
        changes["name"] = _name(where)
    return _written(attrs.evolve(part, **changes), content.data, kind, path)


def _of_family(part: Attachment, kind: str | None, data: bytes, path: str) -> str:
    """Give the media type, having seen that it is one of what *part* is."""
    if isinstance(part, DocumentPart):
        if kind is None and b"\0" not in data:
            return "text/plain"
    elif kind is not None:
        if part.type == "audio" and kind in {"video/mp4", "video/webm"}:  # containers that begin alike
            return kind.replace("video", "audio")
        if not kind.startswith(f"{part.type}/"):
            raise fault(path, f"is {kind}, not {_A[part.type]}")
    if kind is None:
        raise fault(path, f"does not tell what kind of {part.type} it is; give its media_type")
    return kind


def _name(where: str) -> str | None:
    """Give the last word of a path or URL."""
    return where.partition("?")[0].partition("#")[0].replace("\\", "/").rstrip("/").rpartition("/")[2] or None


def _written(part: Attachment, data: bytes, kind: str | None, path: str) -> tuple[Attachment, int]:
    """Turn a document that is text into text; leave anything else as it is."""
    if not isinstance(part, DocumentPart) or kind is None or not is_text(kind):
        return part, len(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise fault(path, f"is {kind}, but not in UTF-8") from None
    return attrs.evolve(part, text=text, data=None, url=None, media_type=kind), 0


def _from_data_url(part: Attachment, url: str, path: str, limit: int | None) -> tuple[Attachment, int]:
    """Check a ``data:`` *url*; it stays as it is where every protocol can take it so."""
    head, comma, body = url[5:].partition(",")
    if not comma:
        raise fault(path, "is no data URL; one is data:<media type>;base64,<data>")
    kind, *parameters = head.split(";")
    kind = kind.strip().lower() or part.media_type
    data, kept = _decoded(body, path) if "base64" in parameters else (_unquoted(body), False)
    fits(len(data), limit, path)
    document = isinstance(part, DocumentPart)
    if document and kind is None and "base64" not in parameters:
        kind = "text/plain"
    if kept and not (document and kind is not None and is_text(kind)):
        return part, len(data)
    return _written(attrs.evolve(part, url=None, data=data, media_type=kind), data, kind, path)


def _decoded(text: str, path: str) -> tuple[bytes, bool]:
    """Decode base64, and tell whether it stood there as providers want it; line breaks are forgiven."""
    try:
        return binascii.a2b_base64(text, strict_mode=True), True
    except ValueError:
        pass
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True), False
    except ValueError:
        raise fault(path, "is not valid base64") from None


def _unquoted(body: str) -> bytes:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(body)
