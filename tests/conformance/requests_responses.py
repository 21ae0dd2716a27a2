"""Recorded Responses API bodies as calls of the ring: answers of earlier turns as the ring would have given them."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.http import HttpReply
from llmring._gen.parameters import KNOWN
from llmring.protocols import openai_responses
from tests.conformance.requests import Body, Call, without_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmring import Message

RENAMED: Final = {"max_output_tokens": "max_tokens"}
OPTIONS: Final = KNOWN["openai_responses"] | RENAMED.keys()
_GIVEN: Final = frozenset({"function_call_output", "custom_tool_call_output"})
"""Items that are the caller's, not the model's."""


def left_out(body: Body) -> str | None:
    """Leave out nothing."""
    return None if "input" in body else "no input"


def call_of(body: Body) -> Call:
    """Give items as messages, and options by the ring's names."""
    options: Body = {}
    extra: Body = {}
    for key, value in body.items():
        if key in {"input", "model", "stream"} or value is None:
            continue
        match key, value:
            case "text", {"format": {"type": "json_schema", **form}, **more}:
                options["response_format"] = {"type": "json_schema", "json_schema": form}
                extra |= {"text": more} if more else {}
            case "text", {"format": {"type": "json_object"} as form, **more}:
                options["response_format"] = form
                extra |= {"text": more} if more else {}
            case "tool_choice", {"type": str(kind)} if kind not in {"function", "custom"}:
                extra[key] = value
            case _ if key in OPTIONS:
                options[RENAMED.get(key, key)] = value
            case _:
                extra[key] = value
    return list(_messages(body["input"])), options | ({"extra_params": extra} if extra else {})


def _messages(told: Any) -> Iterator[Any]:
    if isinstance(told, str):
        yield {"role": "user", "content": told}
        return
    for answered, items in groupby(cast("list[Body]", told), _answered):
        if answered:
            yield _answer(list(items))
        else:
            yield from map(_given, items)


def _answered(item: Body) -> bool:
    """Tell whether *item* came from the model."""
    kind = item.get("type") or "message"
    return item.get("role") == "assistant" if kind == "message" else kind not in _GIVEN


def _answer(items: list[Body]) -> Message:
    """Give what the ring gave when *items* were the output."""
    output = [{"type": "message", **item} for item in items]
    return openai_responses.decode(HttpReply(200, {}, json.dumps({"status": "completed", "output": output}).encode())).message


def _given(item: Body) -> Body:
    if item.get("type") in _GIVEN:
        return {"role": "tool", "tool_call_id": item["call_id"], "content": item["output"]}
    return {"role": item["role"], "content": item["content"]}


def canonical(body: Mapping[str, Any]) -> Body:
    """Take a text alone for a list of one text, and a word for what it stands for."""
    found = {key: value for key, value in body.items() if key not in {"model", "stream"}}
    told = found["input"]
    items = [{"role": "user", "content": told}] if isinstance(told, str) else cast("list[Body]", told)
    found["input"] = [_item(item) for item in items]
    found["tools"] = [_tool(tool) for tool in found.get("tools") or ()]
    return cast("Body", without_nothing(found))


def _tool(tool: Body) -> Body:
    """Take a function in chat completions' shape, which some send and the API refuses, for what it means."""
    flat = {key: value for key, value in tool.items() if key != "function"} | cast("Body", tool.get("function") or {})
    return {key: value for key, value in flat.items() if not (key == "strict" and not value)}


def _item(item: Body) -> Body:
    """Whether an item is completed, and the id of one that is told in full, the API does not need to be told again."""
    left = {"status"} if item.get("type") == "reasoning" else {"status", "id"}
    found = {key: value for key, value in item.items() if key not in left}
    if found.get("type") == "message":
        del found["type"]
    if "role" in found:
        found["content"] = _content(found["content"], "output_text" if found["role"] == "assistant" else "input_text")
    return found


def _content(content: Any, kind: str) -> Any:
    if isinstance(content, str):
        return [{"type": kind, "text": content}]
    return [_part(part) for part in cast("list[Body]", content)]


def _part(part: Body) -> Body:
    if part.get("type") == "input_image":
        return {"detail": "auto", **part}
    return part
