"""Schemas brought into what a provider can express, and answers brought back."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.dialects import ANTHROPIC, BY_PROTOCOL, GEMINI, OLLAMA, OPENAI, Dialect
from llmring._core.fit import Fitted, Target, fit
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._core.schema_adapt import Inexpressible, adapt
from llmring._core.schema_looks import wrapped
from llmring._core.schema_restore import restore
from llmring._core.structured import parse, response_format
from llmring._gen.message import Message
from llmring._gen.response import LLMResponse
from llmring._gen.tool import ToolCall
from llmring.exceptions import SchemaValidationError

Schema = dict[str, Any]
DIALECTS = {"openai": OPENAI, "anthropic": ANTHROPIC, "gemini": GEMINI, "ollama": OLLAMA}


def thing(required: list[str] | None = None, **properties: Any) -> Schema:
    """Describe an object that takes no other keys."""
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
LONG: Schema = {"type": "string", "minLength": 3}
TREE = {**thing(name=TEXT, parts={"type": "array", "items": {"$ref": "#"}})}
NODE: Schema = {"$ref": "#/$defs/node", "$defs": {"node": thing(["name"], name=TEXT, next={"$ref": "#/$defs/node"})}}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_what_everybody_says_stays(dialect: Dialect) -> None:
    """The very same schema."""
    schema = thing(
        name=TEXT,
        at={"type": "string", "format": "date"},
        kind={"type": "string", "enum": ["a", "b"]},
        parts={"type": "array", "items": {"$ref": "#/$defs/part"}, "description": "All of them."},
        size={"anyOf": [NUMBER, {"type": "null"}]},
    )
    schema["$defs"] = {"part": thing(city=TEXT)}
    adapted, losses = adapt(schema, dialect)
    assert adapted is schema
    assert losses == ()


OPTIONAL = thing(["a"], a=TEXT, b=TEXT, c={"type": ["integer", "null"]}, d={"enum": ["x"], "description": "D."}, e={"$ref": "#/$defs/e"})
OPTIONAL["$defs"] = {"e": NUMBER}
CASES: list[tuple[Dialect, Schema, Schema, tuple[str, ...]]] = [
    (
        OPENAI,
        OPTIONAL,
        {
            **thing(
                a=TEXT,
                b={"type": ["string", "null"]},
                c={"type": ["integer", "null"]},
                d={"anyOf": [{"enum": ["x"]}, {"type": "null"}], "description": "D."},
                e={"anyOf": [{"$ref": "#/$defs/e"}, {"type": "null"}]},
            ),
            "$defs": {"e": NUMBER},
        },
        ("c: it is always there, null where it may be left out",),
    ),
    (OPENAI, thing([], a={"type": ["string", "integer"]}), thing(a={"type": ["string", "integer", "null"]}), ()),
    (OPENAI, {"type": "object", "properties": {"a": TEXT}}, thing(a={"type": ["string", "null"]}), ()),
    (OPENAI, {"properties": {"a": TEXT}, "required": ["a"], "title": "T", "default": {}}, {**thing(a=TEXT), "title": "T"}, ()),
    (
        OPENAI,
        {**thing(a=LONG), "additionalProperties": True},
        thing(a={"type": "string", "description": "{minLength: 3}"}),
        ("a: minLength is told in words only", "the whole: other keys than those named are not asked for"),
    ),
    (
        OPENAI,
        thing(a={**LONG, "description": "A.", "format": "uri"}),
        thing(a={"type": "string", "description": "A.\n\n{minLength: 3, format: uri}"}),
        ("a: minLength is told in words only", "a: format is told in words only"),
    ),
    (
        OPENAI,
        thing(a={"oneOf": [TEXT, NUMBER]}),
        thing(a={"anyOf": [TEXT, NUMBER]}),
        ("a: oneOf is asked for as anyOf",),
    ),
    (OPENAI, {"type": "array", "items": TEXT}, thing(value={"type": "array", "items": TEXT}), ()),
    (
        OPENAI,
        {"anyOf": [{"$ref": "#/definitions/a"}, NUMBER], "definitions": {"a": thing(b=TEXT)}},
        {**thing(value={"anyOf": [{"$ref": "#/$defs/a"}, NUMBER]}), "$defs": {"a": thing(b=TEXT)}},
        (),
    ),
    (
        OPENAI,
        NODE,
        {
            **thing(name=TEXT, next={"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}),
            "$defs": {"node": thing(name=TEXT, next={"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]})},
        },
        (),
    ),
    (
        OPENAI,
        thing(a={"allOf": [{"$ref": "#/$defs/a"}, {"properties": {"c": TEXT}, "required": ["c"]}], "description": "A."})
        | {"$defs": {"a": thing(b=NUMBER)}},
        thing(
            a={
                "description": "A.",
                "type": "object",
                "properties": {"c": TEXT, "b": NUMBER},
                "required": ["b", "c"],
                "additionalProperties": False,
            }
        )
        | {"$defs": {"a": thing(b=NUMBER)}},
        (),
    ),
    (
        OPENAI,
        thing(a={"$ref": "#/$defs/a", "description": "A.", "minLength": 2}) | {"$defs": {"a": TEXT}},
        thing(a={"$ref": "#/$defs/a"}) | {"$defs": {"a": TEXT}},
        ("a: minLength beside $ref is left out",),
    ),
    (
        ANTHROPIC,
        thing(["a"], a={"type": "array", "items": NUMBER | {"minimum": 0}, "minItems": 2}, b=TEXT),
        thing(["a"], a={"type": "array", "items": NUMBER | {"description": "{minimum: 0}"}, "description": "{minItems: 2}"}, b=TEXT),
        ("a[]: minimum is told in words only", "a: minItems is told in words only"),
    ),
    (ANTHROPIC, {"type": "array", "items": TEXT, "minItems": 1}, {"type": "array", "items": TEXT, "minItems": 1}, ()),
    (ANTHROPIC, thing(a={"allOf": [TEXT]}), thing(a=TEXT), ()),
    (ANTHROPIC, thing(a={"allOf": [TEXT, {"enum": ["x"]}]}), thing(a={"allOf": [TEXT, {"enum": ["x"]}]}), ()),
    (
        ANTHROPIC,
        thing(a={"type": "string", "enum": [{"b": 1}]}),
        thing(a={"type": "string", "description": "{enum: [{'b': 1}]}"}),
        ("a: enum is told in words only",),
    ),
    (GEMINI, thing(a={"const": "x"}, b=True), thing(a={"enum": ["x"]}, b={}), ()),
    (
        GEMINI,
        {"$ref": "#/definitions/a", "definitions": {"a": {"type": "string", "pattern": "^a"}}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string", "description": "{pattern: ^a}"}}},
        ("a: pattern is told in words only",),
    ),
    (GEMINI, {"type": "object"}, {"type": "object"}, ()),
    (
        OLLAMA,
        {"type": "array", "items": [TEXT], "uniqueItems": True},
        {"type": "array", "description": "{items: [{'type': 'string'}], uniqueItems: True}"},
        ("the whole: items is told in words only", "the whole: uniqueItems is told in words only"),
    ),
]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_adapts(number: int) -> None:
    """What can be said otherwise is, what cannot is told in words and noted, and all is well the second time."""
    dialect, schema, wanted, losses = CASES[number]
    before = json.dumps(schema)
    adapted, lost = adapt(schema, dialect)
    assert adapted == wanted
    assert lost == losses
    assert json.dumps(schema) == before
    again = adapt(adapted, dialect)
    assert again[0] == adapted
    assert all("always there" in loss for loss in again[1]) or again[1] == ()


@pytest.mark.parametrize(
    "dialect, schema, why",
    [
        (OPENAI, {"type": "object"}, "the whole is an object of any keys"),
        (OPENAI, thing(a={"type": ["object", "null"]}), "a is an object of any keys"),
        (OPENAI, thing(a={**thing(), "additionalProperties": TEXT}), "a is an object of any keys"),
        (OPENAI, thing(a={}), "a takes anything"),
        (OPENAI, thing(a=True), "a takes anything"),
        (GEMINI, thing(a=False), "a takes nothing"),
        (ANTHROPIC, TREE, "it holds itself"),
        (ANTHROPIC, NODE, "it holds itself"),
    ],
)
def test_some_cannot_be_said(dialect: Dialect, schema: Schema, why: str) -> None:
    """Then something else has to be done."""
    with pytest.raises(Inexpressible, match=why):
        adapt(schema, dialect)


def test_wraps_what_is_no_object() -> None:
    """And nothing else."""
    objects: list[Schema] = [
        thing(a=TEXT),
        {"properties": {}},
        {},
        NODE,
        {"$ref": "#/$defs/gone"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
    ]
    for plain in objects:
        assert wrapped(plain) is plain
    assert wrapped(TEXT) == thing(value=TEXT)
    assert wrapped({"$ref": "#"}) == {"$ref": "#"}


RESTORED: list[tuple[Schema, Any, Any]] = [
    (OPTIONAL, {"a": "1", "b": None, "c": None, "d": None, "e": None}, {"a": "1", "c": None}),
    (OPTIONAL, {"a": None, "z": None}, {"a": None, "z": None}),
    (NODE, {"name": "1", "next": {"name": "2", "next": None}}, {"name": "1", "next": {"name": "2"}}),
    ({"type": "array", "items": OPTIONAL}, [{"a": "1", "b": None}, 3], [{"a": "1"}, 3]),
    ({"type": "array", "items": TEXT}, {"value": ["a"]}, ["a"]),
    ({"type": "array"}, [None], [None]),
    ({"anyOf": [thing([], value=TEXT), NUMBER]}, {"value": "a"}, {"value": "a"}),
    (thing(value=TEXT), {"value": "a"}, {"value": "a"}),
    ({"anyOf": [thing([], a=TEXT), thing([], a={"type": ["null"]})]}, {"a": None}, {"a": None}),
    ({"oneOf": [thing([], a=TEXT), thing([], b=TEXT)]}, {"a": None, "b": None}, {}),
    ({"allOf": [thing([], a={"oneOf": [TEXT, NUMBER]})]}, {"a": None}, {}),
    (
        thing([], a={"const": 1}, b={"const": None}, c={"enum": [None]}, d={"allOf": [{}, TEXT]}),
        {"a": None, "b": None, "c": None, "d": None},
        {"b": None, "c": None},
    ),
    (thing([], a={"anyOf": [{"$ref": "#/properties/a"}, TEXT]}), {"a": None}, {}),
    (thing([], a={"anyOf": [{"$ref": "#/properties/a"}, thing([], b=TEXT)]}), {"a": {"b": None}}, {"a": {}}),
    ({}, "x", "x"),
]


@pytest.mark.parametrize("number", range(len(RESTORED)))
def test_restores(number: int) -> None:
    """What only the adapting brought goes; what the schema itself allows stays."""
    schema, value, wanted = RESTORED[number]
    assert restore(value, schema) == wanted


kinds = st.sampled_from(
    [TEXT, NUMBER, {"type": "boolean"}, {"type": "null"}, {"type": ["string", "null"]}, {"enum": ["a", 1]}, {"const": 5}]
)


def listed(items: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": items}


def union(members: list[Schema]) -> Schema:
    """Describe one of several."""
    return {"anyOf": members}


def keyed(properties: dict[str, Schema], needed: set[str]) -> Schema:
    """Describe an object."""
    return thing([name for name in properties if name in needed], **properties)


schemas: st.SearchStrategy[Schema] = st.recursive(
    kinds,
    lambda inner: st.one_of(
        inner.map(listed),
        st.lists(inner, min_size=1, max_size=3).map(union),
        st.builds(keyed, st.dictionaries(st.sampled_from("abc"), inner, max_size=3), st.sets(st.sampled_from("abc"))),
    ),
    max_leaves=6,
)


@given(schemas, st.sampled_from(sorted(DIALECTS)))
def test_adapting_ends(schema: Schema, name: str) -> None:
    """Adapting what was adapted changes nothing, and no loss is made up where all can be said."""
    adapted, losses = adapt(schema, DIALECTS[name])
    assert adapt(adapted, DIALECTS[name])[0] == adapted
    assert losses == () or name == "openai"


@pytest.mark.parametrize("name", BY_PROTOCOL)
def test_every_protocol_has_a_dialect(name: str) -> None:
    """Which takes objects, lists and texts."""
    assert {"properties", "items", "type"} <= BY_PROTOCOL[name].words


# --- as part of a request ------------------------------------------------------------------------


def fitted(wanted: ResponseFormat, protocol: str = "openai_chat") -> Fitted:
    """Fit a request for an answer of the *wanted* form."""
    request = NormalRequest(messages=(Message(role="user", content="Hi"),), response_format=wanted)
    return fit(request, Target(name="p:m", protocol=protocol, capabilities={}, max_output=5))


def form(schema: Schema, **more: Any) -> ResponseFormat:
    """Ask for an answer that fits *schema*."""
    return ResponseFormat(kind="json_schema", schema=schema, **more)


def test_strict_is_adapted_loose_is_not() -> None:
    """OpenAI takes any schema of an object where it is not strict."""
    loose = form(OPTIONAL)
    assert fitted(loose).request.response_format is loose
    strict = fitted(form(OPTIONAL, strict=True))
    assert strict.request.response_format is not None
    assert strict.request.response_format.schema == CASES[0][2]
    assert strict.warnings == (
        "p:m: response_format, c: it is always there, null where it may be left out; the answer is checked all the same",
    )
    around = fitted(form({"type": "array", "items": TEXT})).request.response_format
    assert around is not None
    assert around.schema == thing(value={"type": "array", "items": TEXT})


def test_strict_is_given_up_where_it_cannot_be() -> None:
    """An object of any keys is asked for loosely."""
    done = fitted(form({"type": "object"}, strict=True), "openai_responses")
    assert done.request.response_format == form({"type": "object"}, strict=False)
    assert done.warnings == (
        "p:m: response_format is not strict, for the whole is an object of any keys; the answer is checked all the same",
    )


@attrs.frozen
class Person:
    """Somebody."""

    name: str
    born: int = 0


@attrs.frozen
class Open:
    """Anything."""

    data: dict[str, str]


@attrs.frozen
class Unsure:
    """What may be there, and may be null."""

    name: str | None = None


@pytest.mark.parametrize("kind, strict", [(Person, True), (Open, None), (Unsure, None), (list[int], True)])
def test_types_are_strict_where_nothing_is_lost(kind: Any, strict: bool | None) -> None:  # noqa: FBT001
    """Without a word."""
    wanted = response_format(kind)
    assert wanted is not None
    done = fitted(attrs.evolve(wanted, strict=None))
    assert done.request.response_format is not None
    assert done.request.response_format.strict is strict
    assert done.warnings == ()


@pytest.mark.parametrize("protocol", ["anthropic_messages", "gemini_generate"])
def test_what_cannot_be_said_is_put_into_words(protocol: str) -> None:
    """And noted; the other protocols say what they can."""
    done = fitted(form(thing(a=False)), protocol)
    assert done.request.response_format is None
    assert "JSON Schema" in str(done.request.messages[0].content)
    assert done.warnings == ("p:m: response_format is asked for in words, for a takes nothing; the answer is checked all the same",)


def test_losses_are_told() -> None:
    """One by one."""
    done = fitted(form(thing(a=LONG)), "anthropic_messages")
    assert done.warnings == ("p:m: response_format, a: minLength is told in words only; the answer is checked all the same",)


def test_answers_are_held_to_the_schema_as_it_was() -> None:
    """Nulls that only strictness brought are gone; everything else must fit."""
    wanted = form(thing(["a"], a=LONG, b=TEXT))
    good = LLMResponse(content='{"a": "long", "b": null}', message=Message(role="assistant"))
    assert parse(good, wanted) == {"a": "long"}
    with pytest.raises(SchemaValidationError, match="too short"):
        parse(attrs.evolve(good, content='{"a": "x", "b": null}'), wanted)
    person = response_format(Person)
    assert person is not None
    assert parse(attrs.evolve(good, content='{"name": "Ada", "born": null}'), person) == Person("Ada")
    assert parse(attrs.evolve(good, content="?", tool_calls=[ToolCall(name="f")]), wanted) is None
