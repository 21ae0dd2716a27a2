"""Python types as JSON Schema, and their values from JSON: what can be described can be built, and fits its own description."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, NotRequired, Required, TypedDict, TypeVar
from uuid import UUID

import attrs
import pytest
from jsonschema import Draft202012Validator

from llmring._core.structured import response_format
from llmring._core.typeschema import schema_of
from llmring._core.typevalues import MisfitError, build, structure
from llmring.exceptions import RequestError, SchemaValidationError

T = TypeVar("T")
B = TypeVar("B", bound=int)
Metres = NewType("Metres", float)
ALIAS = type("TypeAliasType", (), {"__value__": int})()
"""What a ``type`` statement makes, from Python 3.12 on."""


class Colour(StrEnum):
    """Words."""

    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    """Numbers."""

    LOW = 1
    HIGH = 2


class Odd(Enum):
    """What JSON has no word for."""

    PAIR = (1, 2)


class Empty(Enum):
    """No members."""


@attrs.frozen
class City:
    """An attrs class, with a private field and one that is not given."""

    name: str
    people: int = 0
    _code: str = ""
    seen: int = attrs.field(init=False, default=5)


@attrs.define
class Node:
    """A class that holds itself."""

    value: int
    children: list[Node] = attrs.field(factory=list["Node"])


@attrs.frozen
class Box(Generic[T]):
    """A class with a type inside, whose field has the name of the wrapper's key."""

    value: T
    more: list[T] = attrs.field(factory=list[T])


@dataclass
class Pair:
    """A dataclass."""

    left: int
    right: str | None = None
    rest: list[int] = field(default_factory=list[int])
    length: int = field(init=False, default=0)


@dataclass
class Holder(Generic[T, B]):
    """Another with types inside."""

    one: T
    other: B


class Movie(TypedDict):
    """A TypedDict."""

    title: Annotated[str, "As on the poster."]
    year: NotRequired[int]


class Loose(TypedDict, total=False):
    """One whose keys may be left out, but for one."""

    must: Required[int]
    may: str


class Inside(TypedDict, Generic[T]):
    """One with a type inside."""

    item: T


class Named(NamedTuple):
    """Neither."""

    one: int


@attrs.frozen
class Lost:
    """Mentions what there is not."""

    what: Nowhere  # type: ignore[name-defined] # noqa: F821


def twin() -> type[Any]:
    """Make another class of the same name."""

    @attrs.frozen
    class City:
        river: str

    return City


@attrs.frozen
class Both:
    """Two classes of one name."""

    one: City
    other: Any


CITY = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "people": {"type": "integer"}, "_code": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
NODE: dict[str, Any] = {
    "type": "object",
    "properties": {"value": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
    "required": ["value"],
    "additionalProperties": False,
}

OBJECTS: list[tuple[Any, str, dict[str, Any], list[tuple[Any, Any]]]] = [
    (City, "City", CITY, [({"name": "Lisbon", "_code": "x"}, City("Lisbon", 0, "x"))]),
    (Node, "Node", {**NODE, "$defs": {"Node": NODE}}, [({"value": 1, "children": [{"value": 2}]}, Node(1, [Node(2)]))]),
    (
        Pair,
        "Pair",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["left"],
            "properties": {
                "left": {"type": "integer"},
                "right": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "rest": {"type": "array", "items": {"type": "integer"}},
            },
        },
        [({"left": 1, "right": "x"}, Pair(1, "x")), ({"left": 1, "right": None, "rest": [2]}, Pair(1, None, [2]))],
    ),
    (
        Movie,
        "Movie",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["title"],
            "properties": {"title": {"type": "string", "description": "As on the poster."}, "year": {"type": "integer"}},
        },
        [({"title": "M"}, {"title": "M"}), ({"title": "M", "year": 1931}, {"title": "M", "year": 1931})],
    ),
    (
        Loose,
        "Loose",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["must"],
            "properties": {"must": {"type": "integer"}, "may": {"type": "string"}},
        },
        [({"must": 1}, {"must": 1})],
    ),
    (
        Box[int],
        "Box_int",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["value"],
            "properties": {"value": {"type": "integer"}, "more": {"type": "array", "items": {"type": "integer"}}},
        },
        [({"value": 1}, Box(1)), ({"value": 1, "more": [2]}, Box(1, [2]))],
    ),
    (
        Box,
        "Box",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["value"],
            "properties": {"value": {}, "more": {"type": "array", "items": {}}},
        },
        [],
    ),
    (
        Holder[str, int],
        "Holder_str_int",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["one", "other"],
            "properties": {"one": {"type": "string"}, "other": {"type": "integer"}},
        },
        [({"one": "x", "other": 1}, Holder("x", 1))],
    ),
    (
        Holder,
        "Holder",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["one", "other"],
            "properties": {"one": {}, "other": {"type": "integer"}},
        },
        [],
    ),
    (
        Inside[City],
        "Inside_City",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["item"],
            "properties": {"item": {"$ref": "#/$defs/City"}},
            "$defs": {"City": CITY},
        },
        [({"item": {"name": "Lisbon"}}, {"item": City("Lisbon")})],
    ),
]

VALUES: list[tuple[Any, dict[str, Any], list[tuple[Any, Any]]]] = [
    (str, {"type": "string"}, [("x", "x")]),
    (int, {"type": "integer"}, [(5, 5)]),
    (float, {"type": "number"}, [(5, 5.0), (0.5, 0.5)]),
    (bool, {"type": "boolean"}, [(True, True)]),
    (None | int, {"anyOf": [{"type": "null"}, {"type": "integer"}]}, [(None, None), (5, 5)]),
    (Any, {}, [({"a": [1]}, {"a": [1]})]),
    (object, {}, [("x", "x")]),
    (Metres, {"type": "number"}, [(1, 1.0)]),
    (ALIAS, {"type": "integer"}, [(5, 5)]),
    (datetime, {"type": "string", "format": "date-time"}, [("2026-01-02T03:04:05+00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))]),
    (date, {"type": "string", "format": "date"}, [("2026-01-02", date(2026, 1, 2))]),
    (time, {"type": "string", "format": "time"}, [("03:04:05", time(3, 4, 5))]),
    (UUID, {"type": "string", "format": "uuid"}, [("00000000-0000-0000-0000-000000000001", UUID(int=1))]),
    (Decimal, {"type": "string"}, [("0.10", Decimal("0.10"))]),
    (Colour, {"type": "string", "enum": ["red", "blue"]}, [("red", Colour.RED)]),
    (Level, {"type": "integer", "enum": [1, 2]}, [(2, Level.HIGH)]),
    (Literal["a", 1] | None, {"anyOf": [{"enum": ["a", 1]}, {"type": "null"}]}, [("a", "a"), (1, 1), (None, None)]),
    (Literal[Colour.RED], {"type": "string", "enum": ["red"]}, [("red", Colour.RED)]),
    (Annotated[int, "How many.", 5], {"type": "integer", "description": "How many."}, [(5, 5)]),
    (Annotated[int, 5], {"type": "integer"}, [(5, 5)]),
    (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, [(5, 5), ("5", "5")]),
    (Colour | None, {"anyOf": [{"type": "string", "enum": ["red", "blue"]}, {"type": "null"}]}, [(None, None), ("blue", Colour.BLUE)]),
    (list, {"type": "array"}, [([1, "x"], [1, "x"])]),
    (list[int], {"type": "array", "items": {"type": "integer"}}, [([1, 2], [1, 2])]),
    (Sequence[int], {"type": "array", "items": {"type": "integer"}}, [([1], (1,))]),
    (set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, [([1, 2], {1, 2})]),
    (frozenset[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}, [(["a"], frozenset({"a"}))]),
    (AbstractSet, {"type": "array"}, [([1], {1})]),
    (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}, [([1, 2], (1, 2))]),
    (
        tuple[int, str],
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
        [([1, "x"], (1, "x"))],
    ),
    (dict, {"type": "object"}, [({"a": 1}, {"a": 1})]),
    (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}, [({"value": 1}, {"value": 1})]),
    (Mapping[Literal["a"], int], {"type": "object", "additionalProperties": {"type": "integer"}}, [({"a": 1}, {"a": 1})]),
    (dict[Any, Any], {"type": "object", "additionalProperties": {}}, [({"a": 1}, {"a": 1})]),
    (
        list[int] | dict[str, int],
        {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "object", "additionalProperties": {"type": "integer"}}]},
        [([1], [1]), ({"a": 1}, {"a": 1})],
    ),
]


def fits(schema: dict[str, Any], plain: Any) -> None:
    """Hold *plain* to *schema*."""
    validator: Any = Draft202012Validator(schema)
    validator.validate(plain)


def wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    """Put *schema* into the object that providers want."""
    return {"type": "object", "properties": {"value": schema}, "required": ["value"], "additionalProperties": False}


@pytest.mark.parametrize("kind, name, schema, values", OBJECTS, ids=[each[1] for each in OBJECTS])
def test_objects(kind: Any, name: str, schema: dict[str, Any], values: list[tuple[Any, Any]]) -> None:
    """Classes of every make: their fields, which of them must be there, and nothing else."""
    assert schema_of(kind) == (name, schema)
    Draft202012Validator.check_schema(schema)
    for plain, value in values:
        fits(schema, plain)
        assert build(kind, plain, text="") == value


@pytest.mark.parametrize("kind, schema, values", VALUES, ids=range(len(VALUES)))
def test_values(kind: Any, schema: dict[str, Any], values: list[tuple[Any, Any]]) -> None:
    """What is no object stands in one, under the key ``value``."""
    assert schema_of(kind) == ("response", wrapped(schema))
    Draft202012Validator.check_schema(schema)
    for plain, value in values:
        fits(schema, plain)
        built = build(kind, {"value": plain}, text="")
        assert built == value
        assert type(built) is type(value)


def test_classes_inside_of_others() -> None:
    """Are described once, under names of their own, though they may share one."""
    other = twin()
    kind = attrs.make_class("Both", {"one": attrs.field(type=City), "other": attrs.field(type=other), "again": attrs.field(type=City)})
    _, schema = schema_of(kind)
    assert schema["properties"] == {
        "one": {"$ref": "#/$defs/City"},
        "other": {"$ref": "#/$defs/City2"},
        "again": {"$ref": "#/$defs/City"},
    }
    assert schema["$defs"]["City"] == CITY
    assert list(schema["$defs"]["City2"]["properties"]) == ["river"]
    built = build(kind, {"one": {"name": "a"}, "other": {"river": "b"}, "again": {"name": "c"}}, text="")
    assert (built.one, built.other, built.again) == (City("a"), other("b"), City("c"))


def test_a_class_inside_of_a_list() -> None:
    """The list is wrapped, the class defined."""
    assert schema_of(list[City]) == ("response", {**wrapped({"type": "array", "items": {"$ref": "#/$defs/City"}}), "$defs": {"City": CITY}})
    assert build(list[City], {"value": [{"name": "a"}]}, text="") == [City("a")]


def test_the_first_member_that_fits() -> None:
    """Of a union of classes, or of anything."""
    assert structure(City | Pair, {"left": 1}) == Pair(1)
    assert structure(City | list[City] | str, [{"name": "a"}]) == [City("a")]
    assert structure(City | list[City] | str, "x") == "x"
    with pytest.raises(MisfitError, match="expected City or Pair, not 5"):
        structure(City | Pair, 5)


@pytest.mark.parametrize(
    "kind, path",
    [
        (Path, "response_format"),
        (bytes, "response_format"),
        (Named, "response_format"),
        (complex | None, "response_format"),
        (list[Path], "response_format[]"),
        (tuple[int, Path], "response_format[1]"),
        (dict[str, Path], "response_format[…]"),
        (dict[int, str], "response_format"),
        (dict[City, str], "response_format"),
        (Odd, "response_format"),
        (Empty, "response_format"),
        (Literal[b"x"], "response_format"),
        (Lost, "response_format"),
        (list[Annotated[int, {}]], "response_format"),
        (attrs.make_class("Outer", {"inner": attrs.field(type=list[Path])}), "response_format.inner[]"),
    ],
)
def test_what_cannot_be_described(kind: Any, path: str) -> None:
    """Is told before anything is sent, by its path."""
    with pytest.raises(RequestError) as caught:
        response_format(kind)
    assert caught.value.path == path
    assert caught.value.message.startswith(f"{path}: ")


MISFITS: list[tuple[Any, Any, str, str | None]] = [
    (City, {"name": 5}, "expected str", "name"),
    (City, {}, "required field missing", "name"),
    (City, {"name": "x", "river": "y"}, "extra fields found (river)", None),
    (City, [], "expected City, not []", None),
    (Movie, {"year": "x", "river": 1}, "required field missing", "title"),
    (Movie, {"title": "M", "year": "x"}, "expected int", "year"),
    (Movie, {"title": "M", "river": 1}, "extra fields found (river)", None),
    (Movie, 5, "expected Movie, not 5", None),
    (list[Movie], {"value": [{}]}, "required field missing", "[0].title"),
    (Node, {"value": 1, "children": [{"value": "x"}]}, "expected int", "children[0].value"),
    (list[int], {"value": [1, True]}, "expected int", "[1]"),
    (float, {"value": "1"}, "expected float, not '1'", None),
    (bool, {"value": 1}, "expected bool, not 1", None),
    (Decimal, {"value": "much"}, "expected Decimal, not 'much'", None),
    (Decimal, {"value": [1]}, "expected Decimal", None),
    (UUID, {"value": 5}, "expected UUID, not 5", None),
    (date, {"value": "soon"}, "The answer does not fit date", None),
    (time, {"value": 5}, "The answer does not fit time", None),
    (Colour, {"value": "green"}, "'green' is not a valid Colour", None),
    (Level, {"value": 5}, "5 is not a valid Level", None),
    (Literal["a", 1], {"value": True}, "expected one of 'a', 1, not True", None),
    (int | str, {"value": []}, "expected int or str, not []", None),
    (int | None, {"value": "x"}, "expected int, not 'x'", None),
    (tuple[int, str], {"value": [1]}, "The answer does not fit tuple[int, str]", None),
    (dict[str, int], {"value": {"a": "x"}}, "expected int", "['a']"),
]


@pytest.mark.parametrize("kind, value, said, path", MISFITS)
def test_what_does_not_fit(kind: Any, value: Any, said: str, path: str | None) -> None:
    """Is told by its place in the answer, and nothing is made to fit."""
    with pytest.raises(SchemaValidationError) as caught:
        build(kind, value, text=json.dumps(value))
    assert said in caught.value.message
    assert caught.value.text == json.dumps(value)
    assert caught.value.path == path
