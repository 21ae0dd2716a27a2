"""Recorded chat completions bodies as calls of the ring, and what makes two of them say the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from llmring._gen.parameters import KNOWN
from tests.conformance.requests import Body, Call, without_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

RENAMED = {"max_completion_tokens": "max_tokens", "reasoning_effort": "reasoning", "random_seed": "seed"}
"""What the ring calls by a name of its own."""
OPTIONS = (KNOWN["openai_chat"] | RENAMED.keys() | {"response_format"}) - {"reasoning"}  # a vendor's own `reasoning` is an object
PARTS = frozenset({"text", "image_url", "input_audio", "file"})
KEYS = frozenset(
    {
        "role",
        "content",
        "name",
        "tool_calls",
        "tool_call_id",
        "refusal",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "cache_control",
    }
)


def left_out(body: Body) -> str | None:
    """Say why *body* is no plain OpenAI chat request; None where it is one."""
    if "messages" not in body:
        return "no messages"
    if "functions" in body or "function_call" in body:
        return "functions, which OpenAI has retired"
    if _adapted(body.get("response_format")):
        return "a strict schema with optional keys, which strict modes refuse and the ring adapts"
    for message in cast("list[Body]", body["messages"]):
        for key in message:
            if key not in KEYS:
                return f"a vendor's own key in a message: {key}"
        content = message.get("content")
        for part in cast("list[Any]", content if isinstance(content, list) else ()):
            kind = cast("Body", part).get("type") if isinstance(part, dict) else type(part).__name__
            if kind not in PARTS:
                return f"a vendor's own content part: {kind}"
            if "!!!!" in json.dumps(part):
                return "base64 that is none, which is refused before it is sent"
    return None


def _adapted(wanted: Any) -> bool:
    match wanted:
        case {"json_schema": {"strict": True, "schema": dict()}}:
            schema: Body = wanted["json_schema"]["schema"]
            return {*schema.get("properties", ())} != {*schema.get("required", ())}
        case _:
            return False


def call_of(body: Body) -> Call:
    """Give the messages and the options that say what *body* says."""
    options: Body = {}
    extra: Body = {}
    for key, value in body.items():
        if key in {"messages", "model", "stream", "stream_options"} or value is None:
            continue
        if key in OPTIONS:
            options[RENAMED.get(key, key)] = value
        else:
            extra[key] = value
    return body["messages"], options | ({"extra_params": extra} if extra else {})


def canonical(body: Mapping[str, Any]) -> Body:
    """Give *body* in one of the spellings that say the same."""
    found = {RENAMED.get(key, key): value for key, value in body.items() if key not in {"model", "stream", "stream_options"}}
    found["messages"] = [_message(each) for each in found["messages"]]
    if found.get("tools"):
        found["tools"] = [_tool(each) for each in found["tools"]]
    found["tool_choice"] = _choice(found.get("tool_choice"))
    match found.get("response_format"):
        case {"type": "json_schema", "json_schema": dict()}:  # a name is required by OpenAI alone, which is given one
            schema: Body = found["response_format"]["json_schema"]
            inner = {key: value for key, value in schema.get("schema", {}).items() if key != "$schema"}  # which says nothing to a provider
            found["response_format"] = {"type": "json_schema", "json_schema": {"name": "response"} | schema | {"schema": inner}}
        case _:
            pass
    stop = found.get("stop")
    if isinstance(stop, str):
        found["stop"] = [stop]
    return cast("Body", without_nothing(found))


def _choice(choice: Any) -> Any:
    """Mistral says ``any`` for ``required``; Anthropic's form of a forced tool is understood by some."""
    match choice:
        case "any":
            return "required"
        case {"type": "tool", "name": str(name)}:
            return {"type": "function", "function": {"name": name}}
        case _:
            return choice


def _part(part: Any) -> Any:
    match part:
        case {"type": "image_url", "image_url": str(url)}:
            return {"type": "image_url", "image_url": {"url": url}}
        case _:
            return part


def _message(message: Body) -> Body:
    found = {key: value for key, value in message.items() if not (key == "name" and message["role"] == "tool")}
    match found.get("content"):
        case [{"type": "text", "text": str(text), **more}] if not more:
            found["content"] = text
        case "":
            found["content"] = None
        case _:
            pass
    content = found.get("content")
    if isinstance(content, list):
        found["content"] = [_part(each) for each in cast("list[Any]", content)]
    found["tool_calls"] = [_call(each) for each in found.get("tool_calls") or ()]
    return found


def _call(call: Body) -> Body:
    function = cast("Body", call["function"])
    return {"id": call.get("id"), "name": function["name"], "arguments": _decoded(function.get("arguments"))}


def _decoded(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments


def _tool(tool: Body) -> Body:
    function = dict(cast("Body", tool.get("function") or tool))
    function.pop("type", None)
    if not function.get("strict"):
        function.pop("strict", None)
    return function
