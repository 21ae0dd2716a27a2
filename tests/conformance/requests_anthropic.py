"""Recorded Messages API bodies as calls of the ring: Anthropic's own parts, tools and choices, understood as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from tests.conformance.requests import Body, Call, without_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN: Final = {
    **{key: key for key in ("max_tokens", "temperature", "top_p", "top_k", "tools", "service_tier")},
    "stop_sequences": "stop",
    "cache_control": "cache",
}
"""Keys of the body that are options of the ring."""
ASIDE: Final = frozenset({"model", "messages", "system", "stream"})


def left_out(body: Body) -> str | None:
    """Leave out nothing."""
    return None if "messages" in body else "no messages"


def call_of(body: Body) -> Call:
    """Give the system's words as a message, and everything else as it is."""
    system = [{"role": "system", "content": body["system"]}] if body.get("system") else []
    options: Body = {}
    extra: Body = {}
    for key, value in body.items():
        if key in ASIDE or value is None:
            continue
        match key, value:
            case "tool_choice", {"disable_parallel_tool_use": bool(alone), **choice}:
                options |= {"tool_choice": choice, "parallel_tool_calls": not alone}
            case "tool_choice", _:
                options["tool_choice"] = value
            case "thinking", {"type": "enabled", "budget_tokens": int(budget), **more} if not more:
                options["reasoning"] = budget
            case "thinking", {"type": "disabled"}:
                options["reasoning"] = "none"
            case "thinking", {"type": "adaptive", **more} if not more and "effort" in (body.get("output_config") or {}):
                options["reasoning"] = body["output_config"]["effort"]
            case "output_config", dict():
                _output(cast("Body", value), options, extra)
            case "metadata", {"user_id": str(user), **more} if not more:
                options["user"] = user
            case _ if key in PLAIN:
                options[PLAIN[key]] = value
            case _:
                extra[key] = value
    return [*system, *body["messages"]], options | ({"extra_params": extra} if extra else {})


def _output(wanted: Body, options: Body, extra: Body) -> None:
    """Say how to answer: a form is a response format, an effort belongs to the thoughts."""
    rest = dict(wanted)
    form = rest.pop("format", None)
    if form is not None:
        options["response_format"] = {"type": "json_schema", "json_schema": {"schema": form["schema"]}}
    if rest and "reasoning" not in options:
        extra["output_config"] = rest


def canonical(body: Mapping[str, Any]) -> Body:
    """Take a text alone for a list of one text; ``custom`` is what a tool is anyway."""
    found = {key: value for key, value in body.items() if key not in {"model", "stream"}}
    found["messages"] = [{**turn, "content": _content(turn.get("content"))} for turn in found["messages"]]
    found["system"] = _content(found.get("system"))
    if "tool_choice" in found:
        found["tool_choice"] = {key: value for key, value in found["tool_choice"].items() if value is not False}
    found["tools"] = [_tool(tool) for tool in found.get("tools") or ()]
    return cast("Body", without_nothing(found))


def _tool(tool: Body) -> Body:
    return {key: value for key, value in tool.items() if not (key == "type" and value == "custom") and not (key == "strict" and not value)}


def _content(content: Any) -> Any:
    if not isinstance(content, list):
        return [{"type": "text", "text": content}] if content else None
    blocks = cast("list[Any]", content)
    return [_block({"type": "text", "text": block} if isinstance(block, str) else block) for block in blocks]


def _block(block: Body) -> Body:
    if block.get("type") == "tool_result":
        return {**block, "content": _content(block.get("content")), "is_error": block.get("is_error") or None}
    return block
