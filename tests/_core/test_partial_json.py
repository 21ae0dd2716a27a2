"""JSON that is not yet complete: whatever came is a beginning of what comes, and nothing makes it raise."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.partial_json import best_effort
from tests.models import json_values


def begins(part: Any, whole: Any) -> bool:
    """Tell whether *part* can grow to *whole*."""
    match part, whole:
        case None, _:
            return True
        case str(), str():
            return whole.startswith(part)
        case list(), list():
            one, other = cast("list[Any]", part), cast("list[Any]", whole)
            return len(one) <= len(other) and all(begins(*pair) for pair in zip(one, other, strict=False))
        case dict(), dict():
            got, wanted = cast("dict[str, Any]", part), cast("dict[str, Any]", whole)
            return list(got) == list(wanted)[: len(got)] and all(begins(value, wanted[key]) for key, value in got.items())
        case _:
            return part == whole and type(part) is type(whole)


containers = st.lists(json_values, max_size=4) | st.dictionaries(st.text(max_size=4), json_values, max_size=4)


@given(containers, st.booleans(), st.sampled_from([None, 1]), st.sampled_from(["", "```json\n", "``` ", " \n"]))
def test_every_beginning_is_a_beginning_of_the_next(value: Any, ascii_only: bool, indent: int | None, before: str) -> None:  # noqa: FBT001
    """What was shown is never taken back, and in the end it is the value."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    shown = [best_effort(before + text[:end]) for end in range(len(text) + 1)]
    assert all(begins(earlier, later) for earlier, later in pairwise(shown))
    assert all(begins(each, value) for each in shown)
    assert shown[-1] == value


@given(st.text() | st.text('{}[]",:\\ud8a0 truefalsnl0123456789.-+`\n').map("".join))
def test_nothing_makes_it_raise(text: str) -> None:
    """Any text has a longest readable beginning, be it none."""
    json.dumps(best_effort(text))


@pytest.mark.parametrize(
    "text, value",
    [
        ("", None),
        ("Sure", None),
        ("`", None),
        ("```json", None),
        ('```json\n{"a": [1, 2]}\n```', {"a": [1, 2]}),
        ("{", {}),
        ("[1, 2", [1]),
        ("[1, 2 ", [1, 2]),
        ("[1.5e3]", [1500.0]),
        ("[-", []),
        ("[01, 2]", []),
        ("12", 12),
        ("tru", None),
        ("true", True),
        ("[nul", []),
        ('"a', "a"),
        ('"a\\', "a"),
        ('"a\\u00', "a"),
        ('"a\\ud83d', "a"),
        ('"a\\ud83d\\ude00', "a😀"),
        ('"a\\\\ud83d', "a\\ud83d"),
        ('"a\nb"', "a"),
        ('{"a": 1, "b', {"a": 1}),
        ('{"a": 1, "b"', {"a": 1}),
        ('{"a": 1, "b": ', {"a": 1}),
        ('{"a": 1, "b": "', {"a": 1, "b": ""}),
        ('{"a" 1}', {}),
        ("{1: 2}", {}),
        ("[1,]", [1]),
        ("[1 2]", [1]),
        ('{"a": [1}', {"a": [1]}),
        ("[]]", []),
        ('{"a": {}} and more', {"a": {}}),
        ("1" * 5000, None),
        ("[" * 100_000, None),
    ],
)
def test_reads(text: str, value: Any) -> None:
    """Strings, lists and objects are closed; numbers are given when they are whole; what follows the value is passed over."""
    assert best_effort(text) == value
