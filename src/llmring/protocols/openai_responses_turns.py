"""A conversation as input items of the Responses API, each turn, call and result at its place; options are not placed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._gen.message import OpaquePart, TextPart, ToolResultPart
from llmring.protocols.openai_responses_answer import Answer
from llmring.protocols.openai_responses_content import contents
from llmring.protocols.openai_responses_items import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmring._gen.message import Message, Part
    from llmring._gen.tool import ToolCall
    from llmring.protocols.openai_responses_content import Plain

_PLAIN: Final = "input_text"


def input_items(messages: Iterable[Message], *, stored: bool) -> list[Plain]:
    """Render *messages*; *stored* says whether the provider keeps answers, so that an id alone may stand for a thought."""
    items: list[Plain] = []
    custom: set[str] = set()
    for message in messages:
        role, said = message.role, message.content
        if type(said) is str and role != "tool" and not message.tool_calls:
            if said or role != "assistant":
                items.append({"role": role, "content": said})
        elif role == "assistant":
            custom.update(call.id for call in message.tool_calls if call.kind == "custom")
            items += _answer(message, stored=stored)
        elif role == "tool" and not _holds_results(said):
            items.append(_result(message.tool_call_id or "", said, custom))
        else:
            items += _prompt("user" if role == "tool" else role, _parts(said), custom)
    return items


def _parts(said: str | list[Part] | None) -> Sequence[Part]:
    return [TextPart(text=said)] if isinstance(said, str) else said or []


def _holds_results(said: str | list[Part] | None) -> bool:
    return isinstance(said, list) and any(isinstance(part, ToolResultPart) for part in said)


def _prompt(role: str, parts: Sequence[Part], custom: set[str]) -> list[Plain]:
    """Render what a user or the system says; results and native items among it are items of their own."""
    items: list[Plain] = []
    said: list[Part] = []
    for part in parts:
        match part:
            case ToolResultPart():
                item = _result(part.tool_call_id, part.content, custom)
            case OpaquePart(protocol=protocol) if protocol == NAME:
                item = part.data
            case _:
                said.append(part)
                continue
        items += _message(role, said)
        items.append(item)
        said = []
    return items + _message(role, said)


def _message(role: str, parts: Sequence[Part]) -> list[Plain]:
    said = contents(parts)
    return [{"role": role, "content": said}] if said else []


def _result(call_id: str, said: str | Sequence[Part] | None, custom: set[str]) -> Plain:
    """Render what a tool gave back: text where it is nothing else, for not every server takes parts here."""
    output: Any = said or ""
    if said and not isinstance(said, str):
        output = contents(said)
        if all(part["type"] == _PLAIN for part in output):
            output = "".join(part["text"] for part in output)
    kind = "custom_tool_call_output" if call_id in custom else "function_call_output"
    return {"type": kind, "call_id": call_id, "output": output}


def _answer(message: Message, *, stored: bool) -> list[Plain]:
    """Render what the model said, its calls at their places among the parts."""
    answer, parts = Answer(stored), _parts(message.content)
    early: dict[int, list[ToolCall]] = {}
    late: list[ToolCall] = []
    for call in message.tool_calls:
        if call.at is None or call.at >= len(parts):
            late.append(call)
        else:
            early.setdefault(call.at, []).append(call)
    for at, part in enumerate(parts):
        for call in early.get(at, ()):
            answer.call(call)
        answer.add(part)
    for call in late:
        answer.call(call)
    return answer.close()
