"""Put tools, calls and their results into words, for models that have no tools; reading what they write is done elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.hosted_tools import OWN
from llmring._core.parts import as_parts
from llmring._gen.message import Message, TextPart, ToolResultPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmring._core.request import NormalRequest
    from llmring._gen.message import Part
    from llmring._gen.tool import Tool, ToolCall

OPEN: Final = "<tool_call>"
CLOSE: Final = "</tool_call>"
_RESULT: Final = ("<tool_response>", "</tool_response>")
_SPOKEN: Final = frozenset({"parallel_tool_calls"})
"""Options that are put into words with the tools."""

_HOW: Final = f"""\
You can call tools. To call one, write its name and its arguments as JSON between these tags, and nothing after them:
{OPEN}
{{"name": "the tool's name", "arguments": {{"the argument's name": "its value"}}}}
{CLOSE}
The results come in the next message, between {_RESULT[0]} and {_RESULT[1]}. Never write results yourself."""
_WHICH: Final = "The tools, a line each, with the JSON Schema of their arguments:"
_MANY: Final = "For several calls that do not need each other's results, write several such blocks."
_ONE: Final = "Make one call at a time."


def needs_words(request: NormalRequest) -> bool:
    """Tell whether *request* has tools of the caller's, or turns that used some."""
    return any(tool.type in OWN for tool in request.tools) or any(map(_has_calls, request.messages))


def _has_calls(message: Message) -> bool:
    if message.role == "tool" or message.tool_calls:
        return True
    return isinstance(message.content, list) and any(isinstance(part, ToolResultPart) for part in message.content)


def in_words(request: NormalRequest) -> NormalRequest:
    """Give *request* with its functions, the choice among them, calls and results as text."""
    functions = [tool for tool in request.tools if tool.type == "function"]
    messages = tuple(_turns(request.messages))
    if functions and request.tool_choice != "none":
        messages = _instructed(messages, _instruction(request, functions))
    return attrs.evolve(
        request,
        messages=messages,
        tools=tuple(tool for tool in request.tools if tool.type not in OWN),
        tool_choice=None,
        tool_name=None,
        options={name: value for name, value in request.options.items() if name not in _SPOKEN},
    )


def _instructed(messages: tuple[Message, ...], words: str) -> tuple[Message, ...]:
    """Put *words* before the conversation, into its first system message if that is a text: some models take one only."""
    first, *others = messages
    if first.role == "system" and isinstance(first.content, str):
        return attrs.evolve(first, content=f"{first.content}\n\n{words}"), *others
    return Message(role="system", content=words), *messages


def _instruction(request: NormalRequest, functions: Sequence[Tool]) -> str:
    """Say what tools there are, and how they are called."""
    many = _ONE if request.options.get("parallel_tool_calls") is False else _MANY
    match request.tool_choice:
        case "required":
            must = "Now call at least one tool."
        case "function":
            must = f"Now call the tool {request.tool_name}."
        case _:
            must = "Where no tool is needed, answer as usual."
    return "\n".join([f"{_HOW} {many} {must}", _WHICH, *map(_told, functions)])


def _told(tool: Tool) -> str:
    parameters = tool.parameters or {"type": "object", "properties": {}}
    description = {"description": tool.description} if tool.description else {}
    return _json({"name": tool.name, **description, "parameters": parameters})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- the conversation --------------------------------------------------------------------------------


def _turns(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield the turns as text; the results of several calls are one turn of the user's."""
    results: list[Part] = []
    for message in messages:
        if message.role == "tool":
            results += _results(message)
            continue
        if results:
            yield _said_by_user(results)
            results = []
        yield _turn(message)
    if results:
        yield _said_by_user(results)


def _said_by_user(parts: list[Part]) -> Message:
    """Give *parts* as a turn; text alone is one text, which any model takes."""
    if all(isinstance(part, TextPart) for part in parts):
        return Message(role="user", content="\n".join(part.text for part in parts if isinstance(part, TextPart)))
    return Message(role="user", content=parts)


def _turn(message: Message) -> Message:
    if message.tool_calls:
        calls = "\n".join(_call(call) for call in message.tool_calls)
        if isinstance(message.content, list):
            return attrs.evolve(message, content=[*message.content, TextPart(text=calls)], tool_calls=[])
        return attrs.evolve(message, content=f"{message.content}\n{calls}" if message.content else calls, tool_calls=[])
    if isinstance(message.content, list) and any(isinstance(part, ToolResultPart) for part in message.content):
        return attrs.evolve(message, content=[each for part in message.content for each in _part(part)])
    return message


def _call(call: ToolCall) -> str:
    """Write *call* as the model would; arguments that are no object stay the text that they are."""
    arguments = call.raw_arguments if call.arguments is None else call.arguments
    return f"{OPEN}\n{_json({'name': call.name, 'arguments': arguments})}\n{CLOSE}"


def _results(message: Message) -> Iterator[Part]:
    """Yield what a message of role ``tool`` holds."""
    parts = as_parts(message.content)
    if any(isinstance(part, ToolResultPart) for part in parts):
        for part in parts:
            yield from _part(part)
    else:
        yield from _result(message.name, message.content or "", failed=False)


def _part(part: Part) -> Iterator[Part]:
    if isinstance(part, ToolResultPart):
        yield from _result(part.name, part.content, failed=part.is_error)
    else:
        yield part


def _result(name: str | None, content: str | list[Part], *, failed: bool) -> Iterator[Part]:
    """Yield a result as text, and after it what is no text."""
    parts = as_parts(content)
    text = "\n".join(part.text for part in parts if isinstance(part, TextPart))
    told = {**({"name": name} if name else {}), "error" if failed else "content": text}
    yield TextPart(text=f"{_RESULT[0]}\n{_json(told)}\n{_RESULT[1]}")
    yield from (part for part in parts if not isinstance(part, TextPart))
