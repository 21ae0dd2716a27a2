"""Whatever somebody wrote as a schema becomes one of today's draft that says the same, as far as it says anything."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from llmring._core.schema_tidy import tidy

SAME: list[dict[str, Any]] = [
    {},
    {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"], "description": "A."}},
        "required": ["a"],
        "additionalProperties": False,
    },
    {"$defs": {"tree": {"properties": {"of": {"$ref": "#/$defs/tree"}}}}, "$ref": "#/$defs/tree"},
    {"properties": {"a": {"$ref": "#"}}},
    {"properties": {"a": {"anyOf": [{"type": "string"}, {"enum": [1, None]}], "default": 1, "examples": [1]}}},
    {"properties": {"a": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1}}, "additionalProperties": {}},
    {"properties": {"a": {"not": {"const": 1}, "x-hint": "yes", "pattern": "^a", "format": "uri"}}},
]


@pytest.mark.parametrize("schema", SAME, ids=str)
def test_what_is_right_stays(schema: dict[str, Any]) -> None:
    """Nothing is done to it."""
    assert tidy(schema) == (schema, ())


@pytest.mark.parametrize(
    "old, new",
    [
        ({"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://x.org/s", "$comment": "c"}, {}),
        (
            {"definitions": {"a": {"type": "string"}}, "properties": {"x": {"$ref": "#/definitions/a"}}},
            {"properties": {"x": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string"}}},
        ),
        (
            {"definitions": {"a": {}}, "$defs": {"b": {}}, "x": 1},
            {"$defs": {"a": {}, "b": {}}, "x": 1},
        ),
        ({"items": [{"type": "string"}], "additionalItems": False}, None),
        (
            {"items": [{"type": "string"}], "additionalItems": {"type": "null"}},
            {"prefixItems": [{"type": "string"}], "items": {"type": "null"}},
        ),
        ({"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"properties": {"a": True}}, {"properties": {"a": {}}}),
    ],
    ids=str,
)
def test_older_drafts(old: dict[str, Any], new: dict[str, Any] | None) -> None:
    """What they said is said in today's words."""
    made, losses = tidy(old)
    if new is None:
        assert losses
    else:
        assert (made, losses) == (new, ())


@pytest.mark.parametrize(
    "wrong, kept, loss",
    [
        ({"type": "str"}, {}, "the whole: type cannot be understood"),
        ({"type": ["string", "text"]}, {"type": ["string"]}, None),
        ({"type": 3}, {}, "the whole: type cannot be understood"),
        ({"properties": []}, {}, "the whole: properties cannot be understood"),
        ({"properties": {"a": 3}}, {"properties": {"a": {}}}, "a: is no schema"),
        ({"properties": {"a": False}}, {"properties": {"a": {}}}, "a: is no schema that anything fits"),
        ({"properties": {"a": {"items": {"required": True}}}}, {"properties": {"a": {"items": {}}}}, "a[]: required cannot be understood"),
        ({"required": ["a", 3]}, {"required": ["a"]}, None),
        ({"enum": []}, {}, "the whole: enum cannot be understood"),
        ({"anyOf": {}}, {}, "the whole: anyOf cannot be understood"),
        ({"description": 3}, {}, "the whole: description cannot be understood"),
        ({"minLength": "1"}, {}, "the whole: minLength cannot be understood"),
        ({"$ref": "https://x.org/s"}, {}, "the whole: $ref cannot be understood"),
        ({"$ref": 3}, {}, "the whole: $ref cannot be understood"),
        ("nothing", {}, None),
    ],
    ids=str,
)
def test_what_no_draft_has_goes(wrong: Any, kept: dict[str, Any], loss: str | None) -> None:
    """The rest stays, and what went is named by its place."""
    made, losses = tidy(wrong)
    assert made == kept
    assert loss is None or loss in losses


def test_depths_are_cut() -> None:
    """What is too deep for providers' parsers takes anything."""
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(500):
        deep = {"properties": {"a": deep}}
    made, losses = tidy(deep)
    assert len(losses) == 1
    assert "deeper than 30 levels" in losses[0]
    assert str(made).count("properties") == 31


WORDS = ["type", "properties", "items", "required", "enum", "anyOf", "$ref", "$defs", "definitions", "minimum", "description"]
KEYS = st.sampled_from(WORDS)
PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["object", "string", "#/$defs/a", "#"])
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
SCHEMAS = st.recursive(
    JSON,
    lambda inner: st.dictionaries(KEYS, inner | st.dictionaries(st.sampled_from("ab"), inner, max_size=2), max_size=4),
    max_leaves=12,
)


@given(SCHEMAS)
def test_anything_becomes_a_schema(anything: Any) -> None:
    """Whatever a server writes, the result is a schema of today's draft."""
    made, _ = tidy(anything)
    Draft202012Validator.check_schema(made)
