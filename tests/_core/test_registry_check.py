"""A registry from elsewhere is judged as a whole, before anything relies on it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.registry_check import read
from tests.models import json_values

PERIOD: dict[str, Any] = {
    "d": "2026-01-01",
    "u": "01:00-02:00",
    "r": ["1", None],
    "t": [[10, "2"]],
    "s": {"batch": {"r": ["0.5"]}, "b": "batch"},
}
GOOD: dict[str, Any] = {
    "format": 1,
    "date": "2026-11-23",
    "digest": "abc",
    "abilities": ["tools"],
    "rates": ["input", "output"],
    "sources": ["a list, 2026-11-23"],
    "aliases": {"ac": "acme"},
    "models": {
        "acme": {
            "one": {
                "a": ["uno"],
                "n": "One",
                "r": "2026-01",
                "c": 1000,
                "y": 1,
                "g": 0,
                "e": {"efforts": ["low"], "budget": {"min": 1}, "toggle": True},
                "p": [
                    {
                        "d": "2026-01-01",
                        "u": "01:00-02:00",
                        "r": ["1", None],
                        "t": [[10, "2"]],
                        "s": {"batch": {"r": ["0.5"]}, "b": "batch"},
                    }
                ],
                "later": {"key": "of a newer version"},
            }
        }
    },
}


def changed(path: str, value: Any) -> str:
    """Give the good registry with *value* at *path*."""
    data: Any = json.loads(json.dumps(GOOD))
    *steps, last = path.split(".")
    place = data
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(data)


def test_the_bundled_one_is_good() -> None:
    """What ships passes."""
    text = (files("llmring") / "_data" / "registry.json").read_text(encoding="utf-8")
    assert read(text).find("openai", "gpt-4o")


def test_a_good_one_is_read() -> None:
    """Keys that are not known pass."""
    found = read(json.dumps(GOOD)).find("ac", "uno")
    assert found is not None
    assert (found.name, found.context, found.prices[0].hours) == ("One", 1000, ("01:00", "02:00"))


ONE = "models.acme.one"
PRICE = f"{ONE}.p.0"
WRONG: list[tuple[str, Any, str]] = [
    ("format", 2, "it is no registry of format 1"),
    ("date", "today", "date is"),
    ("digest", "", "digest is"),
    ("abilities", "tools", "abilities is"),
    ("aliases", {"a": 1}, "aliases is"),
    ("aliases", [], "aliases is"),
    ("models", [], "models is"),
    ("models.acme", [], "models.'acme' is"),
    ("models.ac\x1bme", {}, r"models.'ac\x1bme' is"),
    (ONE, "text", "the entry of acme:'one' is"),
    ("models.acme.x" + "y" * 200, {}, "the entry of"),
    (f"{ONE}.a", "uno", "'a' of acme:'one' is"),
    (f"{ONE}.n", "One\n", "'n' of"),
    (f"{ONE}.r", "2026-1-1", "'r' of"),
    (f"{ONE}.c", -1, "'c' of"),
    (f"{ONE}.c", True, "'c' of"),
    (f"{ONE}.c", 1e3, "'c' of"),
    (f"{ONE}.y", 2**300, "'y' of"),
    (f"{ONE}.g", 1, "'g' of"),
    (f"{ONE}.e", [], "'e' of"),
    (f"{ONE}.e.efforts", [1], "'e' of"),
    (f"{ONE}.e.budget.min", "1", "'e' of"),
    (f"{ONE}.p", {}, "'p' of"),
    (PRICE, [], "price 1 of"),
    (f"{PRICE}.d", 3, "price 1 of"),
    (f"{PRICE}.u", "1-2", "price 1 of"),
    (f"{PRICE}.r", ["1e999999999"], "price 1 of"),
    (f"{PRICE}.r", ["-1"], "price 1 of"),
    (f"{PRICE}.r", ["NaN"], "price 1 of"),
    (f"{PRICE}.r", [1], "price 1 of"),
    (f"{PRICE}.r", None, "price 1 of"),
    (f"{PRICE}.t", {}, "price 1 of"),
    (f"{PRICE}.t", [[]], "price 1 of"),
    (f"{PRICE}.s", [], "price 1 of"),
    (f"{PRICE}.s.b", "c", "price 1 of"),
    (f"{PRICE}.s.batch", {"r": ["x"]}, "price 1 of"),
]


@pytest.mark.parametrize("path, value, told", WRONG)
def test_what_is_wrong_is_named(path: str, value: Any, told: str) -> None:
    """The first fault is told with its place."""
    with pytest.raises(ValueError, match=r"is no registry|is not what it should be") as caught:
        read(changed(path, value))
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"format":1}', "9" * 5000])
def test_what_is_no_registry_is_told(text: str) -> None:
    """Deep nesting and endless numbers are refused like anything else."""
    with pytest.raises(ValueError, match=r"it is n|date is"):
        read(text)


@given(st.sampled_from(["models", "models.acme", ONE, PRICE, f"{ONE}.e", f"{PRICE}.s", f"{PRICE}.t", "aliases", "rates"]), json_values)
def test_nothing_breaks_it(path: str, value: Any) -> None:
    """Whatever stands anywhere, it is refused, or every model can be looked up."""
    try:
        found = read(changed(path, value))
    except ValueError:
        return
    for provider in found.providers():
        assert all(each.provider == provider for each in found.models(provider))
