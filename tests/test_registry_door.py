"""The door to the registry: what a program may ask of it."""

from __future__ import annotations

from llmring.registry import load


def test_tells_what_is_known_of_a_model() -> None:
    """A floating name leads to its pinned model, with limits and prices."""
    found = load().find("anthropic", "claude-haiku-4-5")
    assert found is not None
    assert (found.id, found.context, found.can("tools")) == ("claude-haiku-4-5-20251001", 200_000, True)


def test_one_registry_serves_a_process() -> None:
    """It is read once."""
    assert load() is load()
