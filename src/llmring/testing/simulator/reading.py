"""Read undecoded JSON without trusting its shape; nothing here raises."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from llmring.testing.simulator.values import JsonObject

__all__ = ["chars", "compact", "number", "obj", "pieces", "rows", "spelled", "strings", "text_of", "tokens"]

_UNSAID: Final = frozenset(
    {"data", "url", "image_url", "file_url", "file_data", "inlineData", "fileData", "images"}
    | {"id", "file_id", "call_id", "tool_call_id", "tool_use_id", "type", "role", "model", "cache_control"}
    | {"signature", "thoughtSignature", "thought_signature", "encrypted_content", "mimeType", "mime_type", "media_type"}
)


def obj(value: object) -> JsonObject:
    """Give *value* if it is an object, else an empty one."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def rows(value: object) -> list[JsonObject]:
    """Give the objects in the list *value*; a lone object counts as a list of one."""
    if isinstance(value, dict):
        return [cast("JsonObject", value)]
    given = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("JsonObject", item) for item in given if isinstance(item, dict)]


def strings(value: object) -> tuple[str, ...]:
    """Give the strings in the list *value*; a lone string counts as a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in cast("list[object]", value) if isinstance(item, str)) if isinstance(value, list) else ()


def number(value: object) -> int | None:
    """Give *value* if it is a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text_of(content: object) -> str:
    """Join the text in *content*: a string, a list of parts with ``text``, or anything else as JSON."""
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    given = cast("list[object]", content) if isinstance(content, list) else []
    parts = [item if isinstance(item, str) else obj(item).get("text") for item in given]
    texts = [part for part in parts if isinstance(part, str)]
    return "\n".join(texts) if texts or parts else compact(cast("object", content))


def compact(value: object) -> str:
    """Render *value* as JSON without spaces, keeping every letter as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def chars(value: object) -> int:
    """Count the characters that a model would read in *value*: every text in it, but no bytes, ids or signatures."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(chars(item) for key, item in cast("JsonObject", value).items() if key not in _UNSAID)
    return sum(chars(item) for item in cast("list[object]", value)) if isinstance(value, list) else 0


def spelled(*values: object) -> int:
    """Count the characters of *values* as JSON; empty ones cost nothing."""
    return sum(len(compact(value)) for value in values if value)


def tokens(text: str) -> int:
    """Count the tokens of *text*, four characters each."""
    return math.ceil(len(text) / 4)


def pieces(text: str, size: int = 0) -> list[str]:
    """Cut *text* as a model would say it: a word with the white space before it, or *size* characters each."""
    if size:
        return [text[start : start + size] for start in range(0, len(text), size)]
    cuts = [at for at in range(1, len(text)) if text[at].isspace() and not text[at - 1].isspace()]
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True) if start < end]
