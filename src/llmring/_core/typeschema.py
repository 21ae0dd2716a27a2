"""Describe a Python type as JSON Schema: attrs, dataclasses, TypedDicts, pydantic, plain types; building values is done elsewhere."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, cast, get_args, get_origin
from uuid import UUID

from llmring._core.typefields import fields_of, is_object, is_pydantic, named
from llmring.exceptions import RequestError

Schema = dict[str, Any]

_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
    object: {},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    UUID: {"type": "string", "format": "uuid"},
    Decimal: {"type": "string"},
}
UNIONS = (types.UnionType, typing.Union)  # pyright: ignore[reportDeprecated] - what `Optional[…]` still makes
_LISTS = (list, Sequence, tuple, set, frozenset, AbstractSet)
_BARE: dict[Any, Schema] = {kind: {"type": "array"} for kind in _LISTS} | {kind: {"type": "object"} for kind in (dict, Mapping)}
"""Containers that do not say what they hold."""
WRAPPED = "value"
"""The one key of the object that a value stands in where it is no object itself; providers want an object."""


class Definitions(dict[str, Schema]):
    """The classes described so far, each under a name of its own."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self._owners: dict[str, Any] = {}

    def claim(self, kind: Any) -> tuple[str, bool]:
        """Give the name of *kind*, and whether it is new; a second class of that name is numbered."""
        words = [kind.__name__, *(getattr(each, "__name__", "") for each in get_args(kind))]
        name = wanted = re.sub(r"\W+", "_", "_".join(filter(None, words)))
        number = 1
        while name in self and self._owners.get(name) != kind:
            number += 1
            name = f"{wanted}{number}"
        new = name not in self
        self._owners[name] = kind
        return name, new


def schema_of(kind: Any) -> tuple[str, Schema]:
    """Give a name and the JSON Schema of *kind*; what is no object is wrapped into one with the key ``value``.

    Raises:
        RequestError: a part of *kind* cannot be described; the error names its path.

    """
    kind = named(kind)
    definitions = Definitions()
    schema = describe(kind, "response_format", definitions)
    if not is_object(kind):
        return "response", _with(_object({WRAPPED: schema}, [WRAPPED]), definitions)
    name = schema["$ref"].removeprefix(_REF)
    own = definitions[name] if any(_refers(each, name) for each in definitions.values()) else definitions.pop(name)
    return name, _with(own, definitions)


_REF = "#/$defs/"


def _with(schema: Schema, definitions: Definitions) -> Schema:
    return {**schema, "$defs": dict(definitions)} if definitions else schema


def _refers(schema: Any, name: str) -> bool:
    match schema:
        case dict():
            plain = cast("dict[str, Any]", schema)
            return plain.get("$ref") == _REF + name or any(_refers(item, name) for item in plain.values())
        case list():
            return any(_refers(item, name) for item in cast("list[Any]", schema))
        case _:
            return False


def _object(properties: dict[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def describe(kind: Any, path: str, definitions: Definitions) -> Schema:
    """Give the JSON Schema of *kind*, which stands at *path*; classes go into *definitions*, to be referred to as ``#/$defs/…``.

    Raises:
        RequestError: a part of *kind* cannot be described; the error names its path.

    """
    kind = named(kind)
    try:
        plain = _PLAIN.get(kind)
    except TypeError:  # annotated with what cannot be hashed, which no value could be built by
        raise _undescribable(kind, path) from None
    if plain is not None:
        return dict(plain)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is None or (not arguments and origin in _BARE):
        return _describe_class(origin or kind, path, definitions)
    if origin is Annotated:
        words = [word for word in arguments[1:] if isinstance(word, str)]
        return describe(arguments[0], path, definitions) | ({"description": words[0]} if words else {})
    if origin is Literal:
        return _literal(arguments, path)
    if origin in UNIONS:
        return {"anyOf": [describe(each, path, definitions) for each in arguments]}
    if origin in (dict, Mapping):
        return _mapping(arguments, path, definitions)
    if origin in _LISTS:
        return _list(origin, arguments, path, definitions)
    return _describe_class(kind, path, definitions)


def _literal(words: Sequence[Any], path: str) -> Schema:
    plain = [word.value if isinstance(word, Enum) else word for word in words]
    if not plain or not all(isinstance(word, (str, int, float, type(None))) for word in plain):
        raise _undescribable(tuple(words), path)
    kinds: set[Any] = {type(word) for word in plain}
    typed = _PLAIN.get(next(iter(kinds))) if len(kinds) == 1 else None
    return {**(typed or {}), "enum": plain}


def _mapping(arguments: tuple[Any, ...], path: str, definitions: Definitions) -> Schema:
    key, value = arguments
    spelled = describe(key, f"{path}[…]", Definitions())
    if spelled and spelled.get("type") != "string":
        message = f"{path}: the keys of an object are strings, not {key!r}"
        raise RequestError(message, path=path)
    return {"type": "object", "additionalProperties": describe(value, f"{path}[…]", definitions)}


def _list(origin: Any, arguments: tuple[Any, ...], path: str, definitions: Definitions) -> Schema:
    if origin is tuple and arguments[1:] != (...,):
        items = [describe(each, f"{path}[{at}]", definitions) for at, each in enumerate(arguments)]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    unique: Schema = {"uniqueItems": True} if origin in (set, frozenset, AbstractSet) else {}
    return {"type": "array", "items": describe(arguments[0], f"{path}[]", definitions)} | unique


def _describe_class(kind: Any, path: str, definitions: Definitions) -> Schema:
    if kind in _BARE:
        return dict(_BARE[kind])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _literal(list(kind), path)
    if is_pydantic(kind):
        return _pydantic(kind, path, definitions)
    try:
        fields = fields_of(kind)
    except NameError as error:
        message = f"{path}: {kind.__name__} mentions {error.name!r}, which cannot be found; define it where its module can see it"
        raise RequestError(message, path=path) from None
    if fields is None:
        raise _undescribable(kind, path)
    name, new = definitions.claim(kind)
    if new:
        definitions[name] = {}
        properties = {key: describe(each, f"{path}.{key}", definitions) for key, (each, _) in fields.items()}
        definitions[name] |= _object(properties, [key for key, (_, required) in fields.items() if required])
    return {"$ref": _REF + name}


def _pydantic(kind: Any, path: str, definitions: Definitions) -> Schema:
    name, new = definitions.claim(kind)
    if new:
        try:
            schema: Schema = kind.model_json_schema(ref_template=f"{_REF}{{model}}")
        except (NameError, RuntimeError, TypeError, ValueError) as error:
            message = f"{path}: pydantic cannot describe {kind.__name__}: {error}"
            raise RequestError(message, path=path) from None
        definitions |= schema.pop("$defs", {})
        if "$ref" not in schema:
            definitions[name] = schema
    return {"$ref": _REF + name}


def _undescribable(kind: Any, path: str) -> RequestError:
    message = f"{path}: {kind!r} cannot be described as JSON Schema; use plain types, attrs, dataclasses, TypedDicts or pydantic models"
    return RequestError(message, path=path)
