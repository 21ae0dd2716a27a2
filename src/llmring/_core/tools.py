"""Understand tools and tool choices as callers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from llmring._gen.tool import Tool
from llmring.exceptions import InvalidMessageError

if TYPE_CHECKING:
    from llmring._core.request import ToolChoice

Plain = Mapping[str, Any]


def tool_list(tools: Any) -> tuple[Tool, ...]:
    """Give *tools* as a tuple of ``Tool``: OpenAI's two shapes, Anthropic's, and hosted tools by type.

    Raises:
        InvalidMessageError: one of them is no tool, has no name, or two share one.

    """
    if tools is None:
        return ()
    if isinstance(tools, (str, Mapping)) or not isinstance(tools, Sequence):
        message = f"tools must be a list, not {type(cast('object', tools)).__name__}"
        raise InvalidMessageError(message, path="tools")
    found = tuple(_tool(tool, f"tools[{at}]") for at, tool in enumerate(cast("Sequence[Any]", tools)))
    names = [tool.name for tool in found if tool.name]
    if len(set(names)) < len(names):
        double = next(name for at, name in enumerate(names) if name in names[:at])
        message = f"tools: two tools are named {double!r}"
        raise InvalidMessageError(message, path="tools")
    return found


def _tool(tool: Any, path: str) -> Tool:
    if isinstance(tool, Tool):
        _require_name(tool.name if tool.type == "function" else "x", path)
        return tool
    if not isinstance(tool, Mapping):
        message = f"{path} must be a tool as a mapping, not {type(tool).__name__}"
        raise InvalidMessageError(message, path=path)
    plain = cast("Plain", tool)
    inner = plain.get("function")
    if isinstance(inner, Mapping):
        return _function(cast("Plain", inner), f"{path}.function", plain)
    kind = plain.get("type")
    if kind == "function" or (kind is None and ("input_schema" in plain or "parameters" in plain or "name" in plain)):
        return _function(plain, path, plain)
    if isinstance(kind, str) and kind:
        config = {key: value for key, value in plain.items() if key not in {"type", "name", "cache_control"}}
        return Tool(type=kind, name=str(plain.get("name") or ""), config=config, cache_control=plain.get("cache_control"))
    message = f"{path}.type is missing; a function is {{'type': 'function', 'function': {{…}}}}"
    raise InvalidMessageError(message, path=f"{path}.type")


def _function(function: Plain, path: str, tool: Plain) -> Tool:
    _require_name(function.get("name"), path)
    schema = function.get("parameters", function.get("input_schema"))
    if schema is not None and not isinstance(schema, Mapping):
        at = f"{path}.parameters"
        message = f"{at} must be a JSON Schema as a mapping, not {type(schema).__name__}"
        raise InvalidMessageError(message, path=at)
    return Tool(
        name=function["name"],
        description=function.get("description"),
        parameters=cast("dict[str, Any] | None", schema),
        strict=function.get("strict", tool.get("strict")),
        cache_control=tool.get("cache_control"),
    )


def _require_name(name: Any, path: str) -> None:
    if not isinstance(name, str) or not name:
        at = f"{path}.name"
        message = f"{at} is missing; every function needs a name"
        raise InvalidMessageError(message, path=at)


def choice_of(choice: Any) -> tuple[ToolChoice | None, str | None]:
    """Give the choice and, where one function is forced, its name; ``any`` is Anthropic's word for ``required``."""
    match choice:
        case None:
            return None, None
        case "auto" | "none" | "required":
            return choice, None
        case "any" | {"type": "any"}:
            return "required", None
        case {"type": "auto" | "none" | "required" as word}:
            return word, None
        case {"function": {"name": str(name)}} | {"type": "function" | "tool", "name": str(name)}:
            return "function", name
        case _:
            message = f"tool_choice must be 'auto', 'none', 'required' or {{'type': 'function', 'function': {{'name': …}}}}, not {choice!r}"
            raise InvalidMessageError(message, path="tool_choice")
