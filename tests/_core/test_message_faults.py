"""Faults of a conversation, each told by its path before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.normalise import normalise_messages
from llmring._gen.message import ImagePart, Message
from llmring._gen.response import LLMResponse
from llmring._gen.tool import ToolCall
from llmring.exceptions import InvalidMessageError

HI = Message(role="user", content="Hi")
CALL = ToolCall(id="1", name="f", arguments={"a": 1})
WIRE = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}

FAULTS: list[tuple[Any, str, str]] = [
    (None, "messages", "must be a list of messages or one string, not null"),
    (5, "messages", "must be a list of messages or one string, not int"),
    (b"Hi", "messages", "must be a list of messages or one string, not bytes"),
    ({"role": "user"}, "messages", "must be a list of messages or one string, not dict"),
    ({"Hi"}, "messages", "must be a list of messages or one string, not set"),
    ([], "messages", "is empty; give at least one message"),
    ([None], "messages[0]", "must be a Message or a mapping with role and content, not null"),
    (["Hi"], "messages[0]", "must be a Message or a mapping with role and content, not str"),
    ([HI, LLMResponse[Any]()], "messages[1]", "must be a Message or a mapping with role and content; append its .message, not LLMResponse"),
    ([{}], "messages[0].role", "is missing; it is one of system, developer, user, assistant, tool"),
    ([{"content": "Hi"}], "messages[0].role", "is missing"),
    ([{"type": "text", "text": "Hi"}], "messages[0].role", "is missing"),
    ([{"role": "usr", "content": "Hi"}], "messages[0].role", "must be one of system, developer, user, assistant, tool, not 'usr'"),
    ([{"role": {}, "content": "Hi"}], "messages[0].role", "must be one of system, developer, user, assistant, tool, not dict"),
    ([{"role": "user", "conten": "Hi"}], "messages[0].conten", "is unknown; did you mean 'content'?"),
    ([{"role": "user", 1: 2}], "messages[0].1", "is unknown"),
    ([{"role": "user", "content": 5}], "messages[0].content", "must be a string or a list of parts, not int"),
    ([{"role": "user", "content": b"Hi"}], "messages[0].content", "must be a string or a list of parts, not bytes"),
    ([{"role": "user", "content": [5]}], "messages[0].content[0]", "must be a content part or a mapping with a type, not int"),
    (
        [HI, {"role": "user", "content": ["Hi", {"type": "image_url", "image_url": {}}]}],
        "messages[1].content[1].image_url.url",
        "is missing",
    ),
    ([{"role": "user", "content": "Hi", "name": 5}], "messages[0].name", "must be a string, not int"),
    ([{"role": "user", "content": "Hi", "metadata": "x"}], "messages[0].metadata", "must be an object, not str"),
    ([{"role": "user", "content": "Hi", "cache_control": True}], "messages[0].cache_control", "must be an object, not bool"),
    ([{"role": "user", "content": "Hi", "refusal": 5}], "messages[0].refusal", "must be a string, not int"),
    ([{"role": "user", "content": "Hi", "reasoning": 5}], "messages[0].reasoning", "must be a string, not int"),
    (
        [{"role": "user", "content": "Hi", "reasoning_details": "x"}],
        "messages[0].reasoning_details",
        "must be a list or an object, not str",
    ),
    ([{"role": "tool", "content": "18"}], "messages[0].tool_call_id", "is missing; a tool message names the call that it answers"),
    ([Message(role="tool", content="18")], "messages[0].tool_call_id", "is missing"),
    ([{"role": "tool", "content": "18", "tool_call_id": 5}], "messages[0].tool_call_id", "must be a string, not int"),
    (
        [{"role": "tool", "tool_call_id": "1", "content": [{"type": "tool_use", "id": "1", "name": "f"}]}],
        "messages[0].content[0]",
        "is a tool call",
    ),
    ([{"role": "assistant", "tool_calls": 5}], "messages[0].tool_calls", "must be a list of calls, not int"),
    ([{"role": "assistant", "tool_calls": WIRE}], "messages[0].tool_calls", "must be a list of calls, not dict"),
    ([{"role": "assistant", "tool_calls": [5]}], "messages[0].tool_calls[0]", "must be a ToolCall or a mapping, not int"),
    ([{"role": "assistant", "tool_calls": [{}]}], "messages[0].tool_calls[0].name", "is missing"),
    (
        [{"role": "assistant", "tool_calls": [{"name": "f", "argument": {}}]}],
        "messages[0].tool_calls[0].argument",
        "is unknown; did you mean",
    ),
    (
        [{"role": "assistant", "tool_calls": [{"function": 5}]}],
        "messages[0].tool_calls[0].function",
        "must be an object with name and arguments, not int",
    ),
    ([{"role": "assistant", "tool_calls": [{"function": {}}]}], "messages[0].tool_calls[0].function.name", "is missing"),
    ([{"role": "assistant", "tool_calls": [{"custom": {"name": ""}}]}], "messages[0].tool_calls[0].custom.name", "is missing"),
    (
        [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": 5}}]}],
        "messages[0].tool_calls[0].function.arguments",
        "must be JSON text or an object, not int",
    ),
    (
        [{"role": "assistant", "tool_calls": [{"id": 5, "function": {"name": "f"}}]}],
        "messages[0].tool_calls[0].id",
        "must be a string, not int",
    ),
    ([{"role": "assistant", "function_call": 5}], "messages[0].function_call", "must be an object with name and arguments, not int"),
    ([Message(role="assistant", tool_calls=[ToolCall(id={}, name="f")])], "messages[0].tool_calls[0].id", "must be a string, not dict"),  # type: ignore[arg-type]
    ([Message(role="user", content="Hi", name=5)], "messages[0].name", "must be a string, not int"),  # type: ignore[arg-type]
    ([Message(role="user", content="Hi", metadata=[])], "messages[0].metadata", "must be an object, not list"),  # type: ignore[arg-type]
    ([Message(role="user", content="Hi", tool_calls={})], "messages[0].tool_calls", "must be a list of calls, not dict"),  # type: ignore[arg-type]
    ([Message(role="user", content=[ImagePart(url=5)])], "messages[0].content[0].url", "must be a string or null, not int"),  # type: ignore[arg-type]
    ([{"type": "function_call", "name": "f", "arguments": ""}], "messages[0].call_id", "is missing"),
    ([{"type": "function_call", "call_id": "1", "name": "f"}], "messages[0].arguments", "is missing"),
    ([{"type": "function_call_output", "call_id": "1", "output": 5}], "messages[0].output", "must be a string or a list of parts, not int"),
    ([{"type": "reasoning", "summary": 5}], "messages[0].summary", "must be a list of objects with a text, not int"),
    ([{"type": "reasoning", "summary": ["x"]}], "messages[0].summary", "must be a list of objects with a text, not list"),
    ([{"type": "reasoning", "summary": [{}]}], "messages[0].summary[0].text", "is missing"),
    ([{"type": "reasoning", "id": 5}], "messages[0].id", "must be a string, not int"),
]


@pytest.mark.parametrize("written, path, said", FAULTS)
def test_tells_faults_by_path(written: Any, path: str, said: str) -> None:
    """The place and what is wrong there, before anything is sent."""
    with pytest.raises(InvalidMessageError) as caught:
        normalise_messages(written)
    assert caught.value.path == path
    assert f"{path} {said}" in caught.value.message
