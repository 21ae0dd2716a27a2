"""Understand images, sound and documents as OpenAI and Anthropic write them; reading files is done elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, cast

from llmring._core.taking import Plain, fault, mark_at, maybe_object, maybe_text, text_at
from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart, OpaquePart, Part, VideoPart

_ANTHROPIC = "anthropic_messages"
_SOURCES = ("url", "data", "path", "text", "file_id", "transcript")


def with_source(part: Part, path: str) -> Part:
    """Give *part* if, being an attachment, it says where its content is."""
    if isinstance(part, (ImagePart, DocumentPart, AudioPart, VideoPart)) and all(part.get(key) is None for key in _SOURCES):
        raise fault(path, f"has no content; give {', '.join(key for key in _SOURCES[:-1] if key in part)}")
    return part


def openai_image(part: Plain, path: str) -> ImagePart:
    """``{"type": "image_url", "image_url": {"url", "detail"}}`` and Responses' ``input_image``."""
    mark = mark_at(part, path)
    image = part.get("image_url")
    if isinstance(image, Mapping):
        inner, where = cast("Plain", image), f"{path}.image_url"
        return ImagePart(url=text_at(inner, "url", where), detail=maybe_text(inner, "detail", where), cache_control=mark)
    detail = maybe_text(part, "detail", path)
    if image is None and part.get("file_id") is not None:
        return ImagePart(file_id=text_at(part, "file_id", path), detail=detail, cache_control=mark)
    return ImagePart(url=text_at(part, "image_url", path), detail=detail, cache_control=mark)


def openai_audio(part: Plain, path: str) -> AudioPart:
    """``{"type": "input_audio", "input_audio": {"data", "format"}}``."""
    where = f"{path}.input_audio"
    inner = maybe_object(part, "input_audio", path)
    if inner is None:
        raise fault(where, "is missing; it is an object with data and format")
    form = maybe_text(inner, "format", where)
    return AudioPart(
        data=_decoded(text_at(inner, "data", where), f"{where}.data"),
        media_type=f"audio/{form}" if form else None,
        cache_control=mark_at(part, path),
    )


def file_part(part: Plain, path: str) -> FilePart | DocumentPart:
    """Ours (``file_id`` of a registered file), OpenAI's ``file`` and Responses' ``input_file``."""
    mark = mark_at(part, path)
    inner = maybe_object(part, "file", path)
    if inner is not None:
        part, path = inner, f"{path}.file"
    elif part.get("type") == "file":
        return FilePart(file_id=text_at(part, "file_id", path), cache_control=mark)
    name = maybe_text(part, "filename", path)
    data = maybe_text(part, "file_data", path)
    if data is not None:
        url = data if data.startswith("data:") else f"data:application/pdf;base64,{data}"
        return DocumentPart(url=url, name=name, cache_control=mark)
    if part.get("file_url") is not None:
        return DocumentPart(url=text_at(part, "file_url", path), name=name, cache_control=mark)
    return DocumentPart(file_id=text_at(part, "file_id", path), name=name, cache_control=mark)


def anthropic_source(part: Plain, path: str) -> Part:
    """``{"type": "image" or "document", "source": {"type", …}}``."""
    mark = maybe_object(part, "cache_control", path)
    source = maybe_object(part, "source", path)
    if source is None:
        raise fault(f"{path}.source", "is missing; it is an object with a type")
    if source.get("type") == "content":  # blocks of its own, which only Anthropic takes
        return OpaquePart(protocol=_ANTHROPIC, data=dict(part))
    origin = _origin(source, f"{path}.source")
    if part.get("type") == "image":
        if "text" in origin:
            raise fault(f"{path}.source.type", "must be base64, url or file for an image, not 'text'")
        return ImagePart(**origin, cache_control=mark)
    citations = maybe_object(part, "citations", path)
    enabled = None if citations is None else bool(citations.get("enabled"))
    return DocumentPart(**origin, name=maybe_text(part, "title", path), citations=enabled, cache_control=mark)


def _origin(source: Plain, path: str) -> dict[str, Any]:
    """Give the fields of a part for an Anthropic *source*."""
    match source.get("type"):
        case "base64":
            data = source.get("data")
            decoded = data if isinstance(data, bytes) else _decoded(text_at(source, "data", path), f"{path}.data")
            return {"data": decoded, "media_type": maybe_text(source, "media_type", path)}
        case "url":
            return {"url": text_at(source, "url", path)}
        case "file":
            return {"file_id": text_at(source, "file_id", path)}
        case "text":
            return {"text": text_at(source, "data", path), "media_type": maybe_text(source, "media_type", path)}
        case kind:
            raise fault(f"{path}.type", f"must be base64, url, file, text or content, not {kind!r}")


def _decoded(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise fault(path, "is not valid base64") from None
