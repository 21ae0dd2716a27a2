"""Conversations in every style, each as the messages that it means."""

from __future__ import annotations

from collections import UserDict, UserList
from types import MappingProxyType
from typing import Any

import attrs
import pytest

from llmring._core.normalise import normalise_messages
from llmring._gen.message import ImagePart, Message, OpaquePart, ReasoningPart, RefusalPart, TextPart, ToolResultPart
from llmring._gen.tool import ToolCall

HI = Message(role="user", content="Hi")
CALL = ToolCall(id="1", name="f", arguments={"a": 1})
WIRE = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
CALLS = Message(role="assistant", tool_calls=[CALL])
ANSWER = Message(role="tool", content="18", tool_call_id="1", name="f")
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "e"}
SEARCHED = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
MARK = {"type": "ephemeral"}

STYLES: list[tuple[str, Any, list[Message]]] = [
    ("one string", "Hi", [HI]),
    (
        "plain mappings",
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        [Message(role="system", content="Be brief."), HI],
    ),
    ("messages", [HI], [HI]),
    ("a tuple", (HI,), [HI]),
    ("other mappings", UserList([UserDict(role="user", content="Hi"), MappingProxyType({"role": "user", "content": "Hi"})]), [HI, HI]),
    (
        "every field",
        [{"role": "user", "content": "Hi", "name": "Ann", "metadata": {"a": 1}}],
        [Message(role="user", content="Hi", name="Ann", metadata={"a": 1})],
    ),
    ("nulls", [{"role": "user", "content": "Hi", "name": None, "tool_calls": None, "nothing": None}], [HI]),
    ("no content", [{"role": "assistant"}], [Message(role="assistant")]),
    (
        "one part",
        [{"role": "user", "content": {"type": "image_url", "image_url": {"url": "u"}}}],
        [Message(role="user", content=[ImagePart(url="u")])],
    ),
    ("one part of ours", [{"role": "user", "content": TextPart(text="Hi")}], [Message(role="user", content=[TextPart(text="Hi")])]),
    (
        "a message with mappings",
        [Message(role="user", content=[{"type": "text", "text": "Hi"}])],
        [Message(role="user", content=[TextPart(text="Hi")])],
    ),
    (
        "a marked message",
        [{"role": "user", "content": "Hi", "cache_control": MARK}],
        [Message(role="user", content="Hi", metadata={"cache_control": MARK})],
    ),
    (
        "a mark beside metadata",
        [{"role": "user", "content": "Hi", "metadata": {"a": 1}, "cache_control": MARK}],
        [Message(role="user", content="Hi", metadata={"a": 1, "cache_control": MARK})],
    ),
    (
        "OpenAI's calls",
        [
            {"role": "assistant", "content": None, "tool_calls": [WIRE], "refusal": None, "annotations": [], "audio": None},
            {"role": "tool", "tool_call_id": "1", "content": "18"},
        ],
        [CALLS, ANSWER],
    ),
    ("our calls", [CALLS, Message(role="tool", content="18", tool_call_id="1")], [CALLS, ANSWER]),
    (
        "our calls, plain",
        [{"role": "assistant", "tool_calls": [CALL.to_dict()]}, {"role": "tool", "tool_call_id": "1", "content": "18"}],
        [CALLS, ANSWER],
    ),
    (
        "parts of a result",
        [CALLS, {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "18"}]}],
        [CALLS, attrs.evolve(ANSWER, content=[TextPart(text="18")])],
    ),
    (
        "a result without its call",
        [{"role": "tool", "tool_call_id": "2", "content": "18"}],
        [Message(role="tool", content="18", tool_call_id="2")],
    ),
    (
        "a named result",
        [CALLS, {"role": "tool", "tool_call_id": "1", "content": "18", "name": "g"}],
        [CALLS, attrs.evolve(ANSWER, name="g")],
    ),
    (
        "arguments as an object",
        [{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": {"a": 1}}}]}],
        [CALLS],
    ),
    (
        "no arguments",
        [{"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}],
        [Message(role="assistant", tool_calls=[ToolCall(name="f")])],
    ),
    (
        "a custom call",
        [{"role": "assistant", "tool_calls": [{"id": "1", "type": "custom", "custom": {"name": "f", "input": "x"}}]}],
        [Message(role="assistant", tool_calls=[ToolCall(id="1", name="f", arguments="x", kind="custom")])],
    ),
    (
        "OpenAI's early days",
        [
            HI,
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": '{"a": 1}'}},
            {"role": "function", "name": "f", "content": "18"},
        ],
        [HI, Message(role="assistant", tool_calls=[attrs.evolve(CALL, id="call_1")]), attrs.evolve(ANSWER, tool_call_id="call_1")],
    ),
    (
        "a refusal",
        [{"role": "assistant", "content": "Well,", "refusal": "no"}],
        [Message(role="assistant", content=[TextPart(text="Well,"), RefusalPart(refusal="no")])],
    ),
    (
        "reasoning beside content",
        [{"role": "assistant", "content": "Hi", "reasoning_content": "hm"}],
        [
            Message(
                role="assistant",
                content=[ReasoningPart(text="hm", protocol="openai_chat", native={"reasoning_content": None}), TextPart(text="Hi")],
            )
        ],
    ),
    (
        "reasoning under two names",
        [{"role": "assistant", "content": "", "reasoning": "b", "reasoning_content": "a", "reasoning_details": [{}]}],
        [
            Message(
                role="assistant",
                content=[
                    ReasoningPart(
                        text="a", protocol="openai_chat", native={"reasoning_content": None, "reasoning": "b", "reasoning_details": [{}]}
                    )
                ],
            )
        ],
    ),
    (
        "Anthropic's calls",
        [
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}},
                    {"type": "text", "text": "And?"},
                ],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "18"}, {"type": "text", "text": "So?"}]},
        ],
        [
            Message(
                role="assistant", content=[TextPart(text="Let me look."), TextPart(text="And?")], tool_calls=[attrs.evolve(CALL, at=1)]
            ),
            Message(role="user", content=[ToolResultPart(tool_call_id="1", content="18", name="f"), TextPart(text="So?")]),
        ],
    ),
    (
        "a call that follows all parts",
        [
            {
                "role": "assistant",
                "content": [{"type": "text", "text": "Hm"}, {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}}],
            }
        ],
        [Message(role="assistant", content=[TextPart(text="Hm")], tool_calls=[CALL])],
    ),
    (
        "an Anthropic result without its call",
        [CALLS, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "2", "content": ""}]}],
        [CALLS, Message(role="user", content=[ToolResultPart(tool_call_id="2")])],
    ),
    (
        "items of Responses",
        [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            THOUGHT,
            SEARCHED,
            {
                "type": "message",
                "role": "assistant",
                "id": "m",
                "status": "completed",
                "content": [{"type": "output_text", "text": "Look:"}],
            },
            {"type": "function_call", "call_id": "1", "id": "fc_1", "name": "f", "arguments": '{"a": 1}', "status": "completed"},
            {"type": "custom_tool_call", "call_id": "2", "name": "g", "input": "x"},
            {"type": "function_call_output", "call_id": "1", "output": "18"},
            {"type": "custom_tool_call_output", "call_id": "2", "output": [{"type": "input_text", "text": "y"}]},
            {"type": "message", "role": "assistant", "content": "Done."},
        ],
        [
            Message(role="user", content=[TextPart(text="Hi")]),
            Message(
                role="assistant",
                content=[
                    ReasoningPart(text="hm", data="e", id="rs_1", protocol="openai_responses", native=THOUGHT),
                    OpaquePart(protocol="openai_responses", data=SEARCHED),
                    TextPart(text="Look:"),
                ],
                tool_calls=[attrs.evolve(CALL, item_id="fc_1"), ToolCall(id="2", name="g", arguments="x", kind="custom")],
            ),
            ANSWER,
            Message(role="tool", content=[TextPart(text="y")], tool_call_id="2", name="g"),
            Message(role="assistant", content="Done."),
        ],
    ),
    (
        "a call before a text",
        [
            {"type": "function_call", "call_id": "1", "name": "f", "arguments": '{"a": 1}'},
            {"type": "message", "role": "assistant", "content": "Wait."},
        ],
        [Message(role="assistant", content=[TextPart(text="Wait.")], tool_calls=[attrs.evolve(CALL, at=0)])],
    ),
    (
        "calls alone",
        [{"type": "function_call", "call_id": str(n), "name": "f", "arguments": ""} for n in (1, 2)],
        [Message(role="assistant", tool_calls=[ToolCall(id="1", name="f"), ToolCall(id="2", name="f")])],
    ),
    (
        "thoughts in full",
        [{"type": "reasoning", "content": [{"type": "reasoning_text", "text": "hm"}]}],
        [
            Message(
                role="assistant",
                content=[
                    ReasoningPart(
                        text="hm",
                        protocol="openai_responses",
                        native={"type": "reasoning", "content": [{"type": "reasoning_text", "text": "hm"}]},
                    )
                ],
            )
        ],
    ),
]


@pytest.mark.parametrize("written, meant", [style[1:] for style in STYLES], ids=[style[0] for style in STYLES])
def test_understands(written: Any, meant: list[Message]) -> None:
    """Ours, OpenAI's, chat and Responses, and Anthropic's; what is understood once is understood again as it is."""
    turns = normalise_messages(written)
    assert turns == tuple(meant)
    assert normalise_messages(turns) == turns


def test_takes_normal_messages_as_they_are() -> None:
    """Without making them again."""
    turns = [HI, Message(role="assistant", content="Ho"), Message(role="user", content=None, name="Ann", metadata={})]
    assert all(given is taken for given, taken in zip(turns, normalise_messages(turns), strict=True))
