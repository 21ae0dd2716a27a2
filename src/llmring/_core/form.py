"""How the wanted form of an answer is asked of one model: enforced as far as its dialect goes, as the call of a tool, or in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.answer_tool import answer_tool, calls_surely
from llmring._core.dialects import BY_PROTOCOL
from llmring._core.request import ResponseFormat
from llmring._core.schema_adapt import Inexpressible, adapt
from llmring._core.schema_looks import looked_up, wrapped
from llmring._core.structured import instruction
from llmring._gen.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._core.fitting import Target
    from llmring._core.request import NormalRequest
    from llmring._gen.providers import Capability

_LOOSE = frozenset({"openai_chat", "openai_responses"})
"""Protocols that take any schema of an object where it is not strict."""


def capability(wanted: ResponseFormat) -> Capability:
    """Name what a model needs to be held to *wanted*."""
    return "structured" if wanted.kind == "json_schema" else "json_mode"


def ask(request: NormalRequest, wanted: ResponseFormat, target: Target, note: Callable[[str], None]) -> dict[str, Any]:
    """Give what changes in *request* so that the *wanted* form can be asked of *target*; each loss is told to *note*."""
    if target.capabilities.get(capability(wanted), "native") != "native":
        return _emulated(request, wanted, target)
    if wanted.schema is None:
        return {}
    try:
        asked = _loosely(wanted, note) if target.protocol in _LOOSE else _adapted(wanted, target.protocol, note)
    except Inexpressible as why:
        changes = _emulated(request, wanted, target)
        way = "as a tool's arguments" if by_call(changes) else "in words"
        note(f"response_format is asked for {way}, for {why}; the answer is checked all the same")
        return changes
    return {} if asked is wanted else {"response_format": asked}


def by_call(changes: dict[str, Any]) -> bool:
    """Tell whether *changes* make the answer the arguments of a call."""
    return "response_format" in changes and "tool_name" in changes


def _emulated(request: NormalRequest, wanted: ResponseFormat, target: Target) -> dict[str, Any]:
    """Ask for the arguments of a tool where the model can be made to call one, and nothing else is to be called; in words otherwise."""
    alone = not request.tools and request.tool_choice is None
    tool = answer_tool(wanted) if alone and calls_surely(request, target) else None
    if tool is not None:
        return {"response_format": None, "tools": (tool,), "tool_choice": "function", "tool_name": tool.name}
    words = {"response_format": None, "messages": (Message(role="system", content=instruction(wanted)), *request.messages)}
    held = alone and target.protocol == "openai_chat" and target.capabilities.get("json_mode") == "native"
    return {**words, "response_format": ResponseFormat(kind="json_object")} if held and _is_object(wanted) else words


def _is_object(wanted: ResponseFormat) -> bool:
    """Tell whether what is *wanted* can be nothing but an object."""
    return wanted.schema is not None and looked_up(wanted.schema, wanted.schema).get("type") == "object"


def _adapted(wanted: ResponseFormat, protocol: str, note: Callable[[str], None], *, strict: bool | None = None) -> ResponseFormat:
    adapted, losses = adapt(wanted.schema or {}, BY_PROTOCOL[protocol])
    for loss in losses:
        note(f"response_format, {loss}; the answer is checked all the same")
    strict = wanted.strict if strict is None else strict
    return wanted if adapted is wanted.schema and strict is wanted.strict else attrs.evolve(wanted, schema=adapted, strict=strict)


def _loosely(wanted: ResponseFormat, note: Callable[[str], None]) -> ResponseFormat:
    """Ask OpenAI: strictly where the caller says so, or gave a type with which nothing is lost by it."""
    schema = wanted.schema or {}
    if wanted.strict:
        try:
            return _adapted(wanted, "openai_chat", note)
        except Inexpressible as why:
            note(f"response_format is not strict, for {why}; the answer is checked all the same")
            return attrs.evolve(wanted, schema=wrapped(schema), strict=False)
    if wanted.type is not None and wanted.strict is None:
        lost: list[str] = []
        try:
            strictly = _adapted(wanted, "openai_chat", lost.append, strict=True)
        except Inexpressible:
            lost.append("")
        else:
            if not lost:
                return strictly
    around = wrapped(schema)
    return wanted if around is schema else attrs.evolve(wanted, schema=around)
