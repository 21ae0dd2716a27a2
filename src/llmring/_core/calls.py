"""Understand tool calls as callers write them: ours, OpenAI's, and the single call of OpenAI's early days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from llmring._base import json_text, wrong
from llmring._core.taking import Plain, maybe_text, name_at
from llmring._gen.tool import ToolCall

_WIRE_ONLY = frozenset({"type", "function", "index"})


def calls_of(item: Plain, at: int) -> list[ToolCall]:
    """Give the calls that the message *item*, number *at*, makes."""
    path = f"messages[{at}]"
    calls = item.get("tool_calls")
    if calls is None or calls == []:
        early = item.get("function_call")
        return [] if early is None else [_call({"id": early_id(at), "function": early}, path, "function_call")]
    if isinstance(calls, (str, bytes, Mapping)) or not isinstance(calls, Sequence):
        raise wrong(cast("object", calls), f"{path}.tool_calls", "a list of calls")
    return [_call(call, f"{path}.tool_calls[{at}]") for at, call in enumerate(cast("Sequence[Any]", calls))]


def early_id(at: int) -> str:
    """Make up an id for the ``function_call`` of message number *at*; the result, which has none either, is the next message."""
    return f"call_{at}"


def _call(call: Any, path: str, key: str | None = None) -> ToolCall:
    if isinstance(call, ToolCall):
        return call.checked(path)
    if not isinstance(call, Mapping):
        raise wrong(call, path, "a ToolCall or a mapping")
    plain = cast("Plain", call)
    kind = "custom" if "custom" in plain else "function"
    if kind not in plain:
        return ToolCall.from_dict({key: value for key, value in plain.items() if key not in _WIRE_ONLY}, path)
    inner = plain[kind]
    where = f"{path}.{key or kind}"
    if not isinstance(inner, Mapping):
        raise wrong(inner, where, "an object with name and arguments")
    function = cast("Plain", inner)
    text = _text_of(function, "input" if kind == "custom" else "arguments", where)
    return ToolCall(id=maybe_text(plain, "id", path) or "", name=name_at(function, where), arguments=text, kind=kind)


def _text_of(function: Plain, key: str, path: str) -> str:
    """Give the JSON text of a call's arguments, which some write as an object."""
    value = function.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, Mapping):
        return json_text(cast("Plain", value))
    raise wrong(value, f"{path}.{key}", "JSON text or an object")
