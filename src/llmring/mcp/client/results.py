"""What servers give back, as llmring's content: texts, images, sounds and documents; nothing in them is acted on."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

import attrs

from llmring.schemas import AudioPart, DocumentPart, ImagePart, Message, Part, TextPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp.types import CallToolResult, ContentBlock, GetPromptResult, ReadResourceResult


@attrs.frozen(kw_only=True)
class MCPResult:
    """What a tool or a resource gave."""

    content: list[Part]
    """The content for a model."""
    structured: Any = None
    """The result as data, where the tool gives it so."""
    is_error: bool = False
    """Whether the tool failed, in its own judgement."""
    meta: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """What the server says beside it."""

    @property
    def text(self) -> str:
        """All text of the content."""
        return "\n".join(part.text for part in self.content if isinstance(part, TextPart))

    @property
    def told(self) -> str | list[Part]:
        """The content in its shortest form: a text where it is nothing else; data as JSON where there is no content."""
        if not self.content and self.structured is not None:
            return json.dumps(self.structured, ensure_ascii=False)
        if all(isinstance(part, TextPart) for part in self.content):
            return self.text
        return list(self.content)


@attrs.frozen(kw_only=True)
class MCPPrompt:
    """A prompt that a server has written."""

    messages: list[Message]
    description: str | None = None


def result_of(found: CallToolResult) -> MCPResult:
    """Give what a tool gave back.

    Raises:
        ValueError: something in it is not the base64 that it should be.

    """
    return MCPResult(
        content=[part_of(block) for block in found.content],
        structured=found.structured_content,
        is_error=bool(found.is_error),
        meta=dict(found.meta or {}),
    )


def resource_of(found: ReadResourceResult) -> MCPResult:
    """Give what a resource holds.

    Raises:
        ValueError: something in it is not the base64 that it should be.

    """
    return MCPResult(content=[_held(each) for each in found.contents], meta=dict(found.meta or {}))


def prompt_of(found: GetPromptResult) -> MCPPrompt:
    """Give a written prompt; what one speaker says in a row is one message.

    Raises:
        ValueError: something in it is not the base64 that it should be.

    """
    turns: list[tuple[str, list[Part]]] = []
    for each in found.messages:
        part = part_of(each.content)
        if turns and turns[-1][0] == each.role:
            turns[-1][1].append(part)
        else:
            turns.append((each.role, [part]))
    return MCPPrompt(messages=[_message(role, parts) for role, parts in turns], description=found.description)


def _message(role: Any, parts: Sequence[Part]) -> Message:
    if len(parts) == 1 and isinstance(parts[0], TextPart):
        return Message(role=role, content=parts[0].text)
    return Message(role=role, content=list(parts))


def part_of(block: ContentBlock) -> Part:
    """Give one *block* of content as a part."""
    match block.type:
        case "text":
            return TextPart(text=block.text)
        case "image":
            return ImagePart(data=_bytes(block.data), media_type=block.mime_type)
        case "audio":
            return AudioPart(data=_bytes(block.data), media_type=block.mime_type)
        case "resource":
            return _held(block.resource)
        case "resource_link":
            words = f" ({block.description})" if block.description else ""
            return TextPart(text=f"{block.title or block.name}: {block.uri}{words}")


def _held(resource: Any) -> Part:
    """Give what a *resource* holds: its text, or its bytes as what they are."""
    if (text := getattr(resource, "text", None)) is not None:
        return TextPart(text=text)
    data, kind = _bytes(resource.blob), resource.mime_type or "application/octet-stream"
    top = kind.partition("/")[0]
    if top == "text":
        return TextPart(text=data.decode("utf-8", "replace"))
    if top == "image":
        return ImagePart(data=data, media_type=kind)
    if top == "audio":
        return AudioPart(data=data, media_type=kind)
    return DocumentPart(data=data, media_type=kind, name=str(resource.uri))


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        message = f"content that should be base64 is not: {error}"
        raise ValueError(message) from None


def size_of(found: Any) -> int:
    """Give about how many bytes a result of the SDK's is, for servers whose messages were not counted on their way."""
    return len(found.model_dump_json(by_alias=True, exclude_none=True))
