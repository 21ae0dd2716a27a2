"""Tools and the choice among them as Anthropic writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from llmring._core.caching import anthropic_mark
from llmring._core.hosted_tools import hosted, undated

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest
    from llmring._gen.tool import Tool
    from llmring.protocols.anthropic_content import Block

_NAME: Final = "anthropic_messages"
_TOOLSET: Final = "toolset"
"""Families of tools that have no name of their own."""


def tool_block(tool: Tool) -> Block:
    """Render *tool*: a function of the caller's, or one that Anthropic hosts."""
    if tool.type == "function":
        rendered: Block = {"name": tool.name, "input_schema": tool.parameters or {"type": "object", "properties": {}}}
        if tool.description is not None:
            rendered["description"] = tool.description
        if tool.strict:
            rendered["strict"] = True
        rendered.update(tool.config)
    elif tool.type == "custom":
        rendered = _free_text(tool)
    else:
        rendered = _hosted(tool)
    if tool.cache_control is not None:
        rendered["cache_control"] = anthropic_mark(tool.cache_control)
    return rendered


def _free_text(tool: Tool) -> Block:
    """Render a tool that takes plain text as a function of one text."""
    schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    rendered: Block = {"name": tool.name, "input_schema": schema}
    description = tool.description or tool.config.get("description")
    return {**rendered, "description": description} if description else rendered


def _hosted(tool: Tool) -> Block:
    kind, name, config = hosted(tool, _NAME)
    if _TOOLSET in kind:
        return {"type": kind, **config}
    return {"type": kind, "name": name or undated(kind), **config}


def tool_choice(request: NormalRequest) -> Block | None:
    """Render which tools may or must be called, and whether several at once."""
    one_at_a_time = request.options.get("parallel_tool_calls") is False
    match request.tool_choice:
        case None:
            choice: Block | None = {"type": "auto"} if one_at_a_time else None
        case "none":
            return {"type": "none"}
        case "function":
            choice = {"type": "tool", "name": request.tool_name}
        case "required":
            choice = {"type": "any"}
        case _:
            choice = {"type": "auto"}
    if one_at_a_time and choice is not None:
        choice["disable_parallel_tool_use"] = True
    return choice
