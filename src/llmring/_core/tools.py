"""Understand tools and tool choices as callers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from llmring._base import wrong
from llmring._core.making import plain_function
from llmring._core.taking import Plain, fault, maybe_flag, maybe_object, maybe_text, name_at, shown
from llmring._gen.tool import Tool

if TYPE_CHECKING:
    from llmring._core.request import ToolChoice

_FUNCTION = frozenset({"type", "name", "description", "parameters", "input_schema", "strict", "function", "cache_control"})
_ASIDE = frozenset({"type", "name", "cache_control"})


def tool_list(tools: Any) -> tuple[Tool, ...]:
    """Give *tools* as a tuple of ``Tool``: OpenAI's two shapes, Anthropic's, hosted tools by type, and plain functions.

    Raises:
        InvalidMessageError: one of them is no tool, has no name, or two share one.
        RequestError: a function takes what JSON Schema cannot describe.

    """
    if tools is None:
        return ()
    if isinstance(tools, (str, bytes, Mapping)) or not isinstance(tools, Sequence):
        raise wrong(cast("object", tools), "tools", "a list of tools")
    found = tuple([_plain(tool) or _tool(tool, f"tools[{at}]") for at, tool in enumerate(cast("Sequence[Any]", tools))])
    names = [tool.name for tool in found if tool.name]
    if len(set(names)) < len(names):
        double = next(name for at, name in enumerate(names) if name in names[:at])
        raise fault("tools", f"has two tools named {double!r}")
    return found


def _plain(tool: Any) -> Tool | None:
    """Understand a function in OpenAI's shape that says nothing special, as almost all do, without looking at it twice."""
    if type(tool) is not dict:
        return None
    plain = cast("dict[str, Any]", tool)
    inner = plain.get("function")
    if type(inner) is not dict or len(plain) != 2:  # noqa: PLR2004 - type and function
        return None
    function = cast("dict[str, Any]", inner)
    name, about, schema = function.get("name"), function.get("description"), function.get("parameters")
    if (
        type(name) is str
        and name
        and type(schema) is dict
        and (about is None or type(about) is str)
        and len(function) == 2 + ("description" in function)
    ):
        return plain_function(name, about, cast("dict[str, Any]", schema))
    return None


def _tool(tool: Any, path: str) -> Tool:
    if isinstance(tool, Tool):
        if tool.checked(path).type in {"function", "custom"}:
            name_at(cast("Plain", tool), path)
        return tool
    match tool:
        case {"function": inner}:
            return _function(_inner(inner, f"{path}.function"), tool, path, ".function")
        case {"type": "custom", "input_schema": _} | {"type": "function"}:
            return _function(tool, tool, path)
        case {"type": "custom"}:
            return _custom(tool, path)
        case {"type": str(kind)} if kind:
            return _hosted(kind, tool, path)
        case {"name": _} | {"parameters": _} | {"input_schema": _}:
            return _function(tool, tool, path)
        case {}:
            raise fault(f"{path}.type", "is missing; a function is {'type': 'function', 'function': {…}}")
        case _ if callable(tool):
            from llmring._core.functions import described

            return described(tool, path).tool
        case _:
            raise wrong(tool, path, "a Tool, a function or a mapping with name and parameters")


def _function(function: Plain, tool: Plain, path: str, inside: str = "") -> Tool:
    """Understand a *function*, which *tool* at *path* holds *inside*, or is."""
    where = path + inside
    return Tool(
        name=name_at(function, where),
        description=maybe_text(function, "description", where),
        parameters=maybe_object(function, "parameters" if "parameters" in function else "input_schema", where),
        strict=maybe_flag(function, "strict", where) if "strict" in function else maybe_flag(tool, "strict", path),
        config={key: each[key] for each in (tool, function) for key in each if key not in _FUNCTION},
        cache_control=maybe_object(tool, "cache_control", path),
    )


def _custom(tool: Plain, path: str) -> Tool:
    """Understand a tool that takes plain text, written in either of OpenAI's shapes."""
    inner, where = (_inner(tool["custom"], f"{path}.custom"), f"{path}.custom") if "custom" in tool else (tool, path)
    config = {key: value for key, value in inner.items() if key not in _ASIDE and key != "description"}
    return Tool(
        type="custom",
        name=name_at(inner, where),
        description=maybe_text(inner, "description", where),
        config=config,
        cache_control=maybe_object(tool, "cache_control", path),
    )


def _hosted(kind: str, tool: Plain, path: str) -> Tool:
    """Understand a tool that the provider runs; its settings stay as they are."""
    config = {key: value for key, value in tool.items() if key not in _ASIDE}
    return Tool(
        type=kind, name=maybe_text(tool, "name", path) or "", config=config, cache_control=maybe_object(tool, "cache_control", path)
    )


def _inner(inner: Any, path: str) -> Plain:
    if isinstance(inner, Mapping):
        return cast("Plain", inner)
    raise wrong(inner, path, "an object with a name")


def choice_of(choice: Any, tools: Sequence[Tool] = ()) -> tuple[ToolChoice | None, str | None]:
    """Give the choice among *tools* and, where one function is forced, its name; ``any`` is Anthropic's word for ``required``.

    Raises:
        InvalidMessageError: it is no choice, or forces a call that none of *tools* can take.

    """
    match choice:
        case None:
            return None, None
        case "auto" | {"type": "auto"}:
            return "auto", None
        case "none" | {"type": "none"}:
            return "none", None
        case "required" | "any" | {"type": "required" | "any"}:
            if not tools:
                raise fault("tool_choice", "asks for a call, but there are no tools")
            return "required", None
        case {"function": {"name": str(name)}} | {"custom": {"name": str(name)}}:
            return "function", _one_of(tools, name)
        case {"type": "function" | "tool" | "custom", "name": str(name)}:
            return "function", _one_of(tools, name)
        case _:
            wanted = "'auto', 'none', 'required' or {'type': 'function', 'function': {'name': …}}"
            raise fault("tool_choice", f"must be {wanted}, not {shown(choice)}")


def _one_of(tools: Sequence[Tool], name: str) -> str:
    """Give *name* if one of *tools* may have it; hosted tools do not always tell theirs."""
    known = [tool.name for tool in tools]
    if name in known or "" in known:
        return name
    raise fault("tool_choice", f"names {name!r}, but the tools are {', '.join(known) or 'none'}")
