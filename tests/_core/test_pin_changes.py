"""What pinning anew would change is told, model by model, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmring._core import lockfile
from llmring._core.pin_changes import PinChange, bumped, differences
from llmring._core.world import World, pins
from llmring._gen.providers import NAMES
from tests._core.small_registry import registry, rows

if TYPE_CHECKING:
    from llmring._core.lockfile import Lock

TEXT = '[[profiles.default.bindings]]\nalias = "fast"\nmodels = ["openai:gpt-5", "ollama:qwen3"]\n'
GPT: dict[str, Any] = {"a": ["gpt-5"], "c": 400000, "t": 128000, "y": 7, "p": [{"r": ["0.75", "4.5"]}], "x": "2027-03-17"}


def world(gpt: dict[str, Any] | None = None, date: str = "2026-11-23") -> World:
    """Give a world of the registry of *date*, which says *gpt* of OpenAI's model."""
    given = rows()
    given["openai"]["gpt-5-2026-03-17"] = gpt or GPT
    return World(registry=registry(given, date), providers=NAMES, day="2026-11-27")


def locked(*without: str) -> Lock:
    """Pin all models of the lockfile but those."""
    lock = lockfile.parse(TEXT)
    return {**lock, "pins": {name: pin.row() for name, pin in pins(lock, world()).items() if name not in without}}


def test_nothing_changes_in_the_same_world() -> None:
    """A newer registry that says the same is the same world."""
    assert list(differences(locked(), world(date="2026-12-01"))) == []


@pytest.mark.parametrize(
    "now, change",
    [
        ({"c": 500000}, PinChange("openai:gpt-5", "context", "400000", "500000", 25.0)),
        ({"p": [{"r": ["1.50", "4.5"]}]}, PinChange("openai:gpt-5", "price.input", "0.75", "1.50", 100.0)),
        ({"y": 3}, PinChange("openai:gpt-5", "can.reasoning", "yes", "no")),
        ({"x": None}, PinChange("openai:gpt-5", "retires", "2027-03-17", None)),
    ],
    ids=["amount", "price", "ability", "date"],
)
def test_what_is_known_otherwise_is_told(now: dict[str, Any], change: PinChange) -> None:
    """With how much more it is, where it is an amount."""
    assert list(differences(locked(), world(GPT | now))) == [change]


def test_a_new_ability_is_told() -> None:
    """It is no loss, but the pin would say so."""
    lock = locked()
    lock["pins"]["openai:gpt-5"]["can"] = ["reasoning", "tools"]
    assert list(differences(lock, world())) == [PinChange("openai:gpt-5", "can.vision", "no", "yes")]


def test_pins_come_and_go() -> None:
    """A model that is bound gets one, and one that is no longer bound loses it."""
    lock = locked("ollama:qwen3")
    lock["pins"]["openai:gpt-4"] = {"id": "gpt-4-0613"}
    assert list(differences(lock, world())) == [
        PinChange("ollama:qwen3", "pin", None, "qwen3"),
        PinChange("openai:gpt-4", "pin", "gpt-4-0613", None),
    ]


def test_only_what_stays_is_of_the_new_registry() -> None:
    """A pin that would say something else, and one of a model that nothing binds, keep the registry that they are of."""
    lock = locked()
    lock["pins"]["openai:gpt-4"] = {"id": "gpt-4-0613"}
    new = bumped(lock, world(GPT | {"c": 500000}, date="2026-12-01"))
    assert {name: row for name, row in new.items() if name != "ollama:qwen3"} == {
        name: row for name, row in lock["pins"].items() if name != "ollama:qwen3"
    }
    assert new["ollama:qwen3"] == lock["pins"]["ollama:qwen3"] | {"registry": {"version": "2026-12-01", "hash": "aaaa"}}
