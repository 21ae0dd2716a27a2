"""Bring a JSON Schema into what a provider can express, and say what was lost; answers are always held to the schema as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.dialects import NOTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring._core.dialects import Dialect

Schema = dict[str, Any]
WRAPPED: Final = "value"
"""The one key of the object that stands around what is no object."""

_MAPS: Final = ("properties", "$defs")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
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

    Keys that need not be there may come as null, and what is no object may stand in one: `restore` undoes both.

    Raises:
        Inexpressible: the dialect has no words for it, an object of any keys say.

    """
    root = _rooted(schema) if dialect.rooted else schema
    way = _Way(dialect, root)
    if not dialect.recursive and _recursive(root):
        raise Inexpressible("it holds itself")
    adapted = _schema(root, "", way)
    return (schema if adapted == schema else adapted), tuple(way.losses)


def _rooted(schema: Schema) -> Schema:
    """Make the whole an object: by looking its reference up, or by putting it into one."""
    whole = _looked_up(schema, schema)
    if whole.get("type") == "object" or "properties" in whole:
        return whole if whole is schema else {**whole, **{key: schema[key] for key in ("$defs", "definitions") if key in schema}}
    definitions = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
    inner = {key: value for key, value in schema.items() if key not in definitions}
    return {"type": "object", "properties": {WRAPPED: inner}, "required": [WRAPPED], "additionalProperties": False, **definitions}


def wrapped(schema: Schema) -> Schema:
    """Give *schema* as an object, whatever it is, for providers that take nothing else even where they do not enforce it."""
    whole = _looked_up(schema, schema)
    if whole.get("type") == "object" or "properties" in whole or not any(key in whole for key in ("type", *_LISTS)):
        return schema
    return _rooted(schema)


# --- down ----------------------------------------------------------------------------------------


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
        elif key in _LISTS and key in dialect.words:
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
        told = _looked_up(member, root)
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
        if _nullable(inner, way.root):
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


# --- looking at schemas --------------------------------------------------------------------------


def _looked_up(schema: Any, root: Schema) -> Schema:
    """Follow references inside *root* as far as they lead."""
    seen: set[str] = set()
    while isinstance(schema, dict) and isinstance(cast("Schema", schema).get("$ref"), str):
        name = cast("Schema", schema)["$ref"]
        found: Any = root
        for step in name.removeprefix("#").strip("/").split("/") if name != "#" else ():
            found = cast("Schema", found).get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        if name in seen or not isinstance(found, dict):
            return {}
        seen.add(name)
        schema = cast("Schema", found)
    return cast("Schema", schema) if isinstance(schema, dict) else {}


def _inner(schema: Schema) -> Iterable[Any]:
    """Give the schemas that stand in *schema*, definitions left out."""
    yield from schema.get("properties", {}).values()
    for key in _LISTS:
        yield from schema.get(key, ())
    yield schema.get("items")


def _recursive(root: Schema) -> bool:
    """Tell whether a reference of *root* leads back to where it stands."""

    def loops(schema: Any, above: frozenset[str]) -> bool:
        if not isinstance(schema, dict):
            return False
        said = cast("Schema", schema)
        name = said.get("$ref")
        if isinstance(name, str):
            return name in above or loops(_looked_up(said, root), above | {name})
        return any(loops(inner, above) for inner in _inner(said))

    return loops(root, frozenset({"#"}))


def _nullable(schema: Any, root: Schema, above: frozenset[int] = frozenset()) -> bool:
    """Tell whether null fits *schema*."""
    said = _looked_up(schema, root)
    if id(said) in above:
        return False
    above |= {id(said)}
    if "const" in said:
        return said["const"] is None
    if "enum" in said:
        return None in said["enum"]
    for key in ("anyOf", "oneOf"):
        if key in said:
            return any(_nullable(each, root, above) for each in said[key])
    if "allOf" in said:
        return all(_nullable(each, root, above) for each in said["allOf"])
    kind = said.get("type")
    return kind is None or kind == "null" or (isinstance(kind, list) and "null" in kind)


# --- up ------------------------------------------------------------------------------------------


def restore(value: Any, schema: Schema) -> Any:
    """Undo in *value*, an answer to an adapted *schema*, what only the adapting brought: wrapping, and nulls for what is left out."""
    if isinstance(value, dict) and cast("Schema", value).keys() == {WRAPPED} and wrapped(schema) is not schema:
        views = _views([schema], schema)
        if not any(WRAPPED in view.get("properties", {}) for view in views):
            value = cast("Schema", value)[WRAPPED]
    return _restored(value, [schema], schema)


def _restored(value: Any, schemas: list[Any], root: Schema) -> Any:
    if isinstance(value, dict):
        views = _views(schemas, root)
        return {
            key: _restored(inner, [view["properties"][key] for view in views if key in view.get("properties", {})], root)
            for key, inner in cast("Schema", value).items()
            if inner is not None or not _brought(key, views, root)
        }
    if isinstance(value, list):
        items = [view["items"] for view in _views(schemas, root) if isinstance(view.get("items"), dict)]
        return [_restored(inner, items, root) for inner in cast("list[Any]", value)] if items else cast("list[Any]", value)
    return value


def _brought(key: str, views: list[Schema], root: Schema) -> bool:
    """Tell whether a null at *key* can only mean that the key is left out."""
    told = [view for view in views if key in view.get("properties", {})]
    return (
        bool(told)
        and not any(_nullable(view["properties"][key], root) for view in told)
        and any(key not in view.get("required", ()) for view in told)
    )


def _views(schemas: list[Any], root: Schema) -> list[Schema]:
    """Give the plain schemas that stand behind references and unions of *schemas*."""
    views: list[Schema] = []
    waiting, seen = list(schemas), set[int]()
    while waiting:
        said = _looked_up(waiting.pop(), root)
        if id(said) in seen:
            continue
        seen.add(id(said))
        views.append(said)
        for key in ("anyOf", "oneOf", "allOf"):
            waiting += said.get(key, ())
    return views
