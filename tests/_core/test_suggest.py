"""What a new lockfile begins with."""

from __future__ import annotations

from llmring._core.suggest import suggestions
from llmring._core.world import World
from llmring._gen.providers import NAMES
from tests._core.small_registry import registry, rows

POOLS = {
    "fast": ("anthropic:claude-1", "openai:gpt-5", "ollama:mine"),
    "deep": ("openai:gone",),
    "other": ("openai:gpt-5",),
}


def world() -> World:
    """Give a world in which one model retires soon and has a newer sister."""
    given = rows()
    given["anthropic"]["claude-1"] |= {"x": "2026-12-01", "f": "claude"}
    given["anthropic"]["claude-2"] = {"f": "claude", "r": "2026-06-01"}
    given["anthropic"]["claude-3"] = {"f": "claude", "r": "2026-09-01"}
    given["anthropic"]["claude-4"] = {"f": "claude", "r": "2026-10-01", "x": "2026-11-01"}
    return World(registry=registry(given), providers=NAMES, day="2026-11-27")


def test_models_with_a_key_come_first_and_none_that_goes() -> None:
    """A model that retires gives way to its newest sister; what is not known is left out, and so is what has no model left."""
    assert suggestions(POOLS, world(), lambda provider: provider == "openai") == {
        "fast": ["openai:gpt-5", "anthropic:claude-3", "ollama:mine"],
    }


def test_a_model_without_family_has_no_sister() -> None:
    """It is left out when it goes."""
    given = rows()
    given["anthropic"]["claude-1"]["x"] = "2026-12-01"
    now = World(registry=registry(given), providers=NAMES, day="2026-11-27")
    assert suggestions({"fast": ["anthropic:claude-1"]}, now, lambda _: True) == {}
