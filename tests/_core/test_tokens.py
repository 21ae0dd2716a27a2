"""Estimates count everything that a prompt holds, roughly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmring._core.request import NormalRequest
from llmring._core.tokens import A_MESSAGE, AN_ATTACHMENT, estimate
from llmring._gen.message import DocumentPart, ImagePart, Message, ReasoningPart, RefusalPart, TextPart, ToolResultPart
from llmring._gen.tool import Tool, ToolCall

if TYPE_CHECKING:
    from llmring._gen.message import Part

TEXT = "x" * 400
PARTS: list[tuple[Part, int]] = [
    (TextPart(text=TEXT), 100),
    (ReasoningPart(text=TEXT), 100),
    (RefusalPart(refusal=TEXT), 100),
    (DocumentPart(text=TEXT), 100),
    (DocumentPart(data=b"%PDF"), AN_ATTACHMENT),
    (ImagePart(url="https://example.org/a.png"), AN_ATTACHMENT),
    (ToolResultPart(tool_call_id="1", content=TEXT), 100),
    (ToolResultPart(tool_call_id="1", content=[TextPart(text=TEXT), ImagePart(data=b"x")]), 100 + AN_ATTACHMENT),
]


@pytest.mark.parametrize("part, tokens", PARTS, ids=range(len(PARTS)))
def test_counts_every_kind_of_part(part: Part, tokens: int) -> None:
    """Text by its length, anything else by a flat guess."""
    request = NormalRequest(messages=(Message(role="user", content=[part]),))
    assert estimate(request) == A_MESSAGE + tokens


def test_counts_messages_calls_and_tools() -> None:
    """A message has its frame, a call its name and arguments, a tool its schema."""
    call = ToolCall(id="1", name="weather", arguments={"city": "Lisbon"})
    turns = (Message(role="user", content=TEXT), Message(role="assistant", tool_calls=[call]))
    plain = estimate(NormalRequest(messages=turns[:1]))
    assert plain == A_MESSAGE + 100
    called = estimate(NormalRequest(messages=turns))
    assert called == plain + A_MESSAGE + A_MESSAGE + 2 + 5
    tool = Tool(name="weather", description=TEXT, parameters={"type": "object"})
    assert estimate(NormalRequest(messages=turns, tools=(tool,))) >= called + 100
    assert estimate(NormalRequest(messages=turns, tools=(Tool(type="web_search"),))) > called
