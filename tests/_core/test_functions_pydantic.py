"""Functions that take and give pydantic models, which is never imported unless one is met."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from llmring._core.arguments import arguments_of
from llmring._core.functions import described
from llmring._core.tool_results import result_turn
from llmring._gen.tool import ToolCall
from llmring.exceptions import ToolError

pytestmark = pytest.mark.extra


class Guest(BaseModel):
    """A pydantic model."""

    name: str = Field(description="As in the passport.")
    age: int = 0


class Room(BaseModel):
    """One that holds another."""

    guests: list[Guest]


def book(room: Room, nights: Annotated[int, Field(description="How many.", ge=1)] = 1) -> Room:
    """Book a room."""
    assert nights
    return room


def test_models_are_described() -> None:
    """A model says itself what it looks like, and a field what it is for."""
    tool = described(book, "tools[0]").tool
    assert tool.parameters is not None
    assert tool.parameters["properties"] == {
        "room": {"$ref": "#/$defs/Room"},
        "nights": {"type": "integer", "description": "How many.", "default": 1},
    }
    assert tool.parameters["$defs"]["Guest"]["properties"]["name"]["description"] == "As in the passport."
    assert tool.parameters["$defs"]["Room"]["properties"]["guests"]["items"] == {"$ref": "#/$defs/Guest"}


def test_models_are_built_and_told() -> None:
    """Arguments become models, and a model that is given back becomes JSON."""
    _, names = arguments_of(described(book, "tools[0]"), {"room": {"guests": [{"name": "Ann"}]}})
    assert names == {"room": Room(guests=[Guest(name="Ann")])}
    turn = result_turn(ToolCall(id="1", name="book"), book(**names))
    assert turn.content == '{"guests": [{"name": "Ann", "age": 0}]}'


def test_models_refuse() -> None:
    """What the model's own schema refuses is told by its path."""
    with pytest.raises(ToolError, match=r"room\.guests\.0: 'name' is a required property"):
        arguments_of(described(book, "tools[0]"), {"room": {"guests": [{}]}})
