"""Bring what the caller wrote into one form, telling faults by their path before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import attrs

from llmring._base import Readable, json_text
from llmring._core.options import check_options
from llmring._core.parts import understand
from llmring._core.request import NormalRequest
from llmring._core.structured import response_format
from llmring._core.tools import choice_of, tool_list
from llmring._gen.message import Message, ReasoningPart, RefusalPart, ToolResultPart
from llmring._gen.parameters import RING
from llmring._gen.tool import ToolCall
from llmring.exceptions import InvalidMessageError

if TYPE_CHECKING:
    from llmring._gen.message import Part, Role

Plain = Mapping[str, Any]
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
PLAIN_ROLES = ROLES - {"tool"}
"""Roles that need nothing beside their text."""
_MINTED = "openai_chat"
_THOUGHTS = ("reasoning_content", "reasoning")
_SIMPLE = frozenset({"role", "content"})
_KNOWN = (*_SIMPLE, "name", "tool_calls", "tool_call_id", "metadata", "refusal", "reasoning", "reasoning_content", "reasoning_details")
_IGNORED = frozenset(
    {"annotations", "audio", "cache_control", "function_call", "thinking_blocks", "provider_specific_fields", "type", "id"}
)


def normalise(messages: Any, options: Mapping[str, Any], wanted: Any = None, *, stream: bool = False) -> NormalRequest:
    """Build the one form of a request from *messages*, *options* and the *wanted* response format.

    Raises:
        InvalidMessageError: a message, part or tool is malformed.
        RequestError: an option has a wrong type or lies outside its range.
        TypeError: there is no such option.

    """
    turns = normalise_messages(messages)
    if not options and wanted is None:
        return NormalRequest(messages=turns, stream=stream)
    check_options(options)
    choice, name = choice_of(options.get("tool_choice"))
    return NormalRequest(
        messages=turns,
        options={key: value for key, value in options.items() if value is not None and key not in _ASIDE},
        tools=tool_list(options.get("tools")),
        tool_choice=choice,
        tool_name=name,
        response_format=response_format(wanted),
        extra=dict(options.get("extra_params") or {}),
        headers=dict(options.get("extra_headers") or {}),
        stream=stream,
    )


_ASIDE = RING | {"tools", "tool_choice", "profile"}


def normalise_messages(messages: Any) -> tuple[Message, ...]:
    """Give *messages* as a tuple of messages whose parts are parts."""
    if isinstance(messages, str):
        return (Message(role="user", content=messages),)
    if not isinstance(messages, Sequence):
        kind = type(cast("object", messages)).__name__
        message = f"messages must be a list of messages or one string, not {kind}"
        raise InvalidMessageError(message, path="messages")
    if not messages:
        message = "messages is empty; give at least one message"
        raise InvalidMessageError(message, path="messages")
    turns = [_message(item, at) for at, item in enumerate(cast("Sequence[Any]", messages))]
    return tuple(_named_results(turns) if any(turn.role == "tool" for turn in turns) else turns)


def _message(item: Any, at: int) -> Message:
    if type(item) is dict:
        plain = cast("dict[str, Any]", item)
        if len(plain) == 2 and plain.get("role") in PLAIN_ROLES and type(plain.get("content")) is str:  # noqa: PLR2004 - role and content
            return plain_message(plain["role"], plain["content"])
    elif isinstance(item, Message):
        return item if _is_normal(item) else _from_mapping(cast("Plain", item), f"messages[{at}]")
    path = f"messages[{at}]"
    if not isinstance(item, (Mapping, Readable)):
        message = f"{path} must be a Message or a mapping with role and content, not {type(item).__name__}"
        raise InvalidMessageError(message, path=path)
    return _from_mapping(cast("Plain", item), path)


def _setter(name: str) -> Any:
    return Message.__dict__[name].__set__


_make = Message.__new__
_set_role, _set_content, _set_name, _set_calls, _set_call_id, _set_metadata = (_setter(each.name) for each in attrs.fields(Message))


def plain_message(role: Role, content: str) -> Message:
    """Make a message of text alone, whose *role* is known to be one.

    It fills the slots itself, for attrs' own ``__init__`` takes three times as long, and conversations are long.
    """
    message = _make(Message)
    _set_role(message, role)
    _set_content(message, content)
    _set_name(message, None)
    _set_calls(message, [])
    _set_call_id(message, None)
    _set_metadata(message, None)
    return message


def _is_normal(message: Message) -> bool:
    """Tell whether *message* can be taken as it is."""
    content = message.content
    if not (content is None or isinstance(content, str)):
        return False
    return not message.tool_calls or all(type(call) is ToolCall for call in message.tool_calls)


def _from_mapping(item: Plain, path: str) -> Message:
    role = _role(item, path)
    _no_unknown(item, path)
    content, calls = _content(item.get("content"), f"{path}.content")
    calls += _calls(item, path)
    content = _with_thoughts(item, content)
    refusal = item.get("refusal")
    if isinstance(refusal, str) and refusal:
        content = [*_as_parts(content), RefusalPart(refusal=refusal)]
    if role == "tool" and not item.get("tool_call_id"):
        at = f"{path}.tool_call_id"
        message = f"{at} is missing; a tool message names the call that it answers"
        raise InvalidMessageError(message, path=at)
    return Message(
        role=role,
        content=content,
        name=item.get("name"),
        tool_calls=calls,
        tool_call_id=item.get("tool_call_id"),
        metadata=_metadata(item, path),
    )


def _role(item: Plain, path: str) -> Role:
    role = item.get("role")
    if role == "function":
        return "tool"
    if isinstance(role, str) and role in ROLES:
        return cast("Role", role)
    at = f"{path}.role"
    found = "is missing" if role is None else f"must be one of {', '.join(sorted(ROLES))}, not {role!r}"
    message = f"{at} {found}"
    raise InvalidMessageError(message, path=at)


def _no_unknown(item: Plain, path: str) -> None:
    for key in item:
        if key not in _KNOWN and key not in _IGNORED and item.get(key) is not None:
            from difflib import get_close_matches

            near = get_close_matches(str(key), _KNOWN, n=1)
            message = f"{path}.{key} is unknown" + (f"; did you mean {near[0]!r}?" if near else "")
            raise InvalidMessageError(message, path=f"{path}.{key}")


def _metadata(item: Plain, path: str) -> dict[str, Any] | None:
    metadata = item.get("metadata")
    if metadata is not None and not isinstance(metadata, Mapping):
        at = f"{path}.metadata"
        message = f"{at} must be an object, not {type(metadata).__name__}"
        raise InvalidMessageError(message, path=at)
    mark = item.get("cache_control")
    plain = dict(cast("Plain", metadata or {}))
    return (plain | {"cache_control": mark} if mark is not None else plain) or None


def _content(content: Any, path: str) -> tuple[str | list[Part] | None, list[ToolCall]]:
    """Give the content, and the calls found in it (Anthropic keeps them there)."""
    if content is None or isinstance(content, str):
        return content, []
    if isinstance(content, (Mapping, Readable)):
        content = [content]
    if not isinstance(content, Sequence):
        message = f"{path} must be a string or a list of parts, not {type(content).__name__}"
        raise InvalidMessageError(message, path=path)
    parts: list[Part] = []
    calls: list[ToolCall] = []
    for at, item in enumerate(cast("Sequence[Any]", content)):
        part = understand(item, f"{path}[{at}]")
        if isinstance(part, ToolCall):
            calls.append(attrs.evolve(part, at=len(parts)))
        else:
            parts.append(part)
    return parts, calls


def _calls(item: Plain, path: str) -> list[ToolCall]:
    calls = item.get("tool_calls")
    legacy = item.get("function_call")
    if not calls and isinstance(legacy, Mapping):
        calls = [{"id": "call_0", "function": cast("Plain", legacy)}]
    return [_call(call, f"{path}.tool_calls[{at}]") for at, call in enumerate(cast("Sequence[Any]", calls or ()))]


def _call(call: Any, path: str) -> ToolCall:
    """Understand our tool calls and OpenAI's."""
    if isinstance(call, ToolCall):
        return call
    if not isinstance(call, Mapping):
        message = f"{path} must be a ToolCall or a mapping, not {type(call).__name__}"
        raise InvalidMessageError(message, path=path)
    plain = cast("Plain", call)
    kind = "custom" if isinstance(plain.get("custom"), Mapping) else "function"
    inner = plain.get(kind)
    if not isinstance(inner, Mapping):
        return ToolCall.from_dict({key: value for key, value in plain.items() if key not in {"type", "function", "index"}}, path)
    function = cast("Plain", inner)
    name = function.get("name")
    if not isinstance(name, str) or not name:
        at = f"{path}.{kind}.name"
        message = f"{at} is missing"
        raise InvalidMessageError(message, path=at)
    arguments = function.get("input" if kind == "custom" else "arguments")
    text = arguments if isinstance(arguments, str) else json_text(cast("Plain", arguments or {}))
    return ToolCall(id=str(plain.get("id") or ""), name=name, arguments=text, kind=kind)


def _with_thoughts(item: Plain, content: str | list[Part] | None) -> str | list[Part] | None:
    """Put an OpenAI-compatible message's reasoning before its content, so that it goes back under the same keys."""
    keys = [key for key in _THOUGHTS if isinstance(item.get(key), str) and item[key]]
    native: dict[str, Any] = dict.fromkeys(keys)  # null stands for the text
    if item.get("reasoning_details"):
        native["reasoning_details"] = item["reasoning_details"]
    if not native:
        return content
    part = ReasoningPart(text=item[keys[0]] if keys else "", protocol=_MINTED, native=native)
    return [part, *_as_parts(content)]


def _as_parts(content: str | list[Part] | None) -> list[Part]:
    if isinstance(content, str):
        return [cast("Part", understand(content, ""))] if content else []
    return content or []


def _named_results(turns: list[Message]) -> list[Message]:
    """Give every tool message the name of the tool that it answers for, found from the call."""
    names: dict[str, str] = {}
    for at, turn in enumerate(turns):
        for call in turn.tool_calls:
            names[call.id] = call.name
        if turn.role == "tool" and turn.name is None and turn.tool_call_id in names:
            turns[at] = attrs.evolve(turn, name=names[turn.tool_call_id])
        elif isinstance(turn.content, list) and any(isinstance(part, ToolResultPart) and part.name is None for part in turn.content):
            turns[at] = attrs.evolve(turn, content=[_named(part, names) for part in turn.content])
    return turns


def _named(part: Part, names: Mapping[str, str]) -> Part:
    if isinstance(part, ToolResultPart) and part.name is None and part.tool_call_id in names:
        return attrs.evolve(part, name=names[part.tool_call_id])
    return part
