"""Pydantic models as JSON Schema and their values from JSON, by themselves and among other types."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
import pydantic
import pytest

from llmring._core.structured import response_format
from llmring._core.typeschema import schema_of
from llmring._core.typevalues import build
from llmring.exceptions import RequestError, SchemaValidationError

pytestmark = pytest.mark.extra

create: Any = pydantic.create_model  # which its own stubs do not let be called with names and arrows
City: Any = create("City", name=(str, ...), founded=(date | None, None))
Trip: Any = create("Trip", to=(City, ...))
Cities: Any = pydantic.RootModel[list[City]]
Node: Any = create("Node", value=(int, ...), next=("Node | None", None))
Node.model_rebuild(_types_namespace={"Node": Node})


def test_a_model() -> None:
    """Is described by itself, and built by itself."""
    name, schema = schema_of(City)
    assert name == "City"
    assert schema["properties"]["name"] == {"title": "Name", "type": "string"}
    assert schema["required"] == ["name"]
    assert build(City, {"name": "Lisbon", "founded": "1147-10-25"}, text="") == City(name="Lisbon", founded=date(1147, 10, 25))


def test_models_inside_of_others() -> None:
    """Are definitions, wherever they stand."""
    assert schema_of(Trip)[1]["properties"] == {"to": {"$ref": "#/$defs/City"}}
    assert list(schema_of(Trip)[1]["$defs"]) == ["City"]
    kind = attrs.make_class("Both", {"one": attrs.field(type=City), "more": attrs.field(type=list[Trip]), "again": attrs.field(type=City)})
    _, schema = schema_of(kind)
    assert sorted(schema["$defs"]) == ["City", "Trip"]
    built = build(kind, {"one": {"name": "a"}, "more": [{"to": {"name": "b"}}], "again": {"name": "c"}}, text="")
    assert (built.one, built.more, built.again) == (City(name="a"), [Trip(to=City(name="b"))], City(name="c"))


def test_a_model_that_holds_itself() -> None:
    """Is an object all the same, and refers to its definition."""
    name, schema = schema_of(Node)
    assert (name, schema["type"]) == ("Node", "object")
    assert schema["$defs"]["Node"]["properties"]["next"]["anyOf"][0] == {"$ref": "#/$defs/Node"}
    assert build(Node, {"value": 1, "next": {"value": 2}}, text="").next.value == 2


def test_a_model_that_is_no_object() -> None:
    """Is wrapped, for providers want one."""
    _, schema = schema_of(Cities)
    assert schema["type"] == "object"
    assert list(schema["properties"]) == ["value"]
    assert "City" in schema["$defs"]
    assert build(Cities, {"value": [{"name": "a"}]}, text="") == Cities([City(name="a")])


def test_a_model_that_cannot_be_described() -> None:
    """Is told before anything is sent."""
    kind = create("Odd", run=(type(lambda: None), ...), __config__={"arbitrary_types_allowed": True})
    with pytest.raises(RequestError, match="pydantic cannot describe Odd") as caught:
        response_format(kind)
    assert caught.value.path == "response_format"


def test_what_does_not_fit() -> None:
    """In pydantic's words."""
    with pytest.raises(SchemaValidationError, match="The answer does not fit City") as caught:
        build(City, {"founded": "soon"}, text="{}")
    assert "name" in caught.value.message
    assert caught.value.text == "{}"
