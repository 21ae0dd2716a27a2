"""Parameters at their places in a body, and the caller's own objects left alone."""

from __future__ import annotations

import copy
from types import MappingProxyType
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.body import place_extra, place_options, put
from llmring._core.request import NormalRequest
from llmring._gen.message import Message
from llmring._gen.parameters import EXTRA, PATHS
from llmring.exceptions import RequestError
from tests.models import json_objects, json_values


def request(**more: Any) -> NormalRequest:
    """Make a request."""
    return NormalRequest(messages=(Message(role="user", content="Hi"),), **more)


def at(body: dict[str, Any], path: tuple[str, ...]) -> Any:
    """Give what stands at *path*."""
    for step in path:
        body = body[step]
    return body


@pytest.mark.parametrize("protocol, name", [(protocol, name) for protocol, paths in PATHS.items() for name in paths])
def test_every_option_has_its_place(protocol: str, name: str) -> None:
    """As the spec says."""
    body: dict[str, Any] = {"model": "m"}
    place_options(body, request(options={name: 1, "unknown": 2}), protocol)
    assert at(body, PATHS[protocol][name]) == 1
    assert "unknown" not in body
    assert body["model"] == "m"


@pytest.mark.parametrize("protocol, key", [(protocol, key) for protocol, paths in EXTRA.items() for key in paths])
def test_every_known_key_has_its_place(protocol: str, key: str) -> None:
    """Any other goes in as it is."""
    body: dict[str, Any] = {}
    place_extra(body, request(extra={key: 1, "mine": 2}), protocol)
    assert at(body, EXTRA[protocol][key]) == 1
    assert body["mine"] == 2


def test_no_options_change_nothing() -> None:
    """The body stays as it is."""
    body: dict[str, Any] = {}
    place_options(body, request(), "openai_chat")
    place_extra(body, request(), "openai_chat")
    assert body == {}


def test_objects_merge_and_all_else_replaces() -> None:
    """Deeply, the last one counting."""
    body: dict[str, Any] = {"a": {"b": {"c": 1}, "l": [1]}, "x": 1}
    place_extra(body, request(extra={"a": {"b": {"d": 2}, "l": [2]}, "x": {"y": MappingProxyType({"z": 3})}}), "openai_chat")
    assert body == {"a": {"b": {"c": 1, "d": 2}, "l": [2]}, "x": {"y": {"z": 3}}}
    assert type(body["x"]["y"]) is dict


def test_what_the_caller_passed_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an option nor what is merged with it."""
    monkeypatch.setitem(PATHS["anthropic_messages"], "metadata", ("metadata",))
    given_options = {"metadata": {"team": "a"}, "user": "u"}
    given_extra = {"options": {"num_ctx": 1}, "num_predict": 2, "metadata": {"more": {"b": 1}}}
    kept = copy.deepcopy((given_options, given_extra))
    body: dict[str, Any] = {}
    place_options(body, request(options=given_options), "anthropic_messages")
    place_extra(body, request(extra=given_extra), "ollama_chat")
    assert body["metadata"] == {"team": "a", "user_id": "u", "more": {"b": 1}}
    assert body["options"] == {"num_ctx": 1, "num_predict": 2}
    assert (given_options, given_extra) == kept


def test_a_key_that_belongs_into_no_object_is_told() -> None:
    """By its own name, and what stands in its way."""
    with pytest.raises(RequestError, match=r"extra_params\.num_ctx goes into 'options' of the body, where int stands") as caught:
        place_extra({}, request(extra={"options": 5, "num_ctx": 10}), "ollama_chat")
    assert caught.value.path == "extra_params.num_ctx"


@given(json_objects, st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple), json_values)
def test_putting_touches_nothing_else(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """What is written can be read back; other keys stay."""
    before, given_value = copy.deepcopy(body), copy.deepcopy(value)
    try:
        put(body, path, value, "x")
    except RequestError:
        return
    found = at(body, path)
    assert set(found) >= set(cast("dict[str, Any]", value)) if isinstance(value, dict) else found == value
    assert {key: body[key] for key in before if key != path[0]} == {key: before[key] for key in before if key != path[0]}
    assert value == given_value
