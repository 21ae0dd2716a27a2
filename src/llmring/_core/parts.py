"""Understand content parts as callers write them: ours, OpenAI's (chat and Responses) and Anthropic's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from llmring._base import json_text, kind_of, wrong
from llmring._core.media_parts import anthropic_source, file_part, openai_audio, openai_image, with_source
from llmring._core.taking import Plain, fault, mark_at, maybe_flag, maybe_object, maybe_text, text_at
from llmring._gen.message import (
    PARTS,
    Citation,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolResultPart,
)
from llmring._gen.tool import ToolCall

ANTHROPIC = "anthropic_messages"
_KINDS = tuple(PARTS.values())
_OPAQUE = frozenset({"server_tool_use", "mcp_tool_use", "container_upload", "search_result", "compaction"})


def understand(value: Any, path: str) -> Part | ToolCall:
    """Give the part that *value* means; an Anthropic ``tool_use`` block is a tool call.

    Raises:
        InvalidMessageError: it is no part of any known style; the error names its path.

    """
    if isinstance(value, _KINDS):
        return _own(cast("Part", value), path)
    if isinstance(value, str):
        return TextPart(text=value)
    if not isinstance(value, Mapping):
        raise wrong(value, path, "a content part or a mapping with a type")
    part = cast("Plain", value)
    match part.get("type"):
        case "text" | "input_text" | "output_text":
            return _text(part, path)
        case "image_url" | "input_image":
            return openai_image(part, path)
        case "input_audio":
            return openai_audio(part, path)
        case "file" | "input_file":
            return file_part(part, path)
        case "image" | "document" if "source" in part:
            return anthropic_source(part, path)
        case "thinking" | "redacted_thinking":
            return _thinking(part, path)
        case "tool_use":
            return _tool_use(part, path)
        case "tool_result":
            return _tool_result(part, path)
        case str(kind) if kind in PARTS:
            return with_source(cast("Part", PARTS[kind].from_dict(part, path)), path)
        case str(kind) if kind in _OPAQUE or kind.endswith("_tool_result"):
            return OpaquePart(protocol=ANTHROPIC, data=dict(part))
        case None:
            raise fault(f"{path}.type", 'is missing; a text part is {"type": "text", "text": …}')
        case kind:
            raise fault(f"{path}.type", f"{kind!r} is unknown; known are {', '.join(PARTS)}, OpenAI's and Anthropic's own")


def _own(part: Part, path: str) -> Part:
    """Check a part that the caller made; making one hardly looks at the types of its fields."""
    if type(part) is TextPart and type(part.text) is str and not part.citations and part.signature is part.cache_control is None:
        return part
    if isinstance(part, ToolResultPart):
        return _tool_result(cast("Plain", part), path)
    return with_source(cast("Part", part.checked(path)), path)


def as_parts(content: str | list[Part] | None) -> list[Part]:
    """Give understood *content* as parts."""
    if isinstance(content, str):
        return [TextPart(text=content)] if content else []
    return content or []


# --- text and thoughts -----------------------------------------------------------------------------


def _text(part: Plain, path: str) -> TextPart:
    return TextPart(
        text=text_at(part, "text", path),
        citations=_citations(part.get("citations"), f"{path}.citations"),
        signature=maybe_text(part, "signature", path),
        cache_control=mark_at(part, path),
    )


def _citations(citations: Any, path: str) -> list[Citation]:
    if citations is None:
        return []
    if not isinstance(citations, list):
        raise wrong(citations, path, "a list")
    return [_citation(item, f"{path}[{at}]") for at, item in enumerate(cast("list[Any]", citations))]


def _citation(item: Any, path: str) -> Citation:
    """Understand a citation of ours, or one that Anthropic wrote, which has a type."""
    if not (isinstance(item, Mapping) and "type" in item):
        return Citation.from_dict(cast("Plain", item), path)
    wire = cast("Plain", item)
    title = maybe_text(wire, "document_title", path) or maybe_text(wire, "title", path)
    return Citation(url=maybe_text(wire, "url", path), title=title, cited_text=maybe_text(wire, "cited_text", path), source=dict(wire))


def _thinking(part: Plain, path: str) -> ReasoningPart:
    if part.get("type") == "redacted_thinking":
        return ReasoningPart(data=text_at(part, "data", path), protocol=ANTHROPIC)
    return ReasoningPart(text=text_at(part, "thinking", path), signature=maybe_text(part, "signature", path), protocol=ANTHROPIC)


# --- tools -------------------------------------------------------------------------------------------


def _tool_use(part: Plain, path: str) -> ToolCall:
    arguments = json_text(maybe_object(part, "input", path) or {})
    return ToolCall(id=text_at(part, "id", path), name=text_at(part, "name", path), arguments=arguments)


def _tool_result(part: Plain, path: str) -> ToolResultPart:
    key = "tool_use_id" if "tool_use_id" in part else "tool_call_id"
    return ToolResultPart(
        tool_call_id=text_at(part, key, path),
        content=result_content(part.get("content"), f"{path}.content"),
        name=maybe_text(part, "name", path),
        is_error=maybe_flag(part, "is_error", path) or False,
        cache_control=maybe_object(part, "cache_control", path),
    )


def result_content(content: Any, path: str) -> str | list[Part]:
    """Give what a tool gave back: a text, or parts; nothing is the empty text."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, (list, tuple)):
        raise fault(path, f"must be a string or a list of parts, not {kind_of(content)}")
    return [_result_part(item, f"{path}[{at}]") for at, item in enumerate(cast("list[Any]", content))]


def _result_part(item: Any, path: str) -> Part:
    part = understand(item, path)
    if isinstance(part, ToolCall):
        raise fault(path, "is a tool call; a tool's result holds text, images and documents")
    return part
