"""Wishes about how tools are called and documents are read; a model that cannot heed them is asked without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.request import Texts
from llmring._gen.message import DocumentPart

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmring._core.request import NormalRequest
    from llmring._gen.message import Message, Part
    from llmring._gen.providers import Capability, Support
    from llmring._gen.tool import Tool


SETTINGS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("defer_loading", "allowed_callers"), frozenset({"anthropic_messages", "openai_responses"})),
    **dict.fromkeys(("eager_input_streaming", "input_examples"), frozenset({"anthropic_messages"})),
    **dict.fromkeys(("output_schema", "async"), frozenset({"openai_responses"})),
    **dict.fromkeys(("behavior", "response", "responseJsonSchema"), frozenset({"gemini_generate"})),
}
"""What only some wire formats let a function say beside its schema; anything else goes out as it is."""


def without_settings(tools: tuple[Tool, ...], protocol: str, refuse: Callable[[str, str], Any]) -> tuple[Tool, ...]:
    """Give *tools* without the settings that *protocol* is known not to have; *refuse* is told of each."""
    if not any(tool.config and tool.type == "function" for tool in tools):
        return tools
    found: list[Tool] = []
    for at, tool in enumerate(tools):
        strangers = [key for key in tool.config if tool.type == "function" and protocol not in SETTINGS.get(key, (protocol,))]
        for key in strangers:
            refuse(f"{key} of a function", f"tools[{at}].{key}")
        kept = {key: value for key, value in tool.config.items() if key not in strangers}
        found.append(attrs.evolve(tool, config=kept) if strangers else tool)
    return tools if found == [*tools] else tuple(found)


def without_strict(tools: tuple[Tool, ...], able: Mapping[Capability, Support], refuse: Callable[[str, str], Any]) -> tuple[Tool, ...]:
    """Give *tools* as a model takes them whose provider does not hold arguments to their schema; *refuse* is told of each."""
    if able.get("strict_tools") != "unsupported" or not any(tool.strict for tool in tools):
        return tools
    first = next(at for at, tool in enumerate(tools) if tool.strict)
    refuse("strict", f"tools[{first}].strict")
    return tuple(attrs.evolve(tool, strict=None) if tool.strict else tool for tool in tools)


def without_citations(request: NormalRequest, able: Mapping[Capability, Support], refuse: Callable[[str, str], Any]) -> tuple[Message, ...]:
    """Give the messages of *request* without the wish that documents be cited, where the model cannot; *refuse* is told of the first."""
    if able.get("citations") != "unsupported" or type(request.messages) is Texts:
        return request.messages
    told: list[str] = []
    messages: list[Message] = []
    for at, given in enumerate(request.messages):
        message, content = given, given.content
        if isinstance(content, list) and any(map(_cited, content)):
            told += [f"messages[{at}].content[{place}]" for place, part in enumerate(content) if _cited(part)]
            message = attrs.evolve(message, content=[attrs.evolve(part, citations=None) if _cited(part) else part for part in content])
        messages.append(message)
    if not told:
        return request.messages
    refuse("citations", told[0])
    return tuple(messages)


def _cited(part: Part) -> bool:
    return isinstance(part, DocumentPart) and part.citations is True
