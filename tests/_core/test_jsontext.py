"""JSON out and in."""

from __future__ import annotations

import json
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given

from llmring._core import jsontext
from llmring._core.jsontext import dumps, loads
from llmring.exceptions import RequestError
from tests.models import json_values


@pytest.fixture(autouse=True, params=[True, False], ids=["orjson", "json"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask orjson first where it is installed, and do without it."""
    monkeypatch.setattr(jsontext, "INSTALLED", request.param)


@given(json_values)
def test_there_and_back(value: Any) -> None:
    """Whatever is JSON."""
    assert loads(dumps(value)) == value


def test_is_compact_and_utf_8() -> None:
    """No spaces, no needless escapes; mappings of any kind are objects."""
    assert dumps({"a": [1, "é"], "b": MappingProxyType({"c": None})}) == '{"a":[1,"é"],"b":{"c":null}}'.encode()


def test_lone_surrogates_are_escaped() -> None:
    """UTF-8 cannot carry them."""
    assert dumps({"a": "\ud83d", "b": MappingProxyType({})}) == b'{"a":"\\ud83d","b":{}}'


def nested(depth: int) -> Any:
    """Make lists in each other."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


LOOP: dict[str, Any] = {}
LOOP["again"] = [LOOP]


@pytest.mark.parametrize(
    "value, path, said",
    [
        ({"a": [1, {"day": date(2026, 1, 2)}]}, "a[1].day", "a[1].day cannot be sent: a value of type date is no JSON"),
        ({"a": float("nan")}, "a", "a cannot be sent: nan is no JSON"),
        ({"a": [0.5, (float("-inf"),)]}, "a[1][0]", "a[1][0] cannot be sent: -inf is no JSON"),
        ({"a": {"b": MappingProxyType({(1,): 1})}}, "a.b", "a.b cannot be sent: an object whose keys are not strings is no JSON"),
        (b"bytes", None, "the body cannot be sent: a value of type bytes is no JSON"),
        ({"loop": LOOP}, "loop", "loop cannot be sent: something nested too deeply is no JSON"),
        ({"deep": nested(100_000)}, "deep", "deep cannot be sent: something nested too deeply is no JSON"),
        ({"big": 10**5000}, None, "the body cannot be sent: something in it is no JSON"),
    ],
)
def test_what_is_no_json_is_told_by_its_path(value: Any, path: str | None, said: str) -> None:
    """Instead of an error of the encoder's."""
    with pytest.raises(RequestError) as caught:
        dumps(value)
    assert (caught.value.path, caught.value.message) == (path, said)


@pytest.mark.parametrize("text, said", [("", "Expecting"), ("{", "Expecting"), (b"\xff", "decode"), ("[" * 100_000, "nested too deeply")])
def test_what_cannot_be_read(text: Any, said: str) -> None:
    """Is one kind of error."""
    with pytest.raises(ValueError, match=said):
        loads(text)


def test_keys_that_json_can_spell_are_spelled() -> None:
    """As the standard library does."""
    assert loads(dumps({1: "a", None: "b"})) == json.loads(json.dumps({1: "a", None: "b"}))
