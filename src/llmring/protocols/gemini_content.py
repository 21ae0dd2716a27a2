"""Messages as Gemini's contents: parts, calls and their results; what stands around them is the request's business."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, assert_never

from llmring._base import json_object
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
from llmring.exceptions import InvalidMessageError
from llmring.protocols.gemini_stream import NAME
from llmring.protocols.media import base64_text, data_url, media_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmring._gen.message import Message
    from llmring._gen.tool import ToolCall

Wire = dict[str, Any]

UNSIGNED: Final = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
"""What Gemini takes in place of the signature of a call that it did not make (docs: Thought signatures, FAQ)."""

_MADE_UP: Final = re.compile(r"call_\d{1,4}")
_SYSTEM: Final = frozenset({"system", "developer"})
_FILES: Final = "https://generativelanguage.googleapis.com/v1beta/"
_ENDINGS: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "csv": "text/csv",
    "html": "text/html",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}


def split(messages: Sequence[Message], *, signed: bool) -> tuple[list[Wire], list[Wire]]:
    """Part the system's words, wherever they stand, from the contents; a tool's results join one content.

    *signed* says that the model insists on signatures of the calls that it is shown.
    """
    system: list[Wire] = []
    contents: list[Wire] = []
    names: dict[str, str] = {}
    answering: list[Wire] | None = None
    for message in messages:
        role, content = message.role, message.content
        if role == "tool":
            if answering is None:
                answering = []
                contents.append({"role": "user", "parts": answering})
            answering += _results(message, names)
            continue
        if message.tool_calls:
            rendered = _spoken(message, signed=signed)
            for call in message.tool_calls:
                names[call.id] = call.name
        else:
            rendered = _said(content, names)
        if role in _SYSTEM:
            system += rendered
        elif role == "user":
            answering = None
            contents.append({"role": "user", "parts": rendered or [{"text": ""}]})
        elif rendered:
            answering = None
            contents.append({"role": "model", "parts": rendered})
    return system, contents


def _said(content: str | list[Part] | None, names: Mapping[str, str]) -> list[Wire]:
    if isinstance(content, str):
        return [{"text": content}] if content else []
    return _parts(content or (), names)


def _spoken(message: Message, *, signed: bool) -> list[Wire]:
    """Render what the model said, with its calls, each at its own place among the parts."""
    content = message.content
    parts: Sequence[Part] = [TextPart(text=content)] if isinstance(content, str) else content or []
    early: dict[int, list[ToolCall]] = {}
    for call in message.tool_calls:
        early.setdefault(len(parts) if call.at is None else min(call.at, len(parts)), []).append(call)
    unsigned = signed and all(_signature(call) is None for call in message.tool_calls)
    found: list[Wire] = []
    for at in range(len(parts) + 1):
        for call in early.get(at, ()):
            found.append(_call(call, UNSIGNED if unsigned else None))
            unsigned = False
        found += _parts(parts[at : at + 1], {})
    return found


def _signature(call: ToolCall) -> str | None:
    """Give the signature of *call*, unless it is what Anthropic says beside one."""
    return None if call.signature is None or call.signature.startswith("{") else call.signature


def _call(call: ToolCall, otherwise: str | None) -> Wire:
    """Render a call; text that is no JSON object is shown to the model inside one."""
    arguments = json_object(call.raw_arguments)
    function: Wire = {"name": call.name, "args": {"input": call.raw_arguments} if arguments is None else arguments}
    if call.id and not _MADE_UP.fullmatch(call.id):
        function["id"] = call.id
    signature = _signature(call) or otherwise
    return {"functionCall": function} if signature is None else {"functionCall": function, "thoughtSignature": signature}


def _results(message: Message, names: Mapping[str, str]) -> list[Wire]:
    content = message.content
    if isinstance(content, list) and any(isinstance(part, ToolResultPart) for part in content):
        return _parts(content, names)
    failed = message.metadata is not None and message.metadata.get("is_error") is True
    return _result(message.tool_call_id or "", message.name, content or "", names, failed=failed)


def _result(call_id: str, name: str | None, content: str | Sequence[Part], names: Mapping[str, str], *, failed: bool) -> list[Wire]:
    """Render what a tool gave back: an object as it is, text as its output; images follow it."""
    if isinstance(content, str):
        text, beside = content, []
    else:
        text = "".join(part.text for part in content if isinstance(part, TextPart))
        beside = _parts([part for part in content if not isinstance(part, TextPart)], names)
    given = json_object(text) if text.startswith("{") and not failed else None
    function: Wire = {"name": name or names.get(call_id) or call_id, "response": given or {"error" if failed else "output": text}}
    if call_id and not _MADE_UP.fullmatch(call_id):
        function["id"] = call_id
    return [{"functionResponse": function}, *beside]


# --- parts ---------------------------------------------------------------------------------------


def _parts(parts: Sequence[Part], names: Mapping[str, str]) -> list[Wire]:
    found: list[Wire] = []
    for part in parts:
        if isinstance(part, ToolResultPart):
            found += _result(part.tool_call_id, part.name, part.content, names, failed=part.is_error)
        else:
            rendered = _part(part)
            if rendered is not None:
                found.append(rendered)
    return found


def _part(
    part: TextPart | ImagePart | DocumentPart | AudioPart | VideoPart | FilePart | ReasoningPart | RefusalPart | OpaquePart,
) -> Wire | None:
    """Render *part*; what only another wire format understands is left out."""
    match part:
        case TextPart():
            return _signed({"text": part.text}, part.signature) if part.text or part.signature else None
        case ImagePart():
            return _signed(_attached(part, "image/png"), part.signature)
        case DocumentPart():
            return {"text": part.text} if part.text is not None else _attached(part, "text/plain")
        case AudioPart():
            return _attached(part, "audio/wav")
        case VideoPart():
            return _attached(part, "video/mp4")
        case FilePart():
            return {"fileData": {"fileUri": _file(part.file_id)}}
        case ReasoningPart():
            return _thought(part)
        case RefusalPart():
            return {"text": part.refusal} if part.refusal else None
        case OpaquePart():
            return part.data if part.protocol == NAME else None
        case _:
            assert_never(part)


def _signed(wire: Wire, signature: str | None) -> Wire:
    if signature is not None:
        wire["thoughtSignature"] = signature
    return wire


def _thought(part: ReasoningPart) -> Wire | None:
    """Render thoughts that Gemini signed, byte for byte; others are of no use to it."""
    if part.protocol != NAME or part.signature is None:
        return None
    return {"text": part.text, "thought": True, "thoughtSignature": part.signature}


def _attached(part: ImagePart | DocumentPart | AudioPart | VideoPart, otherwise: str) -> Wire:
    """Render bytes inline, an uploaded file or an address by its URI."""
    if part.data is not None:
        return _inline(part.media_type or media_type(part.data) or otherwise, base64_text(part.data))
    if part.file_id is not None:
        kind, uri = part.media_type, _file(part.file_id)
    elif part.url is not None:
        inline = data_url(part.url)
        if inline is not None:
            return _inline(inline[0] or part.media_type or otherwise, inline[1])
        kind, uri = part.media_type or _kind(part.url), part.url
    else:
        message = f"{part.type} content needs url, data or file_id"
        raise InvalidMessageError(message, path=part.type)
    return {"fileData": {"fileUri": uri} if kind is None else {"mimeType": kind, "fileUri": uri}}


def _inline(kind: str, data: str) -> Wire:
    return {"inlineData": {"mimeType": kind, "data": data}}


def _file(file_id: str) -> str:
    """Give the URI of an uploaded file, which Gemini also calls ``files/<name>``."""
    return _FILES + file_id if file_id.startswith("files/") else file_id


def _kind(url: str) -> str | None:
    """Guess the media type of an address by how it ends."""
    path = url.partition("?")[0].partition("#")[0]
    return _ENDINGS.get(path.rpartition(".")[2].lower())
