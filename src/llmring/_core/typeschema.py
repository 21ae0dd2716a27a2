"""Describe a Python type as JSON Schema, and build its values from JSON: attrs, dataclasses, TypedDicts, pydantic, plain types."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Required, cast, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID

import attrs

from llmring.exceptions import RequestError, SchemaValidationError

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
_UNIONS = (types.UnionType, typing.Union)  # pyright: ignore[reportDeprecated] - what `Optional[…]` still makes
_LISTS = (list, Sequence, tuple, set, frozenset, AbstractSet)
_BARE: dict[Any, Schema] = {kind: {"type": "array"} for kind in _LISTS} | {kind: {"type": "object"} for kind in (dict, Mapping)}
"""Containers that do not say what they hold."""
_WRAPPED = "value"
"""The one key of the object that a value stands in where it is no object itself; providers want an object."""


def schema_of(kind: Any) -> tuple[str, Schema]:
    """Give a name and the JSON Schema of *kind*; what is no object is wrapped into one with the key ``value``.

    Raises:
        RequestError: a part of *kind* cannot be described; the error names its path.

    """
    name = str(getattr(kind, "__name__", "response"))
    if _is_pydantic(kind):
        return name, kind.model_json_schema()
    definitions: dict[str, Schema] = {}
    schema = describe(kind, "response_format", definitions)
    if "$ref" in schema:
        own = definitions[name] if any(_refers(each, name) for each in definitions.values()) else definitions.pop(name)
        schema = dict(own)
    if schema.get("type") != "object" or "properties" not in schema:
        name, schema = "response", _object({_WRAPPED: schema}, [_WRAPPED])
    return name, schema | ({"$defs": definitions} if definitions else {})


def _refers(schema: Any, name: str) -> bool:
    match schema:
        case dict():
            plain = cast("dict[str, Any]", schema)
            return plain.get("$ref") == f"#/$defs/{name}" or any(_refers(item, name) for item in plain.values())
        case list():
            return any(_refers(item, name) for item in cast("list[Any]", schema))
        case _:
            return False


def _is_pydantic(kind: Any) -> bool:
    """Tell a pydantic model without importing pydantic."""
    return isinstance(kind, type) and hasattr(kind, "model_json_schema") and hasattr(kind, "model_validate")


def _object(properties: dict[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def describe(kind: Any, path: str, definitions: dict[str, Schema]) -> Schema:
    """Give the JSON Schema of *kind*, which stands at *path*; classes go into *definitions*, to be referred to as ``#/$defs/…``.

    Raises:
        RequestError: a part of *kind* cannot be described; the error names its path.

    """
    kind = _named(kind)
    try:
        plain = _PLAIN.get(kind)
    except TypeError:
        plain = None
    if plain is not None:
        return dict(plain)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is None or (not arguments and origin in _BARE):
        return _describe_class(origin or kind, path, definitions)
    if origin is Annotated:
        words = [word for word in arguments[1:] if isinstance(word, str)]
        return describe(arguments[0], path, definitions) | ({"description": words[0]} if words else {})
    if origin in (Required, NotRequired):
        return describe(arguments[0], path, definitions)
    if origin is Literal:
        return _literal(arguments)
    if origin in _UNIONS:
        return {"anyOf": [describe(each, path, definitions) for each in arguments]}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": describe(arguments[1], f"{path}[…]", definitions)}
    if origin in _LISTS:
        return _list(origin, arguments, path, definitions)
    return _describe_class(kind, path, definitions)


def _named(kind: Any) -> Any:
    """Give what a ``NewType`` or a ``type`` statement names, *kind* itself where it is neither."""
    while True:
        meant = getattr(kind, "__supertype__", None) or (kind.__value__ if type(kind).__name__ == "TypeAliasType" else None)
        if meant is None:
            return kind
        kind = meant


def _literal(words: tuple[Any, ...]) -> Schema:
    kinds: set[Any] = {type(word) for word in words}
    typed = _PLAIN.get(next(iter(kinds))) if len(kinds) == 1 else None
    return {**(typed or {}), "enum": list(words)}


def _list(origin: Any, arguments: tuple[Any, ...], path: str, definitions: dict[str, Schema]) -> Schema:
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is ...):  # noqa: PLR2004 - tuple[T, ...]
        items = [describe(each, f"{path}[{at}]", definitions) for at, each in enumerate(arguments)]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    unique: Schema = {"uniqueItems": True} if origin in (set, frozenset, AbstractSet) else {}
    return {"type": "array", "items": describe(arguments[0], f"{path}[]", definitions)} | unique


def _describe_class(kind: Any, path: str, definitions: dict[str, Schema]) -> Schema:
    if kind in _BARE:
        return dict(_BARE[kind])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _literal(tuple(each.value for each in kind))
    if _is_pydantic(kind):
        return _pydantic(kind, definitions)
    try:
        fields = _fields(kind)
    except NameError as error:
        message = f"{path}: {kind.__name__} mentions {error.name!r}, which cannot be found; define it where its module can see it"
        raise RequestError(message, path=path) from None
    if fields is None:
        message = f"{path}: {kind!r} cannot be described as JSON Schema; use plain types, attrs, dataclasses, TypedDicts or pydantic models"
        raise RequestError(message, path=path)
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        properties = {key: describe(each, f"{path}.{key}", definitions) for key, (each, _) in fields.items()}
        definitions[name] |= _object(properties, [key for key, (_, required) in fields.items() if required])
    return {"$ref": f"#/$defs/{name}"}


def _pydantic(kind: Any, definitions: dict[str, Schema]) -> Schema:
    schema: Schema = kind.model_json_schema(ref_template="#/$defs/{model}")
    definitions |= schema.pop("$defs", {})
    definitions[kind.__name__] = schema
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _fields(kind: Any) -> dict[str, tuple[Any, bool]] | None:
    """Give each field's type and whether it must be there; None for what has no fields."""
    if not isinstance(kind, type):
        return None
    if is_typeddict(kind):
        hints = get_type_hints(kind, include_extras=True)
        required = cast("frozenset[str]", cast("Any", kind).__required_keys__)
        said = {Required: True, NotRequired: False}  # which quoted annotations hide from the class itself
        return {key: (hint, said.get(get_origin(hint), key in required)) for key, hint in hints.items()}
    if attrs.has(kind):
        hints = get_type_hints(kind, include_extras=True)
        return {
            each.alias or each.name: (hints.get(each.name, Any), each.default is attrs.NOTHING) for each in attrs.fields(kind) if each.init
        }
    if hasattr(kind, "__dataclass_fields__"):
        from dataclasses import MISSING, fields

        hints = get_type_hints(kind, include_extras=True)
        found = fields(cast("Any", kind))
        return {each.name: (hints[each.name], each.default is MISSING and each.default_factory is MISSING) for each in found if each.init}
    return None


def build(kind: Any, value: Any, *, text: str) -> Any:
    """Build a value of type *kind* from the decoded *value*; *text* is the answer that it came from.

    Raises:
        SchemaValidationError: *value* does not fit *kind*.

    """
    if _is_pydantic(kind):
        try:
            return kind.model_validate(value)
        except ValueError as error:
            message = f"The answer does not fit {kind.__name__}: {error}"
            raise SchemaValidationError(message, text=text) from error
    if _fields(kind) is None and isinstance(value, dict) and value.keys() == {_WRAPPED}:
        value = cast("dict[str, Any]", value)[_WRAPPED]
    return _structured(kind, value, text)


def _structured(kind: Any, value: Any, text: str) -> Any:
    try:
        return structure(kind, value)
    except MisfitError as misfit:
        message = f"The answer does not fit {getattr(kind, '__name__', kind)}: {'; '.join(misfit.faults)}"
        raise SchemaValidationError(message, text=text, path=misfit.faults[0].partition(" @ $")[2].lstrip(".") or None) from None


class MisfitError(ValueError):
    """A value does not fit its type; *faults* says where and why."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Carry the *faults*, each with its place behind ``@ $`` where that is known."""
        super().__init__("; ".join(faults))
        self.faults = faults


def structure(kind: Any, value: Any) -> Any:
    """Build a value of type *kind* from the decoded *value*.

    Raises:
        MisfitError: it does not fit.

    """
    from cattrs import BaseValidationError, StructureHandlerNotFoundError, transform_error

    try:
        return _converter().structure(value, kind)
    except BaseValidationError as error:
        raise MisfitError(transform_error(error)) from None
    except (ValueError, TypeError, StructureHandlerNotFoundError) as error:
        raise MisfitError([str(error)]) from None


@cache
def _converter() -> Any:
    """Give a converter that takes each primitive for itself and nothing else."""
    from cattrs.preconf.json import make_converter

    converter = make_converter(forbid_extra_keys=True)
    for kind, allowed in ((str, str), (int, int), (bool, bool), (float, (int, float))):
        converter.register_structure_hook(kind, _strict(kind, allowed))
    for kind in (Decimal, UUID):
        converter.register_structure_hook(kind, _made_of_text)
    converter.register_structure_hook(time, lambda value, _: time.fromisoformat(value))
    converter.register_structure_hook_func(lambda kind: get_origin(kind) is Literal, _one_of)
    converter.register_structure_hook_func(lambda kind: kind is object or kind is Sequence or kind is Mapping, lambda value, _: value)
    converter.register_structure_hook_func(lambda kind: kind is AbstractSet, lambda value, _: set(value))
    converter.register_structure_hook_func(_is_pydantic, lambda value, kind: kind.model_validate(value))
    return converter


def _made_of_text(value: Any, kind: Any) -> Any:
    try:
        return kind(value)
    except (ArithmeticError, AttributeError, ValueError):
        message = f"expected {kind.__name__}, not {value!r}"
        raise ValueError(message) from None


def _one_of(value: Any, kind: Any) -> Any:
    words = get_args(kind)
    for word in words:
        if word == value and type(word) is type(value):
            return word
    message = f"expected one of {', '.join(map(repr, words))}, not {value!r}"
    raise ValueError(message)


def _strict(kind: type, allowed: Any) -> Any:
    def structure_strictly(value: Any, wanted: Any) -> Any:
        if issubclass(wanted, Enum):
            return wanted(value)
        if isinstance(value, allowed) and (kind is bool or not isinstance(value, bool)):
            return kind(value)
        message = f"expected {kind.__name__}, not {value!r}"
        raise ValueError(message)

    return structure_strictly
