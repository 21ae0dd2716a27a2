"""Bring a JSON Schema into what a provider can express, and say what was lost; answers are always held to the schema as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.dialects import NOTES
from llmring._core.schema_looks import UNIONS, Schema, looked_up, nullable, recursive, rooted

if TYPE_CHECKING:
    from llmring._core.dialects import Dialect
_MAPS: Final = ("properties", "$defs")
_NULL: Final[Schema] = {"type": "null"}
_OLD: Final = "#/definitions/"


class Inexpressible(Exception):  # noqa: N818 - it is no error, but an answer
    """The dialect has no words for the schema at all; the text says why."""


@attrs.define
class _Way:
    """One adaptation under way."""

    dialect: Dialect
    root: Schema
    losses: dict[str, None] = attrs.field(factory=dict[str, None])

    def lose(self, path: str, what: str) -> None:
        self.losses[f"{path or 'the whole'}: {what}"] = None


def adapt(schema: Schema, dialect: Dialect) -> tuple[Schema, tuple[str, ...]]:
    """Give *schema* in *dialect*, and what it no longer says; the very same schema where nothing had to be done.

    Keys that need not be there may come as null, and what is no object may stand in one: `schema_restore` undoes both.

    Raises:
        Inexpressible: the dialect has no words for it, an object of any keys say.

    """
    root = rooted(schema) if dialect.rooted else schema
    way = _Way(dialect, root)
    if not dialect.recursive and recursive(root):
        raise Inexpressible("it holds itself")
    adapted = _schema(root, "", way)
    return (schema if adapted == schema else adapted), tuple(way.losses)


def _schema(schema: Any, path: str, way: _Way) -> Any:
    if schema is True and not way.dialect.closed:
        return {}
    if not isinstance(schema, dict):
        raise Inexpressible(f"{path or 'the whole'} takes {'anything' if schema is True else 'nothing'}")
    said = _plain(cast("Schema", schema), path, way)
    dialect = way.dialect
    if "$ref" in said and dialect.lonely:
        return _reference(said, path, way)
    made: Schema = {}
    lost: Schema = {}
    for key, value in said.items():
        if key in _MAPS:
            step = path if key == "$defs" else f"{path}."
            made[key] = {name: _schema(inner, f"{step}{name}".lstrip("."), way) for name, inner in value.items()}
        elif key in UNIONS and key in dialect.words:
            made[key] = [_schema(inner, path, way) for inner in value]
        elif key == "items" and isinstance(value, dict):
            made[key] = _schema(value, f"{path}[]", way)
        elif key == "description" or _says(key, value, dialect):
            made[key] = value
        elif key not in NOTES:
            lost[key] = value
    _told(lost, made, path, way)
    if dialect.closed:
        _close(made, path, way)
    return made


def _says(key: str, value: Any, dialect: Dialect) -> bool:
    """Tell whether *dialect* takes the keyword *key* with that *value*."""
    if key not in dialect.words or key == "items":
        return False
    if key == "format":
        return dialect.formats is None or value in dialect.formats
    if key == "enum":
        return not any(isinstance(each, (dict, list)) for each in value)
    return key != "minItems" or dialect.longest_minimum is None or value <= dialect.longest_minimum


def _told(lost: Schema, made: Schema, path: str, way: _Way) -> None:
    """Put what is *lost* into words for the model, and note it."""
    if not lost:
        return
    words = ", ".join(f"{key}: {value}" for key, value in lost.items())
    made["description"] = f"{made['description']}\n\n{{{words}}}" if made.get("description") else f"{{{words}}}"
    for key in lost:
        way.lose(path, f"{key} is told in words only")


def _plain(schema: Schema, path: str, way: _Way) -> Schema:
    """Say *schema* without the keywords that others can say as well."""
    words, said = way.dialect.words, schema
    if "definitions" in said and "definitions" not in words:
        said = _moved(said, "definitions", "$defs", {**said["definitions"], **said.get("$defs", {})})
    if "$ref" in said and str(said["$ref"]).startswith(_OLD) and "definitions" not in words:
        said = {**said, "$ref": f"#/$defs/{said['$ref'][len(_OLD) :]}"}
    if "const" in said and "const" not in words:
        said = _moved(said, "const", "enum", [said["const"]])
    if "oneOf" in said and "oneOf" not in words and "anyOf" not in said:
        way.lose(path, "oneOf is asked for as anyOf")
        said = _moved(said, "oneOf", "anyOf", said["oneOf"])
    if "allOf" in said and ("allOf" not in words or len(said["allOf"]) == 1):
        said = _merged(said, way.root)
    return said


def _moved(schema: Schema, old: str, new: str, value: Any) -> Schema:
    return {(new if key == old else key): (value if key == old else each) for key, each in schema.items() if key != new or new == old}


def _merged(schema: Schema, root: Schema) -> Schema:
    """Say in one schema what *schema* and the members of its ``allOf`` say; of two that differ the first counts."""
    made = {key: value for key, value in schema.items() if key != "allOf"}
    for member in schema["allOf"]:
        told = looked_up(member, root)
        for key, value in told.items():
            if key == "properties":
                made[key] = {**value, **made.get(key, {})}
            elif key == "required":
                made[key] = list(dict.fromkeys([*made.get(key, ()), *value]))
            else:
                made.setdefault(key, value)
    return made


def _reference(said: Schema, path: str, way: _Way) -> Schema:
    """Give a reference alone, with the definitions of a whole."""
    made: Schema = {"$ref": said["$ref"]}
    if "$defs" in said:
        made["$defs"] = {name: _schema(inner, name, way) for name, inner in said["$defs"].items()}
    for key in said.keys() - {*NOTES, "$ref", "$defs"}:
        way.lose(path, f"{key} beside $ref is left out")
    return made


def _close(made: Schema, path: str, way: _Way) -> None:
    """Let an object have the keys that it names and no others."""
    if "type" not in made and not made.keys() & {"properties", "anyOf", "allOf", "enum", "const"}:
        raise Inexpressible(f"{path or 'the whole'} takes anything")
    kind = made.get("type", "object" if "properties" in made else None)
    if kind != "object" and not (isinstance(kind, list) and "object" in kind):
        return
    if "properties" not in made or isinstance(made.get("additionalProperties"), dict):
        raise Inexpressible(f"{path or 'the whole'} is an object of any keys")
    if made.get("additionalProperties"):
        way.lose(path, "other keys than those named are not asked for")
    made["type"] = kind
    made["additionalProperties"] = False
    if way.dialect.complete:
        _complete(made, path, way)


def _complete(made: Schema, path: str, way: _Way) -> None:
    """Require every key; one that need not be there may be null."""
    required = made.get("required", [])
    for name, inner in made["properties"].items():
        if name in required:
            continue
        if nullable(inner, way.root):
            way.lose(f"{path}.{name}".lstrip("."), "it is always there, null where it may be left out")
        else:
            made["properties"][name] = _or_null(inner)
    if set(required) != set(made["properties"]):
        made["required"] = list(made["properties"])


def _or_null(schema: Schema) -> Schema:
    kind = schema.get("type")
    if isinstance(kind, str) and not schema.keys() & {"enum", "const", "$ref", "anyOf"}:
        return {**schema, "type": [kind, "null"]}
    if isinstance(kind, list) and not schema.keys() & {"enum", "const", "$ref", "anyOf"}:
        return {**schema, "type": [*cast("list[str]", kind), "null"]}
    about = {"description": schema["description"]} if "description" in schema else {}
    return {"anyOf": [{key: value for key, value in schema.items() if key != "description"}, _NULL], **about}
