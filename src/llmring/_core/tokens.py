"""Estimate tokens where nobody counts them: about four characters each, and a little for every message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring._gen.message import DocumentPart, ReasoningPart, RefusalPart, TextPart, ToolResultPart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring._core.request import NormalRequest
    from llmring._gen.message import Part
    from llmring._gen.tool import Tool

CHARACTERS = 4
"""Characters of English text to a token, roughly; other scripts have fewer."""
A_MESSAGE = 4
"""Tokens that frame a message."""
AN_ATTACHMENT = 1000
"""Tokens of an image or another file, very roughly."""


def estimate(request: NormalRequest) -> int:
    """Estimate the input tokens of *request*, messages, files and tools."""
    total = AN_ATTACHMENT * len(request.options.get("files") or ())
    for message in request.messages:
        content = message.content
        total += A_MESSAGE + (_text(content) if isinstance(content, str) else _parts(content or ()))
        total += sum(A_MESSAGE + _text(call.name) + _text(call.raw_arguments) for call in message.tool_calls)
    for tool in request.tools:
        total += A_MESSAGE + _text(tool.name) + _text(tool.description or "") + _schema(tool)
    return total


def _schema(tool: Tool) -> int:
    from llmring._core.jsontext import dumps  # a prompt without tools has no use for it

    return _text(dumps(tool.parameters or tool.config).decode())


def _text(text: str) -> int:
    return -(-len(text) // CHARACTERS)


def _parts(parts: Iterable[Part]) -> int:
    return sum(map(_part, parts))


def _part(part: Part) -> int:
    match part:
        case TextPart(text=text) | ReasoningPart(text=text) | RefusalPart(refusal=text):
            return _text(text)
        case ToolResultPart(content=content):
            return _text(content) if isinstance(content, str) else _parts(content)
        case DocumentPart(text=str(text)):
            return _text(text)
        case _:
            return AN_ATTACHMENT
