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
from llmring.protocols.gemini_media import attached, file_uri
from llmring.protocols.gemini_stream import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmring._gen.message import Message
    from llmring._gen.tool import ToolCall

Wire = dict[str, Any]

UNSIGNED: Final = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
"""What Gemini takes in place of the signature of a call that it did not make (docs: Thought signatures, FAQ)."""

_MADE_UP: Final = re.compile(r"call_\d{1,4}")
_SYSTEM: Final = frozenset({"system", "developer"})


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
    function: Wire = {
        "name": name or names.get(call_id) or call_id,
        "response": {"error" if failed else "output": text} if given is None else given,
    }
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
            return _signed(attached(part, "image/png"), part.signature)
        case DocumentPart():
            return {"text": part.text} if part.text is not None else attached(part, "text/plain")
        case AudioPart():
            return attached(part, "audio/wav")
        case VideoPart():
            return attached(part, "video/mp4")
        case FilePart():
            return {"fileData": {"fileUri": file_uri(part.file_id)}}
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
