"""A conversation as chat completions want it; attachments are rendered elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._core.request import Texts
from llmring._gen.message import AudioPart, OpaquePart, ReasoningPart, RefusalPart, TextPart, ToolResultPart
from llmring.exceptions import InvalidMessageError
from llmring.protocols.openai_chat_decode import NAME
from llmring.protocols.openai_chat_parts import rendered, unsaid
from llmring.protocols.openai_marks import mark_of, marked, marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from llmring._gen.message import Message, Part
    from llmring._gen.tool import ToolCall

Turn = dict[str, Any]
_PLAIN: Final = frozenset({"type", "text"})


def turns(messages: Iterable[Message], quirks: Mapping[str, Any], model: str) -> list[Turn]:
    """Render *messages*; one that holds the results of several tools becomes several."""
    developer = quirks.get("developer_role", "developer")
    if type(messages) is Texts:
        return [{"role": developer if message.role == "developer" else message.role, "content": message.content} for message in messages]
    told: list[Turn] = []
    for at, message in enumerate(messages):
        role, content = message.role, message.content
        if role == "developer":
            role = developer
        if role == "assistant":
            told.append(_assistant(message, at, quirks, model))
        elif role == "tool" or not (content is None or isinstance(content, str)):
            told += _turns(message, role, at, model, quirks)
        else:
            told.append({"role": role, "content": content or ""} if message.name is None else _named(role, content or "", message))
        if (mark := mark_of(message)) is not None:
            _mark(told[-1], mark, quirks, model)
    return told


def _mark(turn: Turn, mark: Any, quirks: Mapping[str, Any], model: str) -> None:
    """Put a cache breakpoint after *turn*, in the words that the server has for it, if any."""
    if quirks.get("cache_control"):
        turn["cache_control"] = mark
    elif marks(quirks, model) and turn["role"] != "assistant":
        content = turn["content"]
        parts: list[Turn] = [{"type": "text", "text": content}] if isinstance(content, str) else content
        turn["content"] = [*parts[:-1], *(marked(part, mark) for part in parts[-1:])]


def _named(role: str, content: Any, message: Message) -> Turn:
    turn = {"role": role, "content": content}
    if message.name is not None:
        turn["name"] = message.name
    return turn


def _turns(message: Message, role: str, at: int, model: str, quirks: Mapping[str, Any]) -> list[Turn]:
    """Render a message with parts, or one of a tool: results first, each a turn of its own, then what else it says."""
    content = message.content
    parts: list[Part] = content if isinstance(content, list) else []
    results = [part for part in parts if isinstance(part, ToolResultPart)]
    told = [
        {"role": "tool", "tool_call_id": part.tool_call_id, "content": _result(part.content, f"messages[{at}].content", model)}
        for part in results
    ]
    if role == "tool" and not results:
        if not message.tool_call_id:
            path = f"messages[{at}].tool_call_id"
            raise InvalidMessageError(f"{path} is missing; a tool message names the call that it answers", path=path)
        return [{"role": "tool", "tool_call_id": message.tool_call_id, "content": _result(content, f"messages[{at}].content", model)}]
    others = [part for part in parts if not isinstance(part, (ToolResultPart, ReasoningPart))]
    if others or not results:
        said = [turn for place, part in enumerate(parts) if (turn := _part(part, f"messages[{at}].content[{place}]", model, quirks))]
        told.append(_named("user" if role == "tool" else role, said, message))
    return told


def _part(part: Part, path: str, model: str, quirks: Mapping[str, Any]) -> Turn | None:
    """Render one part of what is said to the model; None for what is told in another way, or to another provider."""
    if isinstance(part, OpaquePart):
        return part.data if part.protocol == NAME else None
    if isinstance(part, (ToolResultPart, ReasoningPart)):
        return None
    turn: Turn = {"type": "text", "text": part.text} if isinstance(part, TextPart) else rendered(part, path, model)
    if isinstance(part, RefusalPart) or part.cache_control is None:
        return turn
    if quirks.get("cache_control"):
        turn["cache_control"] = part.cache_control
        return turn
    return marked(turn, part.cache_control) if marks(quirks, model) else turn


def _text(part: TextPart, quirks: Mapping[str, Any]) -> Turn:
    if part.cache_control is not None and quirks.get("cache_control"):
        return {"type": "text", "text": part.text, "cache_control": part.cache_control}
    return {"type": "text", "text": part.text}


def _result(content: str | Sequence[Part] | None, path: str, model: str) -> str | list[Turn]:
    """Render what a tool gave back; chat completions take text alone there."""
    if content is None or isinstance(content, str):
        return content or ""
    told: list[Turn] = []
    for place, part in enumerate(content):
        if not isinstance(part, TextPart):
            raise unsaid(part, f"{path}[{place}]", model, "a tool's result may hold text alone")
        told.append({"type": "text", "text": part.text})
    return told


# --- the assistant's turns -----------------------------------------------------------------------


def _assistant(message: Message, at: int, quirks: Mapping[str, Any], model: str) -> Turn:
    content = message.content
    if content is None or isinstance(content, str):
        turn: Turn = {"role": "assistant", "content": content}
    else:
        turn = {"role": "assistant", "content": None}
        _said(turn, content, at, quirks, model)
    if message.name is not None:
        turn["name"] = message.name
    if message.tool_calls:
        turn["tool_calls"] = [_call(call, quirks) for call in message.tool_calls]
    return turn


def _said(turn: Turn, content: Sequence[Part], at: int, quirks: Mapping[str, Any], model: str) -> None:
    """Put the parts of an assistant's message at their places in *turn*."""
    said: list[Turn] = []
    for place, part in enumerate(content):
        match part:
            case TextPart():
                said.append(_text(part, quirks))
            case ReasoningPart():
                said += _thoughts(turn, part, quirks)
            case RefusalPart():
                turn["refusal"] = part.refusal
            case AudioPart(file_id=str(id_)):
                turn["audio"] = {"id": id_}
            case OpaquePart():
                said += [part.data] if part.protocol == NAME else []
            case _:
                raise unsaid(part, f"messages[{at}].content[{place}]", model, "an assistant's message takes text, refusals and sound by id")
    if len(said) == 1 and said[0].keys() == _PLAIN:
        turn["content"] = said[0]["text"]
    elif said:
        turn["content"] = said


def _thoughts(turn: Turn, part: ReasoningPart, quirks: Mapping[str, Any]) -> list[Turn]:
    """Give reasoning back under the names by which it came; what another wire format minted is left out."""
    if not quirks.get("reasoning_back", True):
        return []
    if part.protocol is None and part.text and "reasoning_field" in quirks:
        turn[quirks["reasoning_field"]] = part.text
    if part.protocol != NAME or part.native is None:
        return []
    native: dict[str, Any] = {"reasoning": None, "reasoning_details": part.native} if isinstance(part.native, list) else part.native
    for name, value in native.items():
        if name == "thinking":
            return [{"type": "thinking", "thinking": [{"type": "text", "text": part.text}]}]
        if value is not None or part.text:
            turn[name] = part.text if value is None else value
    return []


def _call(call: ToolCall, quirks: Mapping[str, Any]) -> Turn:
    if call.kind == "custom":
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.raw_arguments}}
    turn: Turn = {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.raw_arguments or "{}"}}
    if call.signature is not None and quirks.get("thought_signatures"):
        turn["extra_content"] = {"google": {"thought_signature": call.signature}}
    return turn
