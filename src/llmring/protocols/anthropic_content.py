"""Content parts and tool calls as Anthropic's blocks; what stands around them is the request's business."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, assert_never

from llmring._base import json_object
from llmring._core.caching import anthropic_mark
from llmring._gen.message import (
    AudioPart,
    DocumentPart,
    FilePart,
    ImagePart,
    OpaquePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolResultPart,
    VideoPart,
)
from llmring.exceptions import InvalidMessageError, UnsupportedParameterError
from llmring.protocols.anthropic_blocks import NAME
from llmring.protocols.media import base64_text, data_url, media_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmring._gen.message import Message
    from llmring._gen.tool import ToolCall

Block = dict[str, Any]

_PDF: Final = "application/pdf"
_ODD: Final = re.compile(r"[^a-zA-Z0-9_-]")
_UNMARKED: Final = frozenset({"thinking", "redacted_thinking"})
"""Blocks that take no ``cache_control``."""


def blocks(parts: Iterable[Part]) -> list[Block]:
    """Render *parts*; what only another wire format understands is left out."""
    rendered = (_block(part) for part in parts)
    return [block for block in rendered if block is not None]


def spoken(message: Message) -> list[Block]:
    """Render the content of *message* with its tool calls, each at its own place among the parts."""
    content = message.content
    if content is None or isinstance(content, str):
        found: list[Block] = [{"type": "text", "text": content}] if content else []
        if all(call.at is None for call in message.tool_calls):
            return found + [_call(call) for call in message.tool_calls]
    parts: Sequence[Part] = [TextPart(text=content)] if isinstance(content, str) else content or []
    if not message.tool_calls:
        return blocks(parts)
    early: dict[int, list[ToolCall]] = {}
    late: list[ToolCall] = []
    for call in message.tool_calls:
        if call.at is None or call.at >= len(parts):
            late.append(call)
        else:
            early.setdefault(call.at, []).append(call)
    found = []
    for at, part in enumerate(parts):
        found += [_call(call) for call in early.get(at, ())]
        found += blocks((part,))
    return found + [_call(call) for call in late]


def mark(rendered: list[Block], cache_control: Any) -> None:
    """Put a cache breakpoint after the last block that takes one."""
    for at in range(len(rendered) - 1, -1, -1):
        if rendered[at].get("type") not in _UNMARKED:
            rendered[at] = {**rendered[at], "cache_control": anthropic_mark(cache_control)}
            return


def result(call_id: str, content: str | Sequence[Part] | None, *, is_error: bool = False) -> Block:
    """Render what a tool gave back."""
    block: Block = {"type": "tool_result", "tool_use_id": _id(call_id), "content": content or ""}
    if content and not isinstance(content, str):
        block["content"] = blocks(content)
    if is_error:
        block["is_error"] = True
    return block


def _block(part: Part) -> Block | None:
    match part:
        case TextPart():
            block = _text(part)
        case ImagePart():
            block: Block | None = {"type": "image", "source": _image(part)}
        case DocumentPart():
            block = _document(part)
        case ToolResultPart():
            block = result(part.tool_call_id, part.content, is_error=part.is_error)
        case FilePart():
            block = {"type": "document", "source": {"type": "file", "file_id": part.file_id}}
        case ReasoningPart():
            return _thinking(part)
        case OpaquePart():
            return part.data if part.protocol == NAME else None
        case RefusalPart():
            return {"type": "text", "text": part.refusal} if part.refusal else None
        case AudioPart() | VideoPart():
            message = f"Anthropic does not take {part.type} content"
            raise UnsupportedParameterError(message, parameter=part.type)
        case _:
            assert_never(part)
    if block is not None and part.cache_control is not None:
        block["cache_control"] = anthropic_mark(part.cache_control)
    return block


def _text(part: TextPart) -> Block | None:
    """Render text; an empty one is refused by the API, so it is left out."""
    if not part.text:
        return None
    block: Block = {"type": "text", "text": part.text}
    sources = [citation.source for citation in part.citations if citation.source and str(citation.source.get("type")).endswith("_location")]
    if sources:
        block["citations"] = sources
    return block


def _thinking(part: ReasoningPart) -> Block | None:
    """Render thoughts that Anthropic signed, byte for byte; it refuses all others."""
    if part.protocol != NAME:
        return None
    if part.data is not None:
        return {"type": "redacted_thinking", "data": part.data}
    return None if part.signature is None else {"type": "thinking", "thinking": part.text, "signature": part.signature}


def _call(call: ToolCall) -> Block:
    """Render a call; text that is no JSON object is shown to the model inside one."""
    arguments = json_object(call.raw_arguments)
    block: Block = {
        "type": "tool_use",
        "id": _id(call.id),
        "name": call.name,
        "input": {"input": call.raw_arguments} if arguments is None else arguments,
    }
    if call.signature is not None and call.signature.startswith("{"):
        block.update(json_object(call.signature) or {})
    return block


def _id(call_id: str) -> str:
    """Give an id of the letters that the API allows; other providers use more of them."""
    return _ODD.sub("_", call_id)


def _image(part: ImagePart) -> Block:
    if part.file_id is not None:
        return {"type": "file", "file_id": part.file_id}
    if part.data is not None:
        kind = part.media_type or media_type(part.data) or "image/png"
        return {"type": "base64", "media_type": kind, "data": base64_text(part.data)}
    if part.url is None:
        raise InvalidMessageError("an image needs url, data or file_id", path="image")
    inline = data_url(part.url)
    if inline is None:
        return {"type": "url", "url": part.url}
    return {"type": "base64", "media_type": inline[0] or part.media_type or "image/png", "data": inline[1]}


def _document(part: DocumentPart) -> Block:
    block: Block = {"type": "document", "source": _document_source(part)}
    if part.name is not None:
        block["title"] = part.name
    if part.citations is not None:
        block["citations"] = {"enabled": part.citations}
    return block


def _document_source(part: DocumentPart) -> Block:
    if part.text is not None:
        return {"type": "text", "media_type": "text/plain", "data": part.text}
    if part.file_id is not None:
        return {"type": "file", "file_id": part.file_id}
    if part.data is not None:
        return _inline(part.data, part.media_type or media_type(part.data))
    if part.url is None:
        raise InvalidMessageError("a document needs url, data, text or file_id", path="document")
    inline = data_url(part.url)
    if inline is None:
        return {"type": "url", "url": part.url}
    kind, data = inline
    if (kind or part.media_type or _PDF) == _PDF:
        return {"type": "base64", "media_type": _PDF, "data": data}
    from base64 import b64decode

    return _inline(b64decode(data), kind or part.media_type)


def _inline(data: bytes, kind: str | None) -> Block:
    """Give a PDF as it is, anything else as the text that it must then be."""
    if kind == _PDF:
        return {"type": "base64", "media_type": _PDF, "data": base64_text(data)}
    try:
        return {"type": "text", "media_type": "text/plain", "data": data.decode()}
    except UnicodeDecodeError:
        message = f"Anthropic takes PDF and text documents, not {kind or 'unknown bytes'}"
        raise InvalidMessageError(message, path="document") from None
