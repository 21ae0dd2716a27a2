"""Recorded bodies of Ollama's chat API as calls of the ring."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._gen.parameters import PATHS
from tests.conformance.requests import Body, Call, without_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS: Final = {path[1]: name for name, path in PATHS["ollama_chat"].items() if path[0] == "options"} | {"stop": "stop"}
"""Ollama's words for options of the ring."""


def left_out(body: Body) -> str | None:
    """Leave out nothing."""
    return None if "messages" in body else "no messages"


def call_of(body: Body) -> Call:
    """Give pictures as parts, results with the call that they answer, settings by the ring's names."""
    options: Body = {}
    extra: Body = {}
    for key, value in body.items():
        match key, value:
            case (("model" | "messages" | "stream"), _):
                continue
            case _, None:
                continue
            case "options", dict():
                _settings(cast("Body", value), options, extra)
            case "format", "json":
                options["response_format"] = {"type": "json_object"}
            case "format", dict():
                options["response_format"] = {"type": "json_schema", "json_schema": {"schema": value}}
            case "think", bool():
                options["reasoning"] = "medium" if value else "none"
            case "think", str():
                options["reasoning"] = value
            case "tools", _:
                options["tools"] = value
            case _:
                extra[key] = value
    return _messages(body["messages"]), options | ({"extra_params": extra} if extra else {})


def _settings(given: Body, options: Body, extra: Body) -> None:
    rest: Body = {}
    for name, value in given.items():
        if name in SETTINGS and value is not None:
            options[SETTINGS[name]] = value
        else:
            rest[name] = value
    if rest:
        extra["options"] = rest


def _messages(turns: list[Body]) -> list[Body]:
    """Give *turns* with the ids that results and calls have elsewhere."""
    found: list[Body] = []
    open_calls: list[str] = []
    for at, turn in enumerate(turns):
        message: Body = {"role": turn["role"], "content": turn.get("content")}
        if turn.get("images"):
            pictures = [{"type": "image", "data": base64.b64decode(image)} for image in turn["images"]]
            message["content"] = [{"type": "text", "text": turn.get("content") or ""}, *pictures]
        if turn.get("thinking"):
            thoughts = {"type": "reasoning", "text": turn["thinking"]}
            message["content"] = [thoughts, *([{"type": "text", "text": turn["content"]}] if turn.get("content") else [])]
        if turn.get("tool_calls"):
            message["tool_calls"] = [{"id": f"made_{at}_{number}", **call} for number, call in enumerate(turn["tool_calls"])]
            open_calls = [call["id"] for call in message["tool_calls"]]
        if turn["role"] == "tool":
            message["tool_call_id"] = turn.get("tool_call_id") or (open_calls.pop(0) if open_calls else "unknown")
            if turn.get("tool_name"):
                message["name"] = turn["tool_name"]
        found.append(message)
    return found


def canonical(body: Mapping[str, Any]) -> Body:
    """Take a missing text for an empty one; the ring says which tool a result is of, which Ollama can do without."""
    found = {key: value for key, value in body.items() if key not in {"model", "stream"} and value != {}}
    found["messages"] = [_turn(turn) for turn in found["messages"]]
    found["tools"] = [{"function": tool["function"]} for tool in found.get("tools") or ()]
    return cast("Body", without_nothing(found))


def _turn(turn: Body) -> Body:
    found = {key: value for key, value in turn.items() if key != "tool_name"}
    found["content"] = turn.get("content") or ""
    found["images"] = ["".join(image.split()) for image in turn.get("images") or ()]
    found["tool_calls"] = [{"function": call["function"]} for call in turn.get("tool_calls") or ()]
    return found
