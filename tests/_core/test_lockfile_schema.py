"""The published JSON Schema and the lockfile's own checks agree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from llmring._core.lockfile import parse, render
from llmring._io.data import read_package_data
from llmring._io.lockfiles import BUNDLED, text_of
from llmring.exceptions import LockfileError
from tests._core.lockfile_texts import locks, values

if TYPE_CHECKING:
    from llmring._core.lockfile import Lock

VALIDATOR: Any = Draft202012Validator(json.loads(read_package_data("lockfile.schema.json")))


@given(locks())
def test_allows_every_lockfile(lock: Lock) -> None:
    """What may be written, an editor does not underline."""
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(render(lock, "json")))] == []


def test_allows_the_bundled_lockfile() -> None:
    """Ours is among them."""
    assert json.loads(json.dumps(parse(text_of(BUNDLED))))
    assert VALIDATOR.is_valid(json.loads(render(parse(text_of(BUNDLED)), "json")))


@given(
    st.dictionaries(st.sampled_from(["version", "default_profile", "extends", "profiles", "limits", "pins", "profile"]), values, max_size=3)
)
def test_allows_nothing_that_is_refused_for_its_shape(tree: dict[str, Any]) -> None:
    """Where the checks take a file, so does the schema."""
    try:
        parse(json.dumps(tree))
    except LockfileError:
        return
    assert VALIDATOR.is_valid(tree)


REFUSED: list[dict[str, Any]] = [
    {"profile": {}},
    {"version": "2.0"},
    {"profiles": {"default": {"bindings": [{"alias": "a"}]}}},
    {"profiles": {"default": {"bindings": [{"alias": "a", "models": ["gpt"]}]}}},
    {"profiles": {"default": {"bindings": [{"alias": "a", "models": []}]}}},
    {"extends": {"packages": ["a:b"]}},
]


@pytest.mark.parametrize("tree", REFUSED)
def test_refuses_what_the_checks_refuse(tree: dict[str, Any]) -> None:
    """A fault is one for both."""
    assert not VALIDATOR.is_valid(tree)
    with pytest.raises(LockfileError):
        parse(json.dumps(tree))
