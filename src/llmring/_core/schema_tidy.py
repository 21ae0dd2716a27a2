"""Make of whatever somebody else wrote as a JSON Schema one of today's draft that says the same, as far as it says anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.schema_looks import Schema, looked_up

if TYPE_CHECKING:
    from collections.abc import Callable

TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_DROPPED: Final = frozenset({"$schema", "$id", "id", "$anchor", "$comment", "$vocabulary", "definitions", "nullable", "additionalItems"})
"""Keywords that say nothing about values, or are said otherwise."""
_MAPS: Final = frozenset({"properties", "$defs", "patternProperties", "dependentSchemas"})
_LISTS: Final = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SINGLE: Final = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"})
_WORDS: Final = frozenset({"title", "description", "format", "pattern", "$ref"})
_BOUNDS: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_COUNTS: Final = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"})
_DEEPEST: Final = 30
"""Levels; parsers of providers give up at a hundred, and each level takes two or three."""
_OLD: Final = "#/definitions/"


@attrs.define
class _Tidying:
    root: Schema
    losses: dict[str, None] = attrs.field(factory=dict[str, None])

    def lose(self, path: str, what: str) -> None:
        self.losses[f"{path or 'the whole'}: {what}"] = None


def tidy(schema: Any) -> tuple[Schema, tuple[str, ...]]:
    """Give *schema* as one of the draft 2020-12 with nothing in it that no draft has, and what had to go."""
    root = cast("Schema", schema) if isinstance(schema, dict) else {}
    way = _Tidying(root)
    return _schema(root, "", 0, way), tuple(way.losses)


def _schema(schema: Any, path: str, depth: int, way: _Tidying) -> Schema:
    if schema is True:
        return {}
    if not isinstance(schema, dict):
        way.lose(path, "is no schema that anything fits" if schema is False else "is no schema")
        return {}
    if depth > _DEEPEST:
        way.lose(path, f"what is deeper than {_DEEPEST} levels is left out")
        return {}
    said = _modern(cast("Schema", schema))
    made: Schema = {}
    for key, value in said.items():
        if key in _DROPPED:
            continue
        kept = _keyword(key, value, path, depth, way)
        if kept is None:
            way.lose(path, f"{key} cannot be understood")
        else:
            made[key] = kept
    return made


def _modern(schema: Schema) -> Schema:
    """Say *schema* in today's words."""
    said = dict(schema)
    if isinstance(said.get("definitions"), dict):
        more: Any = said.get("$defs")
        said["$defs"] = {**said["definitions"], **(more if isinstance(more, dict) else {})}
    if isinstance(said.get("$ref"), str) and said["$ref"].startswith(_OLD):
        said["$ref"] = f"#/$defs/{said['$ref'][len(_OLD) :]}"
    if isinstance(said.get("items"), list):
        said["prefixItems"] = said.pop("items")
        if "additionalItems" in said:
            said["items"] = said["additionalItems"]
    for bound, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(said.get(bound), bool) and said.pop(bound) and inclusive in said:
            said[bound] = said.pop(inclusive)
    if said.get("nullable") is True and isinstance(said.get("type"), str):
        said["type"] = [said["type"], "null"]
    return said


def _keyword(key: str, value: Any, path: str, depth: int, way: _Tidying) -> Any:
    """Give what *key* may say, None where that is nothing."""
    if key in _MAPS:
        step = path if key == "$defs" else f"{path}."
        named = cast("Schema", value) if isinstance(value, dict) else None
        return named and {name: _schema(each, f"{step}{name}".lstrip("."), depth + 1, way) for name, each in named.items()}
    if key in _LISTS:
        members = cast("list[Any]", value) if isinstance(value, list) else []
        return [_schema(each, path, depth + 1, way) for each in members] or None
    if key in _SINGLE:
        return (
            value
            if isinstance(value, bool) and key == "additionalProperties"
            else _schema(value, f"{path}[]" if key == "items" else path, depth + 1, way)
        )
    judge = _JUDGES.get(key)
    if judge is not None:
        return judge(value, way.root)
    if key in _WORDS:
        return value if isinstance(value, str) else None
    if key in _BOUNDS or key in _COUNTS:
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return value


def _types(value: Any, _: Schema) -> Any:
    if isinstance(value, str):
        return value if value in TYPES else None
    known = [each for each in cast("list[Any]", value) if isinstance(each, str) and each in TYPES] if isinstance(value, list) else []
    return known or None


def _required(value: Any, _: Schema) -> Any:
    return [each for each in cast("list[Any]", value) if isinstance(each, str)] if isinstance(value, list) else None


def _enum(value: Any, _: Schema) -> Any:
    return cast("list[Any]", value) if isinstance(value, list) and value else None


def _reference(value: Any, root: Schema) -> Any:
    """Keep a reference that leads somewhere inside."""
    if not isinstance(value, str):
        return None
    if value == "#":
        return value
    old = value.replace("#/$defs/", _OLD, 1)
    return value if looked_up({"$ref": value}, root) or looked_up({"$ref": old}, root) else None


_JUDGES: Final[dict[str, Callable[[Any, Schema], Any]]] = {"type": _types, "required": _required, "enum": _enum, "$ref": _reference}
