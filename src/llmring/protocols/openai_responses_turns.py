"""A conversation as input items of the Responses API, each turn, call and result at its place; options are not placed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._gen.message import OpaquePart, TextPart, ToolResultPart
from llmring.protocols.openai_marks import mark_of, marked
from llmring.protocols.openai_responses_answer import Answer
from llmring.protocols.openai_responses_content import contents
from llmring.protocols.openai_responses_items import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmring._gen.message import Message, Part
    from llmring.protocols.openai_responses_content import Plain

_PLAIN: Final = "input_text"


def input_items(messages: Iterable[Message], *, stored: bool, marks: bool = False) -> list[Plain]:
    """Render *messages*.

    *stored* says whether the provider keeps answers, so that an id alone may stand for a thought; *marks*, whether the model
    knows cache breakpoints.
    """
    items: list[Plain] = []
    custom: set[str] = set()
    answer: Answer | None = None
    for message in messages:
        role, said = message.role, message.content
        if role == "assistant" and (answer is not None or type(said) is not str or message.tool_calls):
            answer = answer or Answer(stored)
            _answer(message, answer)
            if message.tool_calls:
                custom.update(call.id for call in message.tool_calls if call.kind == "custom")
            continue
        if answer is not None:
            items += answer.close()
            answer = None
        if marks:
            items += _with_mark(_rendered(message, custom, marks=True), mark_of(message))
        elif type(said) is str and role != "tool":
            if said or role != "assistant":
                items.append({"role": role, "content": said})
        else:
            items += _rendered(message, custom, marks=False)
    return items if answer is None else items + answer.close()


def _rendered(message: Message, custom: set[str], *, marks: bool) -> list[Plain]:
    """Render what is no answer, or an answer of text alone."""
    role, said = message.role, message.content
    if type(said) is str and role != "tool":
        return [{"role": role, "content": said}] if said or role != "assistant" else []
    if role == "tool" and not _holds_results(said):
        return [_result(message.tool_call_id or "", said, custom, marks=marks)]
    return _prompt("user" if role == "tool" else role, _parts(said), custom, marks=marks)


def _with_mark(items: list[Plain], mark: Any) -> list[Plain]:
    """Put a cache breakpoint after the last of *items*; what a model said takes none."""
    if mark is None or not items or items[-1].get("role") == "assistant":
        return items
    last = items[-1]
    key = "output" if "output" in last else "content"
    told = last.get(key)
    parts: list[Plain] = [{"type": _PLAIN, "text": told}] if isinstance(told, str) else told or []
    return [*items[:-1], {**last, key: [*parts[:-1], *(marked(part, mark) for part in parts[-1:])]}]


def _parts(said: str | list[Part] | None) -> Sequence[Part]:
    return [TextPart(text=said)] if isinstance(said, str) else said or []


def _holds_results(said: str | list[Part] | None) -> bool:
    return isinstance(said, list) and any(isinstance(part, ToolResultPart) for part in said)


def _prompt(role: str, parts: Sequence[Part], custom: set[str], *, marks: bool) -> list[Plain]:
    """Render what a user or the system says; results and native items among it are items of their own."""
    items: list[Plain] = []
    said: list[Part] = []
    for part in parts:
        match part:
            case ToolResultPart():
                item = _result(part.tool_call_id, part.content, custom, marks=marks)
            case OpaquePart(protocol=protocol) if protocol == NAME:
                item = part.data
            case _:
                said.append(part)
                continue
        items += _message(role, said, marks=marks)
        items.append(item)
        said = []
    return items + _message(role, said, marks=marks)


def _message(role: str, parts: Sequence[Part], *, marks: bool) -> list[Plain]:
    said = contents(parts, marks=marks)
    return [{"role": role, "content": said}] if said else []


def _result(call_id: str, said: str | Sequence[Part] | None, custom: set[str], *, marks: bool) -> Plain:
    """Render what a tool gave back: text where it is nothing else, for not every server takes parts here."""
    output: Any = said or ""
    if said and not isinstance(said, str):
        output = contents(said, marks=marks)
        if all(part.keys() == {"type", "text"} for part in output):
            output = "".join(part["text"] for part in output)
    kind = "custom_tool_call_output" if call_id in custom else "function_call_output"
    return {"type": kind, "call_id": call_id, "output": output}


def _answer(message: Message, answer: Answer) -> None:
    """Add what the model said to its *answer*, calls at their places among the parts; thoughts may have come in a message before."""
    parts, calls = _parts(message.content), message.tool_calls
    for at, part in enumerate(parts):
        for call in calls:
            if call.at == at:
                answer.call(call)
        answer.add(part)
    for call in calls:
        if call.at is None or call.at >= len(parts):
            answer.call(call)
    answer.pause()
