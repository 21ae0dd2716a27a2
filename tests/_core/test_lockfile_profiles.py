"""Profiles come and go in the text of a lockfile, and the rest of it stays."""

from __future__ import annotations

import pytest

from llmring._core.lockfile import parse, render
from llmring._core.lockfile_profiles import add_profile, remove_profile, set_default_profile

TEXT = """\
# Ours.

# Quick ones.
[[profiles.default.bindings]]
alias = "fast"  # for the bot
models = ["openai:gpt-5"]
constraints = ["tools"]

[limits.openai]  # be kind
max_concurrency = 3
"""
INLINE = 'profiles = {default = {bindings = [{alias = "fast", models = ["openai:gpt-5"]}]}}  # one line\n'
JSON = render(parse(TEXT), "json")
SYNTAXES = pytest.mark.parametrize("text", [TEXT, INLINE, JSON, TEXT.replace("\n", "\r\n")], ids=["toml", "inline", "json", "crlf"])


@SYNTAXES
def test_a_profile_is_added_like_another(text: str) -> None:
    """With its bindings and what they ask for; the others are as they were."""
    now, was = parse(add_profile(text, "dev", "default")), parse(text)
    assert now["profiles"]["dev"]["bindings"] == was["profiles"]["default"]["bindings"]
    del now["profiles"]["dev"]
    assert now == was


@SYNTAXES
def test_a_profile_is_taken_away_again(text: str) -> None:
    """Nothing is left of it."""
    assert parse(remove_profile(add_profile(text, "my dev", None), "my dev")) == parse(text)


@SYNTAXES
def test_the_default_is_changed(text: str) -> None:
    """Whether it was named or not."""
    more = add_profile(text, "dev")
    for name in ("dev", "default"):
        more = set_default_profile(more, name)
        assert parse(more)["default_profile"] == name
    assert parse(more) == parse(add_profile(text, "dev"))


def test_comments_stay_where_they_are() -> None:
    """Above the first section, and behind values."""
    text = set_default_profile(add_profile(TEXT, "dev", "default"), "dev")
    assert text.startswith(
        '# Ours.\n\ndefault_profile = "dev"\n\n# Quick ones.\n[[profiles.default.bindings]]\nalias = "fast"  # for the bot\n'
    )
    assert "[limits.openai]  # be kind\n" in text
    assert remove_profile(text, "dev").startswith(text.partition("[profiles.dev]")[0].rstrip())


@pytest.mark.parametrize(
    "text, now",
    [
        ("", 'default_profile = "dev"\n'),
        ("# Nothing yet.", '# Nothing yet.\ndefault_profile = "dev"\n'),
        ('version = "1.0"  # the first', 'version = "1.0"  # the first\ndefault_profile = "dev"\n'),
        ('default_profile = "x" # why', 'default_profile = "dev" # why'),
    ],
)
def test_the_default_has_its_place(text: str, now: str) -> None:
    """Below the version, or at the beginning."""
    assert set_default_profile(text, "dev") == now


def test_an_empty_file_begins_with_its_profile() -> None:
    """Without an empty line above."""
    assert add_profile("", "dev") == '[profiles.dev]\nname = "dev"\n'
