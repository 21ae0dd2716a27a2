"""Options by name, type and range; every one of the spec is held to its type."""

from __future__ import annotations

import re
from collections import UserDict
from decimal import Decimal
from typing import Any

import pytest

from llmring._core.options import check_names, check_options, headers_of
from llmring._core.taking import shown
from llmring._gen.options import OPTION_NAMES
from llmring._gen.parameters import CHECKS
from llmring.exceptions import RequestError


@pytest.mark.parametrize(
    "name, near",
    [
        ("temprature", "did you mean 'temperature'?"),
        ("max_token", "did you mean 'max_tokens'?"),
        ("zzz", "keys of the provider's own go into extra_params"),
    ],
)
def test_names_the_near_match(name: str, near: str) -> None:
    """Of a name that is no option."""
    with pytest.raises(TypeError, match=re.escape(f"chat() got an unexpected option {name!r}; {near}")):
        check_options({"temperature": 1, name: 1})
    with pytest.raises(TypeError, match=re.escape("embed() got")):
        check_names([name], "embed")


def test_takes_known_names() -> None:
    """All of them, and none where nothing is given."""
    check_names(OPTION_NAMES)
    check_options(dict.fromkeys(OPTION_NAMES))


GOOD: dict[str, list[Any]] = {
    "temperature": [0, 0.5, 2],
    "top_p": [0, 1, 0.1],
    "max_tokens": [1, 10**6],
    "seed": [-5],
    "stop": ["x", ["x", "y"], ("x",)],
    "logprobs": [True, False],
    "reasoning": ["high", 1000, {"effort": "low"}],
    "files": [["a"], ()],
    "cache": [True, "1h", {"ttl": "1h"}],
    "metadata": [{}, UserDict(a=1)],
    "user": ["u"],
    "max_cost": [1, 0.5, Decimal("0.1"), "0.1"],
    "on_unsupported": ["error", "warn", "drop"],
    "extra_params": [{"a": object()}],
    "extra_headers": [{"a": "b"}],
}
BAD: dict[str, list[Any]] = {
    "temperature": ["1", True, [], -0.1, float("nan"), float("inf"), {}],
    "top_p": [1.1, -1],
    "top_logprobs": [21, -1, 1.0],
    "max_tokens": [0, 1.5, "5", False],
    "stop": [5, [5], b"x", {"a": 1}, {"a"}],
    "logprobs": [1, "yes"],
    "reasoning": [True, 1.5, ["high"]],
    "files": ["a", [5], 5],
    "cache": [1, []],
    "metadata": ["x", [], {1: 2}],
    "user": [5, []],
    "max_cost": [True, [], float("nan")],
    "on_unsupported": ["ignore", 5, {}, []],
    "extra_params": [5, [("a", 1)], {1: 1}],
    "extra_headers": [{"a": 1}, {1: "a"}, ["a"]],
}


@pytest.mark.parametrize("name, value", [(name, value) for name, values in GOOD.items() for value in values])
def test_takes(name: str, value: Any) -> None:
    """Values of the types that the spec writes, within their bounds."""
    check_options({name: value})


@pytest.mark.parametrize("name, value", [(name, value) for name, values in BAD.items() for value in values])
def test_refuses(name: str, value: Any) -> None:
    """All else, naming the option."""
    with pytest.raises(RequestError, match=f"^{name} must be ") as caught:
        check_options({name: value})
    assert caught.value.path == name


def test_says_what_would_be_right() -> None:
    """The types in words, and the bounds."""
    said = {
        ("temperature", "hot"): "temperature must be a number, not 'hot'",
        ("temperature", -1): "temperature must be at least 0, not -1",
        ("top_p", 2): "top_p must be between 0 and 1, not 2",
        ("stop", 5): "stop must be a string or a list of strings, not 5",
        ("on_unsupported", "no"): "on_unsupported must be one of 'error', 'warn', 'drop', not 'no'",
        ("extra_headers", 5): "extra_headers must be a mapping of strings to strings, not 5",
    }
    for (name, value), text in said.items():
        with pytest.raises(RequestError) as caught:
            check_options({name: value})
        assert caught.value.message == text


def test_an_upper_bound_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No parameter has one by now, but the spec can say so."""
    monkeypatch.setitem(CHECKS, "seed", ("int", None, 5))
    with pytest.raises(RequestError, match="seed must be at most 5, not 6"):
        check_options({"seed": 6})


def test_values_are_shown_only_where_they_are_short_and_plain() -> None:
    """A mapping may hold a key, a text may be long."""
    assert shown({"authorization": "secret"}) == "dict"
    assert shown(None) == "None"
    assert shown("x" * 100) == f"'{'x' * 76}…"


def test_headers_in_lower_case() -> None:
    """Names are the same in any case."""
    assert headers_of({"extra_headers": {"X-Title": "A b\té", "empty": ""}}) == {"x-title": "A b\té", "empty": ""}
    assert headers_of({}) == headers_of({"extra_headers": None}) == {}


@pytest.mark.parametrize(
    "name, value", [("a b", "x"), ("", "x"), ("é", "x"), ("x", "a\nb"), ("x", " secret"), ("x", "secret\x00"), ("x:", "")]
)
def test_headers_that_http_cannot_carry(name: str, value: str) -> None:
    """Told by name, the value never shown."""
    with pytest.raises(RequestError, match="cannot be sent") as caught:
        headers_of({"extra_headers": {name: value}})
    assert caught.value.path == f"extra_headers.{name}"
    assert "secret" not in caught.value.message
