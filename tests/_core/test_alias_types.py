"""Aliases become a module that types them, whatever they are called."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from llmring._core.alias_types import module
from tests._core.lockfile_texts import aliases


def typed(text: str) -> tuple[str, ...]:
    """Run the module and give the values of its type."""
    names: dict[str, Any] = {}
    exec(text, names)
    return get_args(names["Alias"])


def test_one_alias_stands_on_one_line() -> None:
    """As a formatter would have it."""
    assert module(["fast"]).endswith('\n\nAlias = Literal["fast"]\n')


def test_several_stand_below_each_other() -> None:
    """In order, each once."""
    assert module(["slow", "fast", "slow"]).endswith('\n\nAlias = Literal[\n    "fast",\n    "slow",\n]\n')


@given(st.lists(aliases, min_size=1, max_size=4))
def test_any_alias_is_a_value_of_the_type(bound: list[str]) -> None:
    """Quotes, backslashes and control characters are told as what they are."""
    assert typed(module(bound)) == tuple(sorted(set(bound)))
