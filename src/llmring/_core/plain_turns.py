"""Understand at once the messages that nearly every conversation is made of, in OpenAI's shape; any other is left to `messages`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.making import plain_call, plain_message, plain_messages, plain_result

if TYPE_CHECKING:
    from llmring._gen.message import Message
    from llmring._gen.tool import ToolCall

SPOKEN: Final = frozenset({"system", "developer", "user", "assistant"})
MANY: Final = 10
"""So many texts are quicker understood together than one by one."""
_CALL: Final = frozenset({"id", "type", "function"})
_FUNCTION: Final = frozenset({"name", "arguments"})


def plain_texts(items: list[Any]) -> list[Message] | None:
    """Give the texts that *items* are, None where one of them is anything else; of many, twice as fast as `plain_text` of each."""
    if {*map(type, items)} != {dict} or {*map(len, items)} != {2}:
        return None
    try:
        roles, contents = [item["role"] for item in items], [item["content"] for item in items]
    except KeyError:
        return None
    if {*map(type, contents)} != {str} or {*map(type, roles)} != {str} or not SPOKEN.issuperset(roles):
        return None
    return plain_messages(roles, contents)


def plain_text(item: Any) -> Message | None:
    """Give the text that *item* is, said by anyone but a tool, None for anything else."""
    if type(item) is not dict:
        return None
    plain = cast("dict[str, Any]", item)
    role, content = plain.get("role"), plain.get("content")
    if len(plain) == 2 and type(content) is str and type(role) is str and role in SPOKEN:  # noqa: PLR2004 - role and content
        return plain_message(plain["role"], content)
    return None


def plain_turn(item: dict[str, Any]) -> Message | None:
    """Give the message of calls or of a result that *item* is, None where it holds anything out of the ordinary, mistakes included."""
    role, content = item.get("role"), item.get("content")
    if type(role) is not str:
        return None
    if role == "tool":
        return _result(item, content)
    if role == "assistant" and (content is None or type(content) is str) and len(item) == 2 + ("content" in item):
        return _calling(item.get("tool_calls"), content)
    return None


def _result(item: dict[str, Any], content: Any) -> Message | None:
    call_id, name = item.get("tool_call_id"), item.get("name")
    if type(call_id) is not str or not call_id or type(content) is not str:
        return None
    if len(item) != 3 + ("name" in item) or not (name is None or type(name) is str):
        return None
    return plain_result(content, call_id, name or None)


def _calling(calls: Any, content: str | None) -> Message | None:
    if type(calls) is not list or not calls:
        return None
    made: list[ToolCall] = []
    for each in cast("list[Any]", calls):
        if type(each) is not dict or cast("dict[str, Any]", each).keys() != _CALL:
            return None
        call = cast("dict[str, Any]", each)
        call_id, inner = call["id"], call["function"]
        if call["type"] != "function" or type(inner) is not dict or cast("dict[str, Any]", inner).keys() != _FUNCTION:
            return None
        function = cast("dict[str, Any]", inner)
        name, arguments = function["name"], function["arguments"]
        if type(name) is not str or not name or type(arguments) is not str or type(call_id) is not str:
            return None
        made.append(plain_call(call_id, name, arguments))
    return plain_message("assistant", content, made)
