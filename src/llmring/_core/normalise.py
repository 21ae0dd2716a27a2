"""Bring what the caller wrote into one form, telling faults by their path before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import attrs

from llmring._base import wrong
from llmring._core.items import gathered, is_item, item_message
from llmring._core.making import changed, plain_message
from llmring._core.messages import is_normal, message_of
from llmring._core.options import check_options, headers_of
from llmring._core.plain_turns import MANY, SPOKEN, plain_text, plain_texts, plain_turn
from llmring._core.request import NormalRequest, Texts
from llmring._core.taking import fault
from llmring._core.tools import choice_of, tool_list
from llmring._gen.message import Message, ToolResultPart
from llmring._gen.parameters import RING

if TYPE_CHECKING:
    from llmring._core.request import ResponseFormat
    from llmring._gen.message import Part

_ASIDE = RING | {"tools", "tool_choice", "profile"}


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
    tools = tool_list(options.get("tools"))
    choice, name = choice_of(options.get("tool_choice"), tools)
    return NormalRequest(
        messages=turns,
        options={key: value for key, value in options.items() if value is not None and key not in _ASIDE},
        tools=tools,
        tool_choice=choice,
        tool_name=name,
        response_format=None if wanted is None else _form(wanted),
        extra=dict(options.get("extra_params") or {}),
        headers=headers_of(options),
        stream=stream,
    )


def _form(wanted: Any) -> ResponseFormat | None:
    from llmring._core.structured import response_format  # schemas and what reads them are for those who want a form

    return response_format(wanted)


def normalise_messages(messages: Any) -> tuple[Message, ...]:
    """Give *messages* as a tuple of messages whose parts are parts."""
    if isinstance(messages, str):
        return Texts((plain_message("user", messages),))
    if isinstance(messages, (bytes, bytearray)) or not isinstance(messages, Sequence):
        raise wrong(messages, "messages", "a list of messages or one string")
    if not messages:
        raise fault("messages", "is empty; give at least one message")
    given = list(cast("Sequence[Any]", messages))
    if len(given) >= MANY and (said := plain_texts(given)) is not None:
        return Texts(said)
    items: list[int] = []
    turns: list[Message] = []
    texts = True
    for at, item in enumerate(given):
        plain = plain_text(item)
        if plain is not None:
            turns.append(plain)
            continue
        turn = (plain_turn(cast("dict[str, Any]", item)) if type(item) is dict else None) or _message(item, at, items)
        texts = texts and _is_text(turn)
        turns.append(turn)
    if texts:
        return Texts(turns)
    if items:
        turns = gathered(turns, items)
    return tuple(_named_results(turns) if any(turn.tool_calls for turn in turns) else turns)


def _is_text(turn: Message) -> bool:
    """Tell whether *turn* is said and nothing else."""
    return type(turn.content) is str and turn.role in SPOKEN and not turn.tool_calls and turn.name is None and turn.metadata is None


def _message(item: Any, at: int, items: list[int]) -> Message:
    """Give one message; where it came as an item of a response, note its place in *items*."""
    if type(item) is Message:
        return item if is_normal(item) else message_of(item, at)
    if is_item(item):
        items.append(at)
        return item_message(item, f"messages[{at}]")
    if isinstance(item, Mapping) and cast("Mapping[str, Any]", item).get("type") == "message":
        items.append(at)
    return message_of(item, at)


def _named_results(turns: Sequence[Message]) -> list[Message]:
    """Give every tool's result the name of the tool, found from the call that it answers."""
    names: dict[str, str] = {}
    made: list[Message] = []
    for turn in turns:
        for call in turn.tool_calls:
            names[call.id] = call.name
        if turn.role == "tool" and turn.name is None and turn.tool_call_id in names:
            made.append(changed(turn, {"name": names[turn.tool_call_id]}))
        elif isinstance(turn.content, list) and any(isinstance(part, ToolResultPart) and part.name is None for part in turn.content):
            made.append(attrs.evolve(turn, content=[_named(part, names) for part in turn.content]))
        else:
            made.append(turn)
    return made


def _named(part: Part, names: Mapping[str, str]) -> Part:
    if isinstance(part, ToolResultPart) and part.name is None and part.tool_call_id in names:
        return attrs.evolve(part, name=names[part.tool_call_id])
    return part
