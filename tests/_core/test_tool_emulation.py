"""Tools become words for models that have none, and calls are read from what these write, however it is cut."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.fit import Target, fit
from llmring._core.request import NormalRequest
from llmring._core.tool_emulation import CLOSE, OPEN, in_words, needs_words
from llmring._core.tool_reading import CallReader
from llmring._gen.message import ImagePart, Message, TextPart, ToolResultPart
from llmring._gen.tool import Tool, ToolCall
from llmring.exceptions import UnsupportedParameterError

HI = Message(role="user", content="Hi")
ADD = Tool(name="add", description="Add.", parameters={"type": "object", "properties": {"a": {"type": "integer"}}})
CALL = ToolCall(id="call_1", name="add", arguments={"a": 1})
WRITTEN = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'
IMAGE = ImagePart(data=b"\x89PNG")


def request(*messages: Message, **more: Any) -> NormalRequest:
    """Make a request."""
    return NormalRequest(messages=messages or (HI,), **more)


def told(*messages: Message) -> list[Message]:
    """Return *messages* in words."""
    return list(in_words(request(*messages)).messages)


# --- the tools ---------------------------------------------------------------------------------------


def words(**more: Any) -> str:
    """Return the instruction that a request with *more* begins with."""
    found = in_words(request(tools=(ADD, Tool(name="now")), **more))
    assert (found.tools, found.tool_choice, found.tool_name, found.options) == ((), None, None, {})
    assert isinstance(found.messages[0].content, str)
    return found.messages[0].content


def test_tools_in_words() -> None:
    """Every tool is told of with its schema, and how to call it."""
    said = words()
    assert '{"name": "add", "description": "Add.", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}' in said
    assert '{"name": "now", "parameters": {"type": "object", "properties": {}}}' in said
    assert "<tool_call>" in said
    assert "answer as usual" in said


def test_choice_in_words() -> None:
    """What must be called, and how much at once, is said too."""
    assert "call at least one tool" in words(tool_choice="required")
    assert "call the tool add" in words(tool_choice="function", tool_name="add")
    assert "one call at a time" in words(options={"parallel_tool_calls": False})
    assert "several such blocks" in words(options={"parallel_tool_calls": True})


def test_no_tools_in_words() -> None:
    """Tools that must not be called are not told of."""
    assert in_words(request(tools=(ADD,), tool_choice="none")).messages == (HI,)


def test_words_join_the_system() -> None:
    """A conversation has one system message, if its own is a text."""
    brief = Message(role="system", content="Be brief.")
    joined = in_words(request(brief, HI, tools=(ADD,))).messages
    assert [message.role for message in joined] == ["system", "user"]
    assert str(joined[0].content).startswith("Be brief.\n\nYou can call tools.")
    parts = Message(role="system", content=[TextPart(text="Be brief.")])
    assert [message.role for message in in_words(request(parts, HI, tools=(ADD,))).messages] == ["system", "system", "user"]


# --- the conversation --------------------------------------------------------------------------------


def test_calls_and_results_in_words() -> None:
    """A turn that called is as the model wrote it, and all results that follow are one turn of the user's."""
    failed = ToolResultPart(tool_call_id="call_2", name="add", content="no luck", is_error=True)
    turns = told(
        HI,
        Message(role="assistant", content="Let me see.", tool_calls=[CALL, CALL]),
        Message(role="tool", tool_call_id="call_1", name="add", content="3"),
        Message(role="tool", tool_call_id="call_2", name="add", content=[failed]),
        Message(role="assistant", content="3"),
        Message(role="assistant", tool_calls=[CALL]),
        Message(role="tool", tool_call_id="call_1", content="4"),
    )
    assert [turn.role for turn in turns] == ["user", "assistant", "user", "assistant", "assistant", "user"]
    assert turns[1] == Message(role="assistant", content=f"Let me see.\n{WRITTEN}\n{WRITTEN}")
    assert turns[2].content == (
        '<tool_response>\n{"name": "add", "content": "3"}\n</tool_response>\n'
        '<tool_response>\n{"name": "add", "error": "no luck"}\n</tool_response>'
    )
    assert turns[4].content == WRITTEN
    assert turns[5].content == '<tool_response>\n{"content": "4"}\n</tool_response>'


def test_parts_in_words() -> None:
    """What is no text stays as it is, after the text."""
    result = ToolResultPart(tool_call_id="call_1", name="look", content=[TextPart(text="See:"), IMAGE])
    response = TextPart(text='<tool_response>\n{"name": "look", "content": "See:"}\n</tool_response>')
    turns = told(
        Message(role="assistant", content=[TextPart(text="Hm.")], tool_calls=[ToolCall(name="add", arguments='{"a": ')]),
        Message(role="tool", tool_call_id="call_1", name="look", content=[TextPart(text="See:"), IMAGE]),
        HI,
        Message(role="user", content=[result, TextPart(text="So?")]),
        Message(role="tool", tool_call_id="call_1", content=[result, TextPart(text="So?")]),
    )
    assert turns[0].tool_calls == []
    broken = TextPart(text='<tool_call>\n{"name": "add", "arguments": "{\\"a\\": "}\n</tool_call>')
    assert turns[0].content == [TextPart(text="Hm."), broken]
    assert turns[1] == Message(role="user", content=[response, IMAGE])
    assert turns[2] is HI
    assert turns[3] == turns[4] == Message(role="user", content=[response, IMAGE, TextPart(text="So?")])


@pytest.mark.parametrize(
    "messages, tools, needed",
    [
        ((HI,), (), False),
        ((HI,), (Tool(type="web_search"),), False),
        ((HI,), (ADD,), True),
        ((HI, Message(role="assistant", tool_calls=[CALL])), (), True),
        ((Message(role="tool", tool_call_id="1", content="3"),), (), True),
        ((Message(role="user", content=[ToolResultPart(tool_call_id="1")]),), (), True),
        ((Message(role="user", content=[TextPart(text="Hi")]),), (), False),
    ],
)
def test_when_words_are_needed(messages: Any, tools: Any, needed: bool) -> None:  # noqa: FBT001
    """For tools of the caller's, and for turns that used some."""
    assert needs_words(request(*messages, tools=tools)) is needed


# --- what the model writes ---------------------------------------------------------------------------


def read(*pieces: str, first: int = 0) -> tuple[str, list[tuple[str, Any]]]:
    """Return the text and the calls that are read from *pieces*."""
    reader = CallReader(first)
    found = [each for piece in pieces for each in reader.read(piece)] + list(reader.end())
    calls = [each for each in found if isinstance(each, ToolCall)]
    assert [call.id for call in calls] == [f"call_{first + at}" for at in range(reader.calls)]
    return "".join(each for each in found if isinstance(each, str)), [(call.name, call.arguments) for call in calls]


ADDED = ("add", {"a": 1})
CASES: list[tuple[str, str, list[tuple[str, Any]]]] = [
    ("Just text.", "Just text.", []),
    ("  spaced \n", "  spaced \n", []),
    ("a < b and <tool", "a < b and <tool", []),
    (WRITTEN, "", [ADDED]),
    (f"Let me see.\n\n{WRITTEN}\n", "Let me see.", [ADDED]),
    (f"{WRITTEN}\n{WRITTEN}", "", [ADDED, ADDED]),
    (f"One.\n{WRITTEN}\nTwo.", "One.\n\nTwo.", [ADDED]),
    (WRITTEN.removesuffix("</tool_call>"), "", [ADDED]),
    ('<tool_call>```json\n{"name": "add", "parameters": {"a": 1}}\n```</tool_call>', "", [ADDED]),
    ('<tool_call>[{"name": "add", "arguments": {"a": 1}}, {"name": "now"}]</tool_call>', "", [ADDED, ("now", {})]),
    ('<tool_call>{"name": "add", "arguments": "{\\"a\\": 1}"}</tool_call>', "", [ADDED]),
    ('<tool_call>{"name": "add", "arguments": {"a": 1</tool_call>', "", [("add", None)]),
    ('<tool_call>{"name": "add", </tool_call>', "", [("add", None)]),
    ("<tool_call>what?</tool_call>", "<tool_call>what?</tool_call>", []),
    ("So: <tool_call>3</tool_call> it is.", "So: <tool_call>3</tool_call> it is.", []),
    ("<tool_call>[]</tool_call>", "<tool_call>[]</tool_call>", []),
    ('<tool_call>[3, {"name": "add"}]</tool_call>', '<tool_call>[3, {"name": "add"}]</tool_call>', []),
    ('<tool_call>{"name": 3}</tool_call>', '<tool_call>{"name": 3}</tool_call>', []),
    ('<tool_call>{"name": "add", "arguments": 3}</tool_call>', '<tool_call>{"name": "add", "arguments": 3}</tool_call>', []),
]


@pytest.mark.parametrize("text, said, calls", CASES)
def test_calls_are_read(text: str, said: str, calls: list[tuple[str, Any]]) -> None:
    """Calls are parted from the text; what only looks like one stays text, and a broken one keeps its name."""
    assert read(text) == (said, calls)


@given(st.sampled_from(CASES), st.lists(st.integers(0, 80), max_size=8), st.integers(0, 9))
def test_cutting_changes_nothing(case: tuple[str, str, list[tuple[str, Any]]], cuts: list[int], first: int) -> None:
    """The same is read from whatever pieces the text comes in."""
    text, said, calls = case
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    assert read(*(text[begin:end] for begin, end in pairwise(edges)), first=first) == (said, calls)


def test_text_is_told_at_once() -> None:
    """Only what may become a tag is kept back, and white space until more follows."""
    reader = CallReader()
    assert list(reader.read("Let me ")) == ["Let me"]
    assert list(reader.read("see <to")) == [" see"]
    assert list(reader.read("day>")) == [" <today>"]
    assert list(reader.end()) == []


# --- fitting -----------------------------------------------------------------------------------------


def test_a_model_without_tools() -> None:
    """It gets them in words, and the answer says so; hosted tools are the provider's business."""
    target = Target(name="p:m", protocol="openai_chat", capabilities={"tools": "emulated", "tool_choice": "unsupported"})
    past = Message(role="assistant", tool_calls=[CALL, CALL])
    asked = request(HI, past, tools=(ADD, Tool(type="web_search")), tool_choice="required", options={"parallel_tool_calls": False})
    fitted = fit(asked, target)
    assert fitted.first_call == 2
    assert fitted.warnings == ("p:m has no tools of its own; they were put into words",)
    assert [tool.type for tool in fitted.request.tools] == ["web_search"]
    assert fit(fitted.request, target).request is fitted.request
    assert fit(request(), target).first_call is None
    assert fit(asked, Target(name="p:m", protocol="openai_chat", capabilities={})).first_call is None


def test_tools_for_plain_text_cannot_be_put_into_words() -> None:
    """They are refused by their path."""
    target = Target(name="p:m", protocol="openai_chat", capabilities={"tools": "emulated"})
    asked = request(tools=(ADD, Tool(type="custom", name="sql")))
    with pytest.raises(UnsupportedParameterError) as caught:
        fit(asked, target)
    assert caught.value.path == "tools[1]"
    assert fit(asked, target, "drop").request.tools == ()


def test_a_call_that_is_never_closed_is_read_once() -> None:
    """What is known to hold no tag is not looked at again: it would take ever longer, piece by piece."""
    reader = CallReader()
    assert list(reader.read(f"{OPEN}{{")) == []
    for _ in range(100):
        assert list(reader.read("x" * 10_000)) == []
        assert len(reader._held) < len(CLOSE)
    assert list(reader.end()) == [f"{OPEN}{{{'x' * 1_000_000}"]


def test_a_tag_may_come_in_pieces() -> None:
    """Wherever it is cut, the end of a call is found, and what only looks like one is part of it."""
    text = f'{OPEN}{{"name": "look", "arguments": {{"a": "</tool_"}}}}{CLOSE}'
    for at in range(1, len(text)):
        reader = CallReader()
        (call,) = [*reader.read(text[:at]), *reader.read(text[at:]), *reader.end()]
        assert isinstance(call, ToolCall)
        assert call.arguments == {"a": "</tool_"}
