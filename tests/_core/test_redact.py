"""Secrets taken out of whatever an error carries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.redact import HIDDEN, Sealed, SealedText, without
from tests.models import json_values


@pytest.mark.parametrize(
    "value, left",
    [
        ("key sk-1 is wrong", "key *** is wrong"),
        ({"sk-1": ["sk-1", {"a": ("x", "sk-1sk-1")}]}, {"***": ["***", {"a": ["x", "******"]}]}),
        (5, 5),
        (None, None),
        ("fine", "fine"),
    ],
)
def test_is_hidden_at_any_depth(value: Any, left: Any) -> None:
    """In keys and values."""
    assert without("sk-1", value) == left


@given(json_values, st.text(min_size=3, max_size=8).filter(lambda secret: secret not in HIDDEN and "*" not in secret))
def test_is_nowhere_afterwards(value: Any, secret: str) -> None:
    """Whatever the value, all else staying."""
    held = [value, f"<{secret}>", {secret: value}]

    def texts(part: Any) -> list[str]:
        if isinstance(part, dict):
            return [text for pair in part.items() for each in pair for text in texts(each)]  # pyright: ignore[reportUnknownVariableType]
        if isinstance(part, list):
            return [text for each in part for text in texts(each)]  # pyright: ignore[reportUnknownVariableType]
        return [part] if isinstance(part, str) else []

    assert not any(secret in text for text in texts(without(secret, held)))


def test_no_secret_hides_nothing() -> None:
    """An empty key is in every text."""
    assert without("", {"a": "b"}) == {"a": "b"}


def test_sealed_bytes_show_their_number() -> None:
    """Also with others after them; they are the same bytes."""
    sealed = Sealed(b"key") + b" and more"
    assert (repr(sealed), bytes(sealed), type(sealed)) == ("<12 bytes>", b"key and more", Sealed)


def test_sealed_text_shows_nothing() -> None:
    """It is the same text all the same."""
    sealed = SealedText("http://user:secret@proxy")
    assert (repr(sealed), sealed == "http://user:secret@proxy") == ("'***'", True)
