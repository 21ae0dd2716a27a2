"""What OpenAI and compatible servers really sent by the Responses API decodes exactly, and goes back as it came."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from llmring._core.http import HttpReply
from llmring._core.request import NormalRequest
from llmring._gen.message import Message
from llmring.protocols import openai_responses
from llmring.protocols.framing import decoder, frame
from tests.protocols.wire import Exchange, cases, cut, differences, replay

pytestmark = pytest.mark.conformance

EXCHANGES: Final = [*cases("openai", "responses"), *cases("openai_compatible", "responses")]
ANSWERS: Final = [exchange for exchange in EXCHANGES if not exchange.failed]
STREAMS: Final = [exchange for exchange in EXCHANGES if exchange.framing]
USER: Final = Message(role="user", content="Hi")


def test_recordings_are_read() -> None:
    """There is something to check: answers, streams and errors."""
    assert len(EXCHANGES) >= 76
    assert len(STREAMS) >= 20
    assert any(exchange.failed for exchange in EXCHANGES)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_decodes(exchange: Exchange) -> None:
    """Text, thoughts, calls, usage, reason or error are those recorded."""
    outcome = replay(openai_responses, exchange)
    assert differences(exchange, outcome) == []
    assert outcome.error is not None or outcome.ended


@pytest.mark.parametrize("exchange", STREAMS, ids=str)
def test_cutting_changes_nothing(exchange: Exchange) -> None:
    """Bytes cut anywhere give the same events."""
    wanted = replay(openai_responses, exchange)
    for seed, longest in ((1, 3), (2, 60), (3, 4000)):
        assert replay(openai_responses, exchange, cut(exchange.body, seed, longest)) == wanted


@pytest.mark.parametrize("exchange", STREAMS, ids=str)
def test_a_stream_says_what_its_last_event_says(exchange: Exchange) -> None:
    """The whole response at the end, decoded alone, is the response that was streamed."""
    whole = HttpReply(200, {}, json.dumps(last(exchange)).encode())
    assert replay(openai_responses, exchange).response == openai_responses.decode(whole)


@pytest.mark.parametrize("exchange", ANSWERS, ids=str)
def test_answers_survive_their_plain_form(exchange: Exchange) -> None:
    """A message is rebuilt from its plain form with all that is opaque in it."""
    response = replay(openai_responses, exchange).response
    assert response is not None
    assert response.message is not None
    assert Message.from_dict(response.message.to_dict()) == response.message


@pytest.mark.parametrize("exchange", ANSWERS, ids=str)
def test_answers_go_back_as_they_came(exchange: Exchange) -> None:
    """Words, calls and native items are among the next request's, in their order; thoughts that nothing follows stay here."""
    response = replay(openai_responses, exchange).response
    assert response is not None
    assert response.message is not None
    call = openai_responses.encode(NormalRequest(messages=(USER, response.message, USER)), "m")
    assert isinstance(call.body, dict)
    told = [item for item in last(exchange)["output"] if item["type"] != "message" or words(item)]
    while told and told[-1]["type"] == "reasoning":
        told.pop()
    assert said(call.body["input"][1:-1]) == said(told)


def said(items: list[dict[str, Any]]) -> list[Any]:
    """Give what *items* say: texts, calls without their ids, and all others as they are."""
    told: list[Any] = []
    for item in items:
        if item.get("role") == "assistant":
            if told and isinstance(told[-1], str):
                told[-1] += words(item)
            else:
                told.append(words(item))
        elif item["type"] in {"function_call", "custom_tool_call"}:
            told.append({key: value for key, value in item.items() if key not in {"id", "status"}})
        else:
            told.append(item)
    return told


def words(item: dict[str, Any]) -> str:
    """Give the text of a message."""
    content = item["content"]
    return content if isinstance(content, str) else "".join(part.get("text") or part.get("refusal") for part in content)


@pytest.mark.parametrize("exchange", ANSWERS, ids=str)
def test_ids_go_back_together(exchange: Exchange) -> None:
    """Where a thought goes back with its id, so do the messages and calls after it; else none of them does."""
    response = replay(openai_responses, exchange).response
    assert response is not None
    assert response.message is not None
    call = openai_responses.encode(NormalRequest(messages=(USER, response.message, USER)), "m")
    assert isinstance(call.body, dict)
    items = call.body["input"][1:-1]
    thoughts = [at for at, item in enumerate(items) if item.get("type") == "reasoning"]
    for at, item in enumerate(items):
        if item.get("role") == "assistant" or item.get("type") == "function_call":
            assert ("id" in item) == any(place < at for place in thoughts) or item.get("type") == "message"


def last(exchange: Exchange) -> dict[str, Any]:
    """Give the whole response, in a stream that of its last event."""
    if exchange.framing is None:
        return json.loads(exchange.body)
    cutter = decoder("sse")
    frames = [frame(payload) for payload in (*cutter.feed(exchange.body), *cutter.flush())]
    return next(each["response"] for each in reversed(frames) if each is not None)
