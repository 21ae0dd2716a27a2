"""What the tools of a served ring take and give, as JSON Schemas; a name that is not offered does not pass them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
COUNT: Schema = {"type": "integer", "minimum": 0}
MONEY: Schema = {"type": ["string", "null"], "description": "US dollars, exact; null where a price is not known."}
NAME_OR_NULL: Schema = {"type": ["string", "null"]}


def record(properties: Schema, required: Sequence[str] = (), description: str = "") -> Schema:
    """Describe an object that has nothing but *properties*."""
    schema: Schema = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return schema | ({"description": description} if description else {})


def model(names: Sequence[str], *, direct: bool) -> Schema:
    """Describe what stands for a model: one of *names*, or where *direct* any ``provider:model``."""
    if not direct:
        return {"type": "string", "enum": list(names), "description": "The alias of the model to ask."}
    told = f"The model to ask: an alias ({', '.join(names)}) or provider:model." if names else "The model to ask, as provider:model."
    return {"type": "string", "minLength": 1, "description": told}


def _binary(kind: str, types: str) -> Schema:
    data: Schema = {"type": "string", "description": "The file's bytes, in base64."}
    given = {"type": {"const": kind}, "data": data, "mimeType": {"type": "string", "pattern": f"^{kind}/", "description": types}}
    return record(given, ["type", "data", "mimeType"])


PART: Schema = {
    "anyOf": [
        record({"type": {"const": "text"}, "text": TEXT}, ["type", "text"]),
        _binary("image", "E.g. image/png."),
        _binary("audio", "E.g. audio/wav."),
    ]
}
"""A part of a message, in the form of MCP's own content; neither a path nor an address, which this machine would have to read."""

MESSAGE = record(
    {"role": {"enum": ["system", "user", "assistant"]}, "content": {"anyOf": [TEXT, {"type": "array", "items": PART, "minItems": 1}]}},
    ["role", "content"],
)
ASKED: Schema = {
    "prompt": {"type": "string", "minLength": 1, "description": "What to ask; either this or messages."},
    "messages": {"type": "array", "items": MESSAGE, "minItems": 1, "description": "The conversation so far; either this or prompt."},
    "system": {"type": "string", "description": "Instructions that come first."},
    "max_tokens": {"type": "integer", "minimum": 1, "description": "The most tokens to generate."},
}
OPTIONS: Schema = {
    "temperature": {"type": "number", "minimum": 0, "description": "Randomness, from 0."},
    "top_p": {"type": "number", "minimum": 0, "maximum": 1, "description": "Only the likeliest words of this total probability."},
    "stop": {"type": "array", "items": TEXT, "minItems": 1, "description": "Texts that end the answer."},
    "seed": {"type": "integer", "description": "Asks for the same answer to the same request."},
    "reasoning": {"enum": ["none", "minimal", "low", "medium", "high", "xhigh", "max"], "description": "How hard to think."},
    "response_schema": {"type": "object", "description": "A JSON Schema that the answer must fit; parsed is then its value."},
    "max_cost": {"type": "number", "exclusiveMinimum": 0, "description": "US dollars that the call may cost at most; refused otherwise."},
}
USAGE = record(dict.fromkeys(("input_tokens", "output_tokens", "total_tokens", "cache_read_tokens", "reasoning_tokens"), COUNT))
AMOUNTS = {"total": TEXT, "input": TEXT, "output": TEXT, "price_id": TEXT, "estimated": {"type": "boolean"}}
COST: Schema = {"anyOf": [record(AMOUNTS), {"type": "null"}], "description": "US dollars, exact; null where no price is known."}

CHAT_ANSWER = record(
    {
        "text": TEXT,
        "parsed": {"description": "The value of an answer that had to fit a schema."},
        "refusal": NAME_OR_NULL,
        "finish_reason": NAME_OR_NULL,
        "model": TEXT,
        "alias": NAME_OR_NULL,
        "usage": USAGE,
        "cost": COST,
        "warnings": TEXTS,
    },
    ["text", "finish_reason", "model", "usage", "cost"],
)
EMBED_ANSWER = record(
    {
        "embeddings": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "model": TEXT,
        "alias": NAME_OR_NULL,
        "usage": USAGE,
        "cost": COST,
        "warnings": TEXTS,
    },
    ["embeddings", "model", "usage", "cost"],
)
ESTIMATE_ANSWER = record(
    {
        "lower": TEXT,
        "upper": MONEY,
        "input_tokens": COUNT,
        "models": TEXTS,
        "unknown": TEXTS,
    },
    ["lower", "upper", "input_tokens", "models"],
)
_ALIAS = record(
    {"alias": TEXT, "models": TEXTS, "uses": NAME_OR_NULL, "tools": TEXTS},
    ["alias", "models", "uses", "tools"],
    "uses is the first model whose key is here.",
)
ALIASES_ANSWER = record({"aliases": {"type": "array", "items": _ALIAS}}, ["aliases"])


def chat(names: Sequence[str], *, direct: bool) -> Schema:
    """Describe what ``chat`` takes."""
    return record({"model": model(names, direct=direct)} | ASKED | OPTIONS, ["model"])


def estimate(names: Sequence[str], *, direct: bool) -> Schema:
    """Describe what ``estimate`` takes."""
    return record({"model": model(names, direct=direct)} | ASKED, ["model"])


def embed(names: Sequence[str], *, direct: bool) -> Schema:
    """Describe what ``embed`` takes."""
    texts: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}], "description": "One text, or several."}
    numbers: Schema = {"type": "integer", "minimum": 1, "description": "Numbers of each vector, where the model lets one choose."}
    return record({"model": model(names, direct=direct), "input": texts, "dimensions": numbers}, ["model", "input"])
