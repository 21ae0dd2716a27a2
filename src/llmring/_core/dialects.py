"""What each provider understands of JSON Schema, as tables; how a schema is brought there is another module's work."""

from __future__ import annotations

from typing import Final

import attrs

Words = frozenset[str]

SHAPE: Final[Words] = frozenset({"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "$ref", "$defs"})
"""What all of them understand."""
NOTES: Final[Words] = frozenset(
    {"$schema", "$id", "$anchor", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
)
"""What says nothing about which values fit."""
_FORMATS: Final[Words] = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_NUMBERS: Final[Words] = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_LISTS: Final[Words] = frozenset({"minItems", "maxItems"})
_TEXTS: Final[Words] = frozenset({"pattern", "minLength", "maxLength"})


@attrs.frozen(kw_only=True)
class Dialect:
    """What one kind of provider understands."""

    words: Words
    """The keywords that it takes, beside descriptions."""
    formats: Words | None = None
    """The formats of text that it takes; None for any."""
    closed: bool = False
    """Whether objects must refuse other keys than theirs."""
    complete: bool = False
    """Whether objects must require all their keys."""
    rooted: bool = False
    """Whether the whole must be an object."""
    recursive: bool = True
    """Whether a schema may hold itself."""
    lonely: bool = True
    """Whether nothing may stand beside ``$ref``."""
    longest_minimum: int | None = None
    """The greatest ``minItems``; None for any."""


OPENAI: Final = Dialect(
    words=SHAPE | _NUMBERS | _LISTS | {"title", "const", "format", "pattern"}, formats=_FORMATS, closed=True, complete=True, rooted=True
)
"""OpenAI's strict mode (docs: Structured outputs, supported schemas)."""
ANTHROPIC: Final = Dialect(
    words=SHAPE | {"title", "default", "const", "allOf", "format", "minItems"},
    formats=_FORMATS | {"uri"},
    closed=True,
    recursive=False,
    longest_minimum=1,
)
"""Anthropic's ``output_config.format`` (docs: Structured outputs, JSON Schema limitations)."""
GEMINI: Final = Dialect(
    words=SHAPE | _LISTS | {"$id", "$anchor", "title", "format", "prefixItems", "minimum", "maximum", "oneOf", "propertyOrdering"}
)
"""Gemini's ``responseJsonSchema`` (API page: GenerationConfig)."""
OLLAMA: Final = Dialect(
    words=SHAPE | _NUMBERS | _LISTS | _TEXTS | NOTES | {"const", "format", "prefixItems", "oneOf", "allOf", "definitions"}, lonely=False
)
"""What the grammars behind Ollama's ``format`` hold an answer to."""

BY_PROTOCOL: Final = {
    "openai_chat": OPENAI,
    "openai_responses": OPENAI,
    "anthropic_messages": ANTHROPIC,
    "gemini_generate": GEMINI,
    "ollama_chat": OLLAMA,
}
"""Each protocol's dialect."""
