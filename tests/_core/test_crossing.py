"""Conversations that go from one wire format to another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.crossing import cross, warning
from llmring._core.fit import Target, fit
from llmring._core.request import NormalRequest
from llmring._gen.message import ImagePart, Message, OpaquePart, Part, ReasoningPart, TextPart
from llmring._gen.tool import ToolCall
from tests.models import model

PROTOCOLS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "ollama_chat")
HI = Message(role="user", content="Hi")


def crossed(message: Message, protocol: str, **quirks: Any) -> tuple[Message | None, tuple[str, ...]]:
    """Cross one message."""
    messages, lost = cross((HI, message), protocol, quirks)
    assert messages[0] is HI
    return (messages[1] if len(messages) > 1 else None), lost


@pytest.mark.parametrize("source", PROTOCOLS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_thoughts_and_blocks_are_for_who_minted_them(source: str, protocol: str) -> None:
    """They stay as they are there, and are left out elsewhere."""
    parts: list[Part] = [
        ReasoningPart(text="Hm.", signature="abc", protocol=source),
        OpaquePart(protocol=source, data={"type": "web_search_call", "id": "1"}),
        TextPart(text="Yes."),
    ]
    turn = Message(role="assistant", content=parts)
    seen, lost = crossed(turn, protocol)
    if source == protocol:
        assert seen is turn
        assert lost == ()
    else:
        assert seen == Message(role="assistant", content=[TextPart(text="Yes.")])
        assert lost == ("thoughts", "web_search_call blocks")


def test_nothing_left_is_no_message() -> None:
    """But calls are something."""
    thought = ReasoningPart(text="Hm.", protocol="anthropic_messages")
    assert crossed(Message(role="assistant", content=[thought]), "openai_chat") == (None, ("thoughts",))
    seen, _ = crossed(Message(role="assistant", content=[thought], tool_calls=[ToolCall(id="1", name="f", at=1)]), "openai_chat")
    assert seen == Message(role="assistant", content=None, tool_calls=[ToolCall(id="1", name="f", at=0)])


def test_thoughts_of_nobody_stay() -> None:
    """What a caller wrote is no secret of a provider's; an empty list is a list."""
    for turn in (Message(role="assistant", content=[ReasoningPart(text="Hm.")]), Message(role="user", content=[])):
        assert crossed(turn, "openai_chat") == (turn, ())


def test_ids_are_not_missed() -> None:
    """What only labels a message goes without a word."""
    label = OpaquePart(protocol="openai_responses", data={"type": "message", "id": "msg_1"})
    seen, lost = crossed(Message(role="assistant", content=[TextPart(text="Yes."), label]), "ollama_chat")
    assert seen == Message(role="assistant", content=[TextPart(text="Yes.")])
    assert lost == ()
    assert crossed(Message(role="user", content=[OpaquePart(protocol="x", data={"type": 1})]), "ollama_chat")[1] == ("opaque blocks",)


@pytest.mark.parametrize(
    "signature, protocol, quirks, kept",
    [
        ("c2ln", "gemini_generate", {}, True),
        ("c2ln", "openai_chat", {"thought_signatures": True}, True),
        ("c2ln", "openai_chat", {}, False),
        ("c2ln", "anthropic_messages", {}, False),
        ('{"caller": {}}', "anthropic_messages", {}, True),
        ('{"caller": {}}', "gemini_generate", {}, False),
        ('{"caller": {}}', "openai_chat", {"thought_signatures": True}, False),
    ],
)
def test_calls_are_signed_for_who_signed(signature: str, protocol: str, quirks: dict[str, Any], kept: bool) -> None:  # noqa: FBT001
    """No signature leaks."""
    turn = Message(role="assistant", tool_calls=[ToolCall(id="1", name="f", signature=signature)])
    seen, lost = crossed(turn, protocol, **quirks)
    assert seen is not None
    assert seen.tool_calls[0].signature == (signature if kept else None)
    assert lost == (() if kept else ("signatures",))
    assert (seen is turn) is kept


def test_signed_parts_lose_their_signatures_alone() -> None:
    """Text and pictures are for everybody."""
    turn = Message(role="assistant", content=[TextPart(text="a", signature="s"), ImagePart(data=b"x", signature="s")])
    assert crossed(turn, "gemini_generate") == (turn, ())
    assert crossed(turn, "openai_chat") == (Message(role="assistant", content=[TextPart(text="a"), ImagePart(data=b"x")]), ("signatures",))


@given(st.lists(model(Message), max_size=3).map(tuple), st.sampled_from(PROTOCOLS), st.booleans())
def test_crossing_twice_changes_nothing(messages: tuple[Message, ...], protocol: str, quirk: bool) -> None:  # noqa: FBT001
    """What has crossed is at home."""
    once, _ = cross(messages, protocol, {"thought_signatures": quirk})
    again, lost = cross(once, protocol, {"thought_signatures": quirk})
    assert again is once
    assert lost == ()


def test_one_warning() -> None:
    """However much is left out."""
    parts: list[Part] = [ReasoningPart(text="Hm.", protocol="anthropic_messages"), TextPart(text="a", signature="s")]
    asked = NormalRequest(messages=(HI, Message(role="assistant", content=parts), Message(role="assistant", content=parts)))
    fitted = fit(asked, Target(name="p:m", protocol="openai_chat", capabilities={}))
    assert fitted.warnings == ("p:m was not shown thoughts and signatures of earlier answers, which only their own provider understands",)
    assert warning("p:m", ("a", "b", "c")).startswith("p:m was not shown a, b and c of")
    assert warning("p:m", ("a",)).startswith("p:m was not shown a of")
