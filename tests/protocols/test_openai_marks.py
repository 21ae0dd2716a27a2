"""Cache breakpoints in both of OpenAI's wire formats, for the models that know them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from llmring._core.normalise import normalise
from llmring._core.request import NormalRequest
from llmring._gen.message import ImagePart, Message, OpaquePart, TextPart, ToolResultPart
from llmring._gen.providers import PROVIDERS

QUIRKS = PROVIDERS["openai"]["quirks"]
MARK: dict[str, Any] = {"type": "ephemeral", "ttl": "1h"}
META: dict[str, Any] = {"cache_control": MARK}
SET: dict[str, Any] = {"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}
CHAT, RESPONSES = "openai_chat", "openai_responses"


def turns(protocol: str, *messages: Any, model: str = "gpt-5.6-sol") -> list[Any]:
    """Encode *messages* for a *model* of OpenAI's."""
    request = NormalRequest(messages=messages, quirks=QUIRKS)
    return import_module(f"llmring.protocols.{protocol}").encode(request, model).body["messages" if protocol == CHAT else "input"]


@pytest.mark.parametrize("protocol, kind", [(CHAT, "text"), (RESPONSES, "input_text")])
def test_a_marked_message_ends_in_a_breakpoint(protocol: str, kind: str) -> None:
    """Its text becomes a part, for only parts can have one; of several parts it is the last."""
    system = Message(role="system", content="S", metadata=META)
    user = Message(role="user", content=[TextPart(text="A"), TextPart(text="B")], metadata=META)
    found = turns(protocol, system, user, Message(role="user", content="C"))
    assert found == [
        {"role": "system", "content": [{"type": kind, "text": "S", **SET}]},
        {"role": "user", "content": [{"type": kind, "text": "A"}, {"type": kind, "text": "B", **SET}]},
        {"role": "user", "content": "C"},
    ]


@pytest.mark.parametrize("protocol", [CHAT, RESPONSES])
def test_marked_parts_have_breakpoints(protocol: str) -> None:
    """Text and attachments."""
    parts = [TextPart(text="A", cache_control=MARK), ImagePart(url="https://a/b.png", cache_control=MARK), TextPart(text="B")]
    (found,) = turns(protocol, Message(role="user", content=[*parts]))
    assert [part.get("prompt_cache_breakpoint") for part in found["content"]] == [SET["prompt_cache_breakpoint"]] * 2 + [None]


@pytest.mark.parametrize("protocol", [CHAT, RESPONSES])
@pytest.mark.parametrize(
    "model, known", [("gpt-5.6", True), ("gpt-6-mini", True), ("openai/gpt-5.7", True), ("gpt-5.4-mini", False), ("o3", False)]
)
def test_older_models_know_none(protocol: str, model: str, *, known: bool) -> None:
    """They cache by themselves, and refuse what they do not know."""
    marked = Message(role="user", content=[TextPart(text="A", cache_control=MARK)], metadata=META)
    assert ("prompt_cache_breakpoint" in str(turns(protocol, marked, model=model))) is known


@pytest.mark.parametrize("protocol", [CHAT, RESPONSES])
def test_answers_take_none(protocol: str) -> None:
    """What a model said has no place for one."""
    user = Message(role="user", content="A")
    found = turns(
        protocol, user, Message(role="assistant", content="B", metadata=META), Message(role="assistant", content="", metadata=META)
    )
    assert "prompt_cache_breakpoint" not in str(found)


def test_results_of_tools_take_them() -> None:
    """In Responses their text becomes a part; native items stay as they are."""
    marked = Message(role="tool", tool_call_id="a", content="1", metadata=META)
    inside = ToolResultPart(tool_call_id="b", content=[TextPart(text="2", cache_control=MARK)])
    plain = ToolResultPart(tool_call_id="c", content=[TextPart(text="3")])
    native = OpaquePart(protocol=RESPONSES, data={"type": "item_reference", "id": "x"})
    assert turns(RESPONSES, marked, Message(role="user", content=[inside, plain, native])) == [
        {"type": "function_call_output", "call_id": "a", "output": [{"type": "input_text", "text": "1", **SET}]},
        {"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "2", **SET}]},
        {"type": "function_call_output", "call_id": "c", "output": "3"},
        {"type": "item_reference", "id": "x"},
    ]
    assert turns(RESPONSES, Message(role="user", content=[], metadata=META)) == []


def test_breakpoints_are_understood_as_openai_writes_them() -> None:
    """And reach every provider in its own words."""
    written: list[Any] = [
        {"type": "text", "text": "A", "prompt_cache_breakpoint": {"mode": "explicit"}},
        {"type": "image_url", "image_url": {"url": "https://a/b.png"}, "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
        {"type": "text", "text": "B", "prompt_cache_breakpoint": None},
    ]
    request = normalise([{"role": "user", "content": written}], {}, None)
    told = import_module("llmring.protocols.anthropic_messages").encode(request, "m").body["messages"][0]["content"]
    assert [part.get("cache_control") for part in told] == [{"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}, None]


@pytest.mark.parametrize("protocol", [CHAT, RESPONSES])
def test_the_request_as_a_whole(protocol: str) -> None:
    """A key and a time stand beside the prompt."""
    request = NormalRequest(messages=(Message(role="user", content="A"),), options={"cache": {"key": "k", "ttl": "1h"}}, quirks=QUIRKS)
    told = import_module(f"llmring.protocols.{protocol}").encode(request, "gpt-5.4-mini").body
    assert (told["prompt_cache_key"], told["prompt_cache_retention"]) == ("k", "24h")


def test_google_by_name() -> None:
    """What was cached before stands beside the prompt."""
    request = NormalRequest(messages=(Message(role="user", content="A"),), options={"cache": {"name": "cachedContents/a"}})
    assert import_module("llmring.protocols.gemini_generate").encode(request, "m").body["cachedContent"] == "cachedContents/a"
