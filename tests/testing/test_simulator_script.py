"""A scripted assistant: what it says and calls follows from how often it has spoken, by every wire format."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from llmring import LLMRing
from llmring.testing.simulator import Simulator
from llmring.testing.simulator.script import Turn, read_script
from tests.rings import MODELS, settings

SCRIPT: list[Any] = [
    {"calls": [{"name": "add", "arguments": {"first": 2, "second": 3}}, {"name": "add", "arguments": {"first": 5, "second": 8}}]},
    {"calls": [{"name": "forbidden"}]},
    "The sums are 5 and 13.",
    "You are welcome.",
]


def add(first: int, second: int) -> int:
    """Add two numbers."""
    return first + second


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_a_conversation_follows_its_script(model: str) -> None:
    """Several calls at once, a call of what is not offered, texts in between; then the assistant speaks for itself."""
    with Simulator(script=SCRIPT) as simulator, LLMRing(**settings(simulator)) as ring:
        messages: list[Any] = [{"role": "user", "content": "Add these."}]
        first = ring.run_tools(model, messages, tools=[add])
        called = [[(call.name, call.arguments) for call in turn.tool_calls] for turn in first.turns if turn.tool_calls]
        messages += [*first.turns, {"role": "user", "content": "Thanks!"}]
        second = ring.chat(model, messages)
        messages += [second.message, {"role": "user", "content": "Bye."}]
        third = ring.chat(model, messages)
    assert called == [[("add", {"first": 2, "second": 3}), ("add", {"first": 5, "second": 8})], [("forbidden", {})]]
    assert (first.content, second.content) == ("The sums are 5 and 13.", "You are welcome.")
    assert "Bye" in third.content


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_a_script_may_come_with_the_model(model: str) -> None:
    """It goes before that of the simulator."""
    with Simulator(script=["No."]) as simulator, LLMRing(**settings(simulator)) as ring:
        assert ring.chat(f"{model}+script={quote(json.dumps(['Yes, you + I.']))}", "Well?").content == "Yes, you + I."


WRONG: list[tuple[Any, str]] = [
    ("[", "no JSON"),
    ("{}", "not a list of turns"),
    ([1], 'turn 0 is not "a text", or'),
    (["a", {"calls": []}], "turn 1 is not"),
    ([{"calls": [{"arguments": {}}]}], "call 0 of turn 0 has no name"),
    ([{"calls": [{"name": "a", "arguments": []}]}], "or arguments that are no object"),
]


@pytest.mark.parametrize("script, fault", WRONG)
def test_what_is_no_script_is_refused(script: Any, fault: str) -> None:
    """Saying which turn is wrong."""
    with pytest.raises(ValueError, match=fault):
        read_script(script)


def test_a_wrong_script_of_a_request_has_status_400() -> None:
    """As every wrong setting."""
    with Simulator() as simulator:
        body = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "Hi"}]}
        headers = {"authorization": "Bearer any", "x-simulate": "script=[1]"}
        reply = httpx2.post(f"{simulator.url}/v1/chat/completions", json=body, headers=headers)
    assert reply.status_code == 400
    assert "x-simulate: script: turn 0 is not" in reply.text


def test_a_script_is_read_from_a_list_or_from_json() -> None:
    """Both mean the same."""
    assert read_script(SCRIPT) == read_script(json.dumps(SCRIPT))
    assert read_script(["a"]) == (Turn("a"),)
