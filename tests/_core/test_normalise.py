"""Requests brought into one form, and any junk in their place told."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llmring._core.making import plain_message
from llmring._core.normalise import normalise, normalise_messages
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import Message
from llmring._gen.tool import Tool, ToolCall
from llmring.exceptions import LLMRingError, RequestError
from tests.models import model, words

HI = Message(role="user", content="Hi")
CALL = ToolCall(id="1", name="f", arguments={"a": 1})
CALLS = Message(role="assistant", tool_calls=[CALL])


@given(st.lists(model(Message), min_size=1, max_size=3))
def test_whatever_messages_hold_is_taken_or_told(turns: list[Message]) -> None:
    """A conversation of any models is normalised, once and for all, or refused by path."""
    try:
        taken = normalise_messages(turns)
    except LLMRingError as error:
        assert str(getattr(error, "path", None)).startswith("messages[")  # noqa: PT017 - most are taken
    else:
        assert normalise_messages(taken) == taken
        assert normalise_messages([turn.to_dict() for turn in taken]) == taken


keys = st.sampled_from(
    [
        "role",
        "content",
        "name",
        "tool_calls",
        "tool_call_id",
        "type",
        "text",
        "image_url",
        "source",
        "data",
        "function",
        "arguments",
        "summary",
    ]
)
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | words
    | st.sampled_from(["user", "assistant", "tool", "text", "image", "function_call", "reasoning"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(
    junk,
    st.dictionaries(st.sampled_from(["tools", "tool_choice", "stop", "metadata", "extra_params", "extra_headers", "files"]), junk),
    junk,
)
def test_junk_is_told(messages: Any, options: dict[str, Any], wanted: Any) -> None:
    """No input whatever ends in an error of our inside."""
    try:
        request = normalise(messages, options, wanted)
    except RequestError as error:
        assert error.path is not None  # noqa: PT017 - some is taken
        assert error.path in error.message  # noqa: PT017
    else:
        assert request.messages


def test_a_request_in_one_form() -> None:
    """Options that were set, by name; everything else at its own place."""
    schema = {"type": "object"}
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    request = normalise(
        "Hi",
        {
            "temperature": 0.5,
            "top_p": None,
            "tools": [tool],
            "tool_choice": {"type": "function", "function": {"name": "f"}},
            "timeout": 5,
            "extra_params": {"a": 1},
            "extra_headers": {"X-A": "b"},
            "profile": "dev",
            "on_unsupported": "warn",
        },
        {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
        stream=True,
    )
    assert request == NormalRequest(
        messages=(HI,),
        options={"temperature": 0.5},
        tools=(Tool(name="f", parameters=schema),),
        tool_choice="function",
        tool_name="f",
        response_format=ResponseFormat(kind="json_schema", name="n", schema=schema),
        extra={"a": 1},
        headers={"x-a": "b"},
        stream=True,
    )


def test_the_least_request() -> None:
    """Messages alone."""
    assert normalise([HI], {}) == NormalRequest(messages=(HI,))


def test_fast_messages_are_whole() -> None:
    """What is made past ``__init__`` is the same as what is made by it, down to the last slot."""
    assert plain_message("user", "Hi") == HI
    assert plain_message("assistant", None, [CALL]) == CALLS
    assert plain_message("user", "Hi").to_dict() == HI.to_dict()
