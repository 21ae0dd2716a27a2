"""JSON of any shape is read without surprises."""

from __future__ import annotations

from typing import Any

import pytest

from llmring.protocols.reading import count_of, json_of, object_of, objects_of, text_of


@pytest.mark.parametrize(
    "value,text", [("a", "a"), ("", None), (7, "7"), (True, None), (1.5, None), (None, None), ([], None), (10**30, None)]
)
def test_names_and_codes(value: Any, text: str | None) -> None:
    """Text and whole numbers; all else is none."""
    assert text_of(value) == text


def test_objects() -> None:
    """What is no object is an empty one, or left out of a list."""
    assert (object_of({"a": 1}), object_of([1]), object_of(None)) == ({"a": 1}, {}, {})
    assert objects_of([{"a": 1}, 2, None, {}]) == [{"a": 1}, {}]
    assert objects_of({"a": 1}) == []


@pytest.mark.parametrize("value,count", [(3, 3), (-3, 0), (3.0, 3), (3.5, 0), (True, 0), ("3", 0), (None, 0), (float("nan"), 0), (-1.0, 0)])
def test_counters(value: Any, count: int) -> None:
    """Whole numbers of at least 0."""
    assert count_of(value) == count


def test_json() -> None:
    """Text stays, null is empty, what is nested too deeply is left out."""
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    assert (json_of("a"), json_of(None), json_of({"é": [1]}), json_of(deep)) == ("a", "", '{"é":[1]}', "")
