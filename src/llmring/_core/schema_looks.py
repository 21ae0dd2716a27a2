"""Look at JSON Schemas: behind references, for null, for loops, and as one object; changing what they say is not done here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]
WRAPPED: Final = "value"
"""The one key of the object that stands around what is no object."""
UNIONS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
"""Keywords that hold a list of schemas."""


def rooted(schema: Schema) -> Schema:
    """Make the whole an object: by looking its reference up, or by putting it into one."""
    whole = looked_up(schema, schema)
    if whole.get("type") == "object" or "properties" in whole:
        return whole if whole is schema else {**whole, **{key: schema[key] for key in ("$defs", "definitions") if key in schema}}
    definitions = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
    inner = {key: value for key, value in schema.items() if key not in definitions}
    return {"type": "object", "properties": {WRAPPED: inner}, "required": [WRAPPED], "additionalProperties": False, **definitions}


def wrapped(schema: Schema) -> Schema:
    """Give *schema* as an object, whatever it is, for providers that take nothing else even where they do not enforce it."""
    whole = looked_up(schema, schema)
    if whole.get("type") == "object" or "properties" in whole or not any(key in whole for key in ("type", *UNIONS)):
        return schema
    return rooted(schema)


def looked_up(schema: Any, root: Schema) -> Schema:
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


def inner(schema: Schema) -> Iterable[Any]:
    """Give the schemas that stand in *schema*, definitions left out."""
    yield from schema.get("properties", {}).values()
    for key in UNIONS:
        yield from schema.get(key, ())
    yield schema.get("items")


def recursive(root: Schema) -> bool:
    """Tell whether a reference of *root* leads back to where it stands."""

    def loops(schema: Any, above: frozenset[str]) -> bool:
        if not isinstance(schema, dict):
            return False
        said = cast("Schema", schema)
        name = said.get("$ref")
        if isinstance(name, str):
            return name in above or loops(looked_up(said, root), above | {name})
        return any(loops(inner, above) for inner in inner(said))

    return loops(root, frozenset({"#"}))


def nullable(schema: Any, root: Schema, above: frozenset[int] = frozenset()) -> bool:
    """Tell whether null fits *schema*."""
    said = looked_up(schema, root)
    if id(said) in above:
        return False
    above |= {id(said)}
    if "const" in said:
        return said["const"] is None
    if "enum" in said:
        return None in said["enum"]
    for key in ("anyOf", "oneOf"):
        if key in said:
            return any(nullable(each, root, above) for each in said[key])
    if "allOf" in said:
        return all(nullable(each, root, above) for each in said["allOf"])
    kind = said.get("type")
    return kind is None or kind == "null" or (isinstance(kind, list) and "null" in kind)
