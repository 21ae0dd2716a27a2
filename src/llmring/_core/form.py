"""How the wanted form of an answer is asked of one model: enforced as far as its dialect goes, or put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.dialects import BY_PROTOCOL
from llmring._core.schema_adapt import Inexpressible, adapt
from llmring._core.schema_looks import wrapped
from llmring._core.structured import instruction
from llmring._gen.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmring._core.request import NormalRequest, ResponseFormat
    from llmring._gen.providers import Capability, Support

_LOOSE = frozenset({"openai_chat", "openai_responses"})
"""Protocols that take any schema of an object where it is not strict."""


def capability(wanted: ResponseFormat) -> Capability:
    """Name what a model needs to be held to *wanted*."""
    return "structured" if wanted.kind == "json_schema" else "json_mode"


def ask(request: NormalRequest, able: Mapping[Capability, Support], protocol: str, note: Callable[[str], None]) -> dict[str, Any]:
    """Give what changes in *request* so that its form can be asked for; each loss is told to *note*."""
    wanted = request.response_format
    if wanted is None or wanted.schema is None:
        return {} if wanted is None or able.get("json_mode", "native") == "native" else in_words(request, wanted)
    if able.get(capability(wanted), "native") != "native":
        return in_words(request, wanted)
    try:
        asked = _loosely(wanted, note) if protocol in _LOOSE else _adapted(wanted, protocol, note)
    except Inexpressible as why:
        note(f"response_format is asked for in words, for {why}; the answer is checked all the same")
        return in_words(request, wanted)
    return {} if asked is wanted else {"response_format": asked}


def in_words(request: NormalRequest, wanted: ResponseFormat) -> dict[str, Any]:
    """Say what the answer must look like before all else that is said."""
    return {"response_format": None, "messages": (Message(role="system", content=instruction(wanted)), *request.messages)}


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
