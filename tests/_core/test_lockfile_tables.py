"""Pins and versions in a lockfile's text: what is said is what was asked, and comments stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core import lockfile
from llmring._core.lockfile_tables import set_pins, set_versions
from tests._core import lockfile_texts as texts

if TYPE_CHECKING:
    from llmring._core.lockfile import Lock, Syntax

TEXT = """\
# Ours.
[[profiles.default.bindings]] # one
alias = "fast"
models = ["x:y"]

# What we knew.
[pins."x:y"] # pinned
id = "y-1" # since May
context = 5 # small
price = {input = "1"} # dear

# The end.
[metadata]
team = "core"
"""

drawn = st.dictionaries(texts.models, texts.pins.filter(bool), max_size=3)


@given(texts.locks(), drawn, st.sampled_from(["toml", "json"]), st.booleans(), st.data())
def test_the_pins_are_those_asked_for(lock: Lock, pins: dict[str, Any], syntax: Syntax, crlf: bool, data: st.DataObject) -> None:  # noqa: FBT001 - what is drawn
    """Whatever was pinned before, and everything else stays as it was said."""
    kept = data.draw(st.lists(st.sampled_from(sorted(lock["pins"])), unique=True)) if lock["pins"] else []
    wanted = {**{name: data.draw(texts.pins.filter(bool)) for name in kept}, **pins}
    text = lockfile.render(lock, syntax).replace("\n", "\r\n" if crlf else "\n")
    changed = set_pins(text, wanted)
    assert lockfile.parse(changed) == {**lock, "pins": wanted}
    assert set_pins(changed, wanted) == changed


@given(texts.locks(), st.dictionaries(texts.words, st.integers(0, 99), max_size=2), st.sampled_from(["toml", "json"]))
def test_the_versions_are_those_asked_for(lock: Lock, versions: dict[str, int], syntax: Syntax) -> None:
    """In the profile that is meant."""
    for name in lock["profiles"]:
        changed = lockfile.parse(set_versions(lockfile.render(lock, syntax), name, versions))
        assert changed["profiles"][name] == {**lock["profiles"][name], "registry_versions": versions}
        assert {**changed, "profiles": 0} == {**lock, "profiles": 0}


@given(st.fixed_dictionaries({"x:y": texts.pins.filter(lambda row: "id" in row and "context" in row and "price" in row)}))
def test_comments_stay(pins: dict[str, Any]) -> None:
    """Every one of them, those of changed lines too."""
    text = set_pins(TEXT, pins)
    assert lockfile.parse(text)["pins"] == pins
    for comment in ("# Ours.", "# one", "# What we knew.", "# pinned", "# since May", "# small", "# dear", "# The end."):
        assert comment in text


def test_only_what_changed_is_touched() -> None:
    """Line by line; new keys come last, new pins behind the old ones."""
    row = {"id": "y-1", "price": {"input": "2", "output": "3"}, "can": ["tools"]}
    assert set_pins(TEXT, {"x:y": row, "x:z": {"id": "z"}}) == (
        TEXT.replace("context = 5 # small\n", "").replace('{input = "1"} # dear\n', '{input = "2", output = "3"} # dear\ncan = ["tools"]\n')
        + '\n[pins."x:z"]\nid = "z"\n'
    ).replace(
        '\n# The end.\n[metadata]\nteam = "core"\n\n[pins."x:z"]\nid = "z"\n',
        '\n[pins."x:z"]\nid = "z"\n\n# The end.\n[metadata]\nteam = "core"\n',
    )
    assert set_pins(TEXT, {"x:y": {"id": "y-1", "context": 5, "price": {"input": "1"}}}) == TEXT
    assert set_pins(TEXT, {"x:y": {"id": "y-1", "context": 6, "price": {"input": "1"}}}) == TEXT.replace("context = 5", "context = 6")
    assert "pins" not in set_pins(TEXT, {})


def test_no_pins_leave_no_table_in_json() -> None:
    """A lockfile in JSON is as if it had never had any."""
    lock = lockfile.parse(TEXT)
    assert "pins" not in json.loads(set_pins(lockfile.render(lock, "json"), {}))


@pytest.mark.parametrize(
    "pins",
    [
        '[pins]\n"x:y" = {id = "y", context = 5}\n',
        '[pins]\n"x:y".id = "y"\n"x:y".context = 5\n',
        'pins = {"x:y" = {id = "y", context = 5}}\n',
        'pins."x:y" = {id = "y", context = 5}\n',
        '[pins."x:y"]\nid = "y"\ncontext = 5\n[pins."x:y".price]\ninput = "1"\n',
    ],
)
def test_pins_in_any_form_are_changed(pins: str) -> None:
    """Inline, dotted, or in tables of their own."""
    text = f'{pins}\n# tail\n[[profiles.default.bindings]]\nalias = "a"\nmodels = ["x:y"]\n'
    wanted = {"x:y": {"id": "other", "retires": "2027-01-01"}, "x:z": {"id": "z"}}
    changed = set_pins(text, wanted)
    assert lockfile.parse(changed) == {**lockfile.parse(text), "pins": wanted}
    assert "# tail" in changed


def test_versions_inside_of_braces() -> None:
    """A profile in braces stays in braces; its versions may go again."""
    text = 'profiles = {default = {bindings = [{alias = "a", models = ["x:y"]}]}}\n'
    changed = set_versions(text, "default", {"openai": 3})
    assert changed == 'profiles = {default = {bindings = [{alias = "a", models = ["x:y"]}],registry_versions = {openai = 3}}}\n'
    assert set_versions(changed, "default", {}) == text
    assert set_versions(text, "default", {}) == text
