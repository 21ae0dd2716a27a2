"""Take single values out of the mappings that callers write, or say what is wrong with them and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from llmring._base import joined, kind_of, wrong
from llmring.exceptions import InvalidMessageError

Plain = Mapping[str, Any]
_LINE = 80


def fault(path: str, what: str) -> InvalidMessageError:
    """Make the error of the value at *path*, of which *what* is wrong."""
    return InvalidMessageError(f"{path} {what}", path=path)


def text_at(part: Plain, key: str, path: str) -> str:
    """Give the string at *key* of *part*, which stands at *path* and must have it."""
    value = part.get(key)
    if isinstance(value, str):
        return value
    at = joined(path, key)
    if value is None:
        raise fault(at, "is missing")
    raise wrong(value, at, "a string")


def name_at(part: Plain, path: str) -> str:
    """Give the name of *part*, a function or tool, which must have one."""
    name = maybe_text(part, "name", path)
    if name:
        return name
    raise fault(joined(path, "name"), "is missing; every function and tool of yours has a name")


def maybe_text(part: Plain, key: str, path: str) -> str | None:
    """Give the string at *key*, None where there is none."""
    value = part.get(key)
    if value is None or isinstance(value, str):
        return value
    raise wrong(value, joined(path, key), "a string")


def maybe_flag(part: Plain, key: str, path: str) -> bool | None:
    """Give the truth value at *key*, None where there is none."""
    value = part.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise wrong(value, joined(path, key), "true or false")


def maybe_object(part: Plain, key: str, path: str) -> dict[str, Any] | None:
    """Give the object at *key*, None where there is none."""
    value = part.get(key)
    if value is None or type(value) is dict:
        return cast("dict[str, Any] | None", value)
    if isinstance(value, Mapping):
        return dict(cast("Plain", value))
    raise wrong(value, joined(path, key), "an object")


def mark_at(part: Plain, path: str) -> dict[str, Any] | None:
    """Give the cache breakpoint after *part*, written as Anthropic or as OpenAI writes one; None without."""
    mark = maybe_object(part, "cache_control", path)
    if mark is not None or "prompt_cache_breakpoint" not in part:
        return mark
    theirs = maybe_object(part, "prompt_cache_breakpoint", path)
    if theirs is None:
        return None
    ttl = maybe_text(theirs, "ttl", joined(path, "prompt_cache_breakpoint"))
    return {"type": "ephemeral"} if ttl is None else {"type": "ephemeral", "ttl": ttl}


def shown(value: object) -> str:
    """Show a short plain *value* in an error; of anything else only its type, for it may be long or hold a secret."""
    text = repr(value) if value is None or isinstance(value, (str, int, float)) else kind_of(value)
    return text if len(text) <= _LINE else f"{text[: _LINE - 3]}…"
