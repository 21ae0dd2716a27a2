"""Arguments of a tool or prompt as they are typed, ``key=value``, made into what its schema asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_KINDS = {"integer": (int,), "number": (int, float), "boolean": (bool,), "object": (dict,), "array": (list,), "null": (type(None),)}


def pairs(words: Iterable[str]) -> dict[str, str]:
    """Take ``key=value`` apart.

    Raises:
        UsageError: there is no ``=``, or a key comes twice.

    """
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise click.UsageError(f"an argument is key=value, not {word!r}")
        if key in found:
            raise click.UsageError(f"{key} is given twice")
        found[key] = value
    return found


def decoded(text: str, whence: str) -> dict[str, Any]:
    """Read the JSON object that *whence* gave.

    Raises:
        UsageError: it is none.

    """
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{whence} is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise click.UsageError(f"{whence} must be a JSON object")
    return cast("dict[str, Any]", value)


def typed(given: Mapping[str, str], schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """Make of each text what *schema* says of its key; what it does not know stays text.

    Raises:
        UsageError: a text is not what the schema asks for.

    """
    known: Any = (schema or {}).get("properties")
    fields = cast("dict[str, Any]", known) if isinstance(known, dict) else {}
    return {key: value_of(key, text, fields.get(key)) for key, text in given.items()}


def value_of(key: str, text: str, schema: Any) -> Any:
    """Make of *text* what *schema* asks for.

    Raises:
        UsageError: it is not that.

    """
    kinds = _kinds(schema)
    if not kinds or "string" in kinds:
        return text
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        value = {"yes": True, "no": False}.get(text.lower(), text.lower() == "true" if text.lower() in {"true", "false"} else text)
    if not any(_is(value, kind) for kind in kinds):
        raise click.UsageError(f"{key} must be {' or '.join(kinds)}, not {text!r}")
    return value


def _kinds(schema: Any) -> Sequence[str]:
    """Give the kinds of value that *schema* allows, none where it does not say."""
    if not isinstance(schema, dict):
        return []
    fields = cast("dict[str, Any]", schema)
    kind: Any = fields.get("type")
    if isinstance(kind, str):
        return [kind]
    if isinstance(kind, list):
        return [str(each) for each in cast("list[Any]", kind)]
    options: Any = fields.get("anyOf") or fields.get("oneOf") or []
    found = [_kinds(each) for each in cast("list[Any]", options)] if isinstance(options, list) else []
    return [kind for kinds in found for kind in kinds] if all(found) else []


def _is(value: Any, kind: str) -> bool:
    if kind != "boolean" and isinstance(value, bool):
        return False
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _KINDS.get(kind, (object,)))
