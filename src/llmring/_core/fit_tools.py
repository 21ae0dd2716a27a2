"""Fit the tools of a request, and the choice among them, to what one model takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.hosted_tools import OWN, lacks, strange
from llmring._core.reasoning_options import adapts, thinks
from llmring._core.tool_emulation import in_words
from llmring._core.tool_schemas import foreign
from llmring._core.wishes import without_settings, without_strict
from llmring.exceptions import UnsupportedParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmring._core.fitting import Fitting, Target
    from llmring._core.request import NormalRequest
    from llmring._gen.tool import Tool

_NO_CHOICE: Final[Mapping[str, None]] = {"tool_choice": None, "tool_name": None}


def spoken(request: NormalRequest, fitting: Fitting) -> NormalRequest:
    """Put the tools and what came of them into words; only functions can be."""
    for at, tool in enumerate(request.tools):
        if tool.type == "custom":
            fitting.refuse("the tool custom", f"tools[{at}]")
    fitting.note(f"{fitting.target.name} has no tools of its own; they were put into words")
    without_strict(request.tools, fitting.target.capabilities, fitting.refuse)
    return in_words(request)


def tool_changes(request: NormalRequest, fitting: Fitting) -> dict[str, Any]:
    """Leave out the tools, or the choice among them, that the model does not take."""
    if not request.tools and request.tool_choice is None:
        return {}
    tools, able = request.tools, fitting.target.capabilities
    changes: dict[str, Any] = {}
    if tools and able.get("tools") == "unsupported":
        fitting.refuse("tools")
        changes["tools"] = ()
    elif any(tool.type not in OWN for tool in tools):
        kept = tuple(_taken(tools, fitting))
        if kept != tools:
            changes["tools"] = kept
    if changes.get("tools") == ():
        return changes | _NO_CHOICE
    _check_count(tools, fitting.target)
    kept = changes.get("tools", tools)
    held = without_settings(without_strict(kept, able, fitting.refuse), fitting.target.protocol, fitting.refuse)
    held = foreign(held, fitting)
    if held is not kept:
        changes["tools"] = held
    if (tools and not held) or (len(held) < len(kept) and request.tool_name not in {None, *(tool.name for tool in held)}):
        return changes | _NO_CHOICE
    if request.tool_choice not in {None, "auto"} and able.get("tool_choice") == "unsupported":
        fitting.refuse("tool_choice")
        changes |= _NO_CHOICE
    elif request.tool_choice in {"required", "function"} and not forces(request, fitting.target):
        fitting.refuse("tool_choice", much="a forced ")
        changes |= _NO_CHOICE
    return changes


def _check_count(tools: tuple[Tool, ...], target: Target) -> None:
    """Refuse more tools than the model takes; nobody can say which to leave out."""
    most = target.limits.get("tools", len(tools))
    if len(tools) > most:
        text = f"{target.name} does not take more than {most} tools, and there are {len(tools)}"
        raise UnsupportedParameterError(text, parameter="tools", model=target.name, path=f"tools[{most}]")


def forces(request: NormalRequest, target: Target) -> bool:
    """Tell whether the model can be made to call a tool.

    Anthropic's cannot while they think within a budget, nor can those that think until told not to.
    """
    if not target.forced_tools:
        return False
    asked = request.options.get("reasoning")
    if target.quirks.get("reasoning_style") == "thinking":
        return not thinks(asked) and (asked is not None or target.thinking is None)
    return target.protocol != "anthropic_messages" or not thinks(asked) or adapts(asked, target.thinking)


def _taken(tools: tuple[Tool, ...], fitting: Fitting) -> Iterator[Tool]:
    """Yield the tools that the provider hosts and the caller's own; of the hosted ones, leave out the settings that it does not have."""
    target = fitting.target
    for at, tool in enumerate(tools):
        if tool.type in OWN:
            yield tool
        elif target.capabilities.get("hosted_tools") == "unsupported" or lacks(tool, target.protocol):
            fitting.refuse(f"the tool {tool.type}", f"tools[{at}]")
        else:
            strangers = [
                key for key in strange(tool, target.protocol) if not fitting.refuse(f"{key} of the tool {tool.type}", f"tools[{at}].{key}")
            ]
            config = {key: value for key, value in tool.config.items() if key not in strangers}
            yield attrs.evolve(tool, config=config) if strangers else tool
