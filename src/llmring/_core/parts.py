"""Understand content parts as callers write them: ours, OpenAI's (chat and Responses) and Anthropic's."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast

from llmring._base import Readable, json_text
from llmring._gen.message import (
    PARTS,
    AudioPart,
    DocumentPart,
    FilePart,
    ImagePart,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolResultPart,
)
from llmring._gen.tool import ToolCall
from llmring.exceptions import InvalidMessageError

Plain = Mapping[str, Any]
ANTHROPIC = "anthropic_messages"
_KINDS = tuple(PARTS.values())
_ANTHROPIC_OPAQUE = ("server_tool_use", "mcp_tool_use", "container_upload", "search_result", "compaction")


def understand(value: Any, path: str) -> Part | ToolCall:
    """Give the part that *value* means; an Anthropic ``tool_use`` block is a tool call.

    Raises:
        InvalidMessageError: it is no part of any known style; the error names its path.

    """
    if isinstance(value, _KINDS):
        return cast("Part", value)
    if isinstance(value, str):
        return TextPart(text=value)
    if not isinstance(value, (Mapping, Readable)):
        message = f"{path} must be a content part or a mapping with a type, not {type(value).__name__}"
        raise InvalidMessageError(message, path=path)
    part = cast("Plain", value)
    kind = part.get("type")
    match kind:
        case "text" | "input_text" | "output_text":
            return _text(part, path)
        case "image_url" | "input_image":
            return _openai_image(part, path)
        case "input_audio":
            return _openai_audio(part, path)
        case "file" | "input_file":
            return _file(part, path)
        case "image" | "document" if "source" in part:
            return _anthropic_source(part, path)
        case "thinking" | "redacted_thinking":
            return _anthropic_thinking(part, path)
        case "tool_use":
            return ToolCall(id=_word(part, "id", path), name=_word(part, "name", path), arguments=json_text(part.get("input") or {}))
        case "tool_result":
            return _tool_result(part, path)
        case str() if kind in PARTS:
            return cast("Part", PARTS[kind].from_dict(part, path))
        case str() if kind in _ANTHROPIC_OPAQUE or kind.endswith("_tool_result"):
            return OpaquePart(protocol=ANTHROPIC, data=dict(part))
        case _:
            raise InvalidMessageError(_unknown_kind(kind, path), path=f"{path}.type")


def _unknown_kind(kind: Any, path: str) -> str:
    if kind is None:
        return f'{path}.type is missing; a text part is {{"type": "text", "text": …}}'
    return f"{path}.type {kind!r} is unknown; known are {', '.join(PARTS)}, OpenAI's and Anthropic's own"


def _word(part: Plain, key: str, path: str) -> str:
    """Give the string at *key*, or say what is wrong with it."""
    value = part.get(key)
    if isinstance(value, str):
        return value
    at = f"{path}.{key}"
    message = f"{at} is missing" if value is None else f"{at} must be a string, not {type(value).__name__}"
    raise InvalidMessageError(message, path=at)


def _cache(part: Plain) -> dict[str, Any] | None:
    mark = part.get("cache_control")
    return dict(cast("Plain", mark)) if isinstance(mark, Mapping) else None


def _text(part: Plain, path: str) -> TextPart:
    if part.get("type") == "text" and (part.get("signature") is not None or "citations" in part):
        citations = part.get("citations")
        if not isinstance(citations, list) or any(
            not isinstance(item, (dict, Readable)) or "type" in item for item in cast("list[Any]", citations)
        ):
            part = {key: value for key, value in part.items() if key != "citations"}
        return TextPart.from_dict(part, path)
    return TextPart(text=_word(part, "text", path), cache_control=_cache(part))


def _openai_image(part: Plain, path: str) -> ImagePart:
    """``{"type": "image_url", "image_url": {"url", "detail"}}`` and Responses' ``input_image``."""
    image = part.get("image_url")
    if isinstance(image, Mapping):
        inner = cast("Plain", image)
        return ImagePart(url=_word(inner, "url", f"{path}.image_url"), detail=inner.get("detail"), cache_control=_cache(part))
    if image is None and isinstance(part.get("file_id"), str):
        return ImagePart(file_id=part["file_id"], detail=part.get("detail"))
    return ImagePart(url=_word(part, "image_url", path), detail=part.get("detail"), cache_control=_cache(part))


def _openai_audio(part: Plain, path: str) -> AudioPart:
    inner = part.get("input_audio")
    if not isinstance(inner, Mapping):
        at = f"{path}.input_audio"
        message = f"{at} must be an object with data and format"
        raise InvalidMessageError(message, path=at)
    audio = cast("Plain", inner)
    form = audio.get("format")
    return AudioPart(
        data=_decoded(_word(audio, "data", f"{path}.input_audio"), f"{path}.input_audio.data"),
        media_type=f"audio/{form}" if isinstance(form, str) else None,
        cache_control=_cache(part),
    )


def _file(part: Plain, path: str) -> FilePart | DocumentPart:
    """Ours (``file_id`` of a registered file), OpenAI's ``file`` and Responses' ``input_file``."""
    inner = part.get("file")
    where = path
    if isinstance(inner, Mapping):
        part, where = {**cast("Plain", inner), "cache_control": part.get("cache_control")}, f"{path}.file"
    elif part.get("type") == "file":
        return FilePart(file_id=_word(part, "file_id", path), cache_control=_cache(part))
    name = part.get("filename")
    data = part.get("file_data")
    if isinstance(data, str):
        return DocumentPart(url=_as_data_url(data), name=name, cache_control=_cache(part))
    if isinstance(part.get("file_url"), str):
        return DocumentPart(url=part["file_url"], name=name, cache_control=_cache(part))
    return DocumentPart(file_id=_word(part, "file_id", where), name=name, cache_control=_cache(part))


def _as_data_url(text: str) -> str:
    return text if text.startswith("data:") else f"data:application/pdf;base64,{text}"


def _anthropic_source(part: Plain, path: str) -> Part:
    source = part.get("source")
    if not isinstance(source, Mapping):
        at = f"{path}.source"
        message = f"{at} must be an object"
        raise InvalidMessageError(message, path=at)
    origin, where = _source(cast("Plain", source), f"{path}.source")
    if part.get("type") == "image":
        return ImagePart(**origin, cache_control=_cache(part))
    if where is not None:
        return OpaquePart(protocol=ANTHROPIC, data=dict(part))
    citations = part.get("citations")
    enabled = bool(cast("Plain", citations).get("enabled")) if isinstance(citations, Mapping) else None
    return DocumentPart(**origin, name=part.get("title"), citations=enabled, cache_control=_cache(part))


def _source(source: Plain, path: str) -> tuple[dict[str, Any], str | None]:
    """Give the fields of a part for an Anthropic *source*; and its type when only Anthropic can take it."""
    match source.get("type"):
        case "base64":
            data = source.get("data")
            decoded = data if isinstance(data, bytes) else _decoded(_word(source, "data", path), f"{path}.data")
            return {"data": decoded, "media_type": source.get("media_type")}, None
        case "url":
            return {"url": _word(source, "url", path)}, None
        case "file":
            return {"file_id": _word(source, "file_id", path)}, None
        case "text":
            return {"text": _word(source, "data", path), "media_type": source.get("media_type")}, None
        case "content":
            return {}, "content"
        case kind:
            message = f"{path}.type must be base64, url, file or text, not {kind!r}"
            raise InvalidMessageError(message, path=f"{path}.type")


def _decoded(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        message = f"{path} is not valid base64"
        raise InvalidMessageError(message, path=path) from None


def _anthropic_thinking(part: Plain, path: str) -> ReasoningPart:
    if part.get("type") == "redacted_thinking":
        return ReasoningPart(data=_word(part, "data", path), protocol=ANTHROPIC)
    return ReasoningPart(text=_word(part, "thinking", path), signature=part.get("signature"), protocol=ANTHROPIC)


def _tool_result(part: Plain, path: str) -> ToolResultPart:
    key = "tool_use_id" if "tool_use_id" in part else "tool_call_id"
    content = part.get("content")
    return ToolResultPart(
        tool_call_id=_word(part, key, path),
        content=content if isinstance(content, str) else result_parts(content, f"{path}.content"),
        name=part.get("name"),
        is_error=bool(part.get("is_error")),
        cache_control=_cache(part),
    )


def result_parts(content: Any, path: str) -> str | list[Part]:
    """Give the parts of a tool's result; none is the empty text."""
    if content is None:
        return ""
    if not isinstance(content, (list, tuple)):
        message = f"{path} must be a string or a list of parts, not {type(content).__name__}"
        raise InvalidMessageError(message, path=path)
    parts = [understand(item, f"{path}[{at}]") for at, item in enumerate(cast("list[Any]", content))]
    return [part for part in parts if not isinstance(part, ToolCall)]
