"""Schemas judged, references included, and values held to them; nothing is ever fetched."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.validation import check_schema, validate
from llmring.exceptions import RequestError, SchemaValidationError

DRAFT7 = "http://json-schema.org/draft-07/schema#"

GOOD: list[dict[str, Any]] = [
    {},
    {"type": "object", "properties": {"$ref": {"type": "string"}}},
    {"$ref": "#/$defs/a", "$defs": {"a": {"type": "integer"}}},
    {"$ref": "#"},
    {"items": {"$ref": "#a"}, "$defs": {"x": {"$anchor": "a"}}},
    {"$id": "https://e.org/a", "$ref": "b", "$defs": {"b": {"$id": "b", "type": "string"}}},
    {"$ref": DRAFT7},
    {"$schema": DRAFT7, "definitions": {"a": {}}, "properties": {"a": {"$ref": "#/definitions/a"}}},
    {"enum": [{"$ref": "#/nowhere"}], "const": {"$ref": "#/nowhere"}, "default": {"$ref": "#/nowhere"}},
]


@pytest.mark.parametrize("schema", GOOD)
def test_good_schemas(schema: dict[str, Any]) -> None:
    """Whatever they refer to is in them, or JSON Schema's own."""
    check_schema(schema, "s")


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "nope"}, "s.type", "is no JSON Schema: 'nope' is not valid"),
    ({"properties": {"a": {"required": "b"}}}, "s.properties.a.required", "is no JSON Schema: 'b' is not of type 'array'"),
    ({"anyOf": [{}, {"pattern": "("}]}, "s.anyOf[1].pattern", "is no JSON Schema: '(' is not a 'regex'"),
    ({"$ref": "#/$defs/a"}, "s.$ref", "refers to '#/$defs/a', which is not in the schema"),
    ({"allOf": [{}, {"$ref": "#a"}]}, "s.allOf[1].$ref", "refers to '#a', which is not in the schema"),
    ({"items": {"$ref": "https://e.org/a.json"}}, "s.items.$ref", "refers to 'https://e.org/a.json', outside of the schema"),
    ({"default": {1, 2}}, "s.default", "holds something that is no JSON"),
    ({"multipleOf": 10**5000}, "s", "holds something that is no JSON"),
]


@pytest.mark.parametrize("schema, path, said", BAD)
def test_bad_schemas(schema: dict[str, Any], path: str, said: str) -> None:
    """Told by their path, the same each time."""
    for _ in range(2):
        with pytest.raises(RequestError) as caught:
            check_schema(schema, "s")
        assert caught.value.path == path
        assert caught.value.message.startswith(f"{path} {said}")


def test_a_schema_that_is_too_deep() -> None:
    """Is told, too."""
    schema: dict[str, Any] = {}
    for _ in range(180):
        schema = {"items": schema}
    with pytest.raises(RequestError, match=r"^s is nested too deeply$"):
        check_schema(schema, "s")


def test_values_are_held_to_their_schema() -> None:
    """References are followed inside of it."""
    schema: dict[str, Any] = {"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"properties": {"n": {"type": "integer"}}}}}
    validate([{"n": 1}, {}], schema, "")
    with pytest.raises(SchemaValidationError, match=r"at \[1\]\.n: 'x' is not of type 'integer'") as caught:
        validate([{}, {"n": "x"}], schema, "text")
    assert (caught.value.path, caught.value.text) == ("[1].n", "text")


def test_a_schema_that_never_ends() -> None:
    """Fails the answer, not the program."""
    with pytest.raises(SchemaValidationError, match="nested too deeply"):
        validate(1, {"$ref": "#"}, "1")
