"""A run of tools can be read event by event, and comes to the same as one that is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring._core.timeouts import Timeout
from llmring.exceptions import BudgetExceededError, ProviderTimeoutError, RequestError, StreamInterruptedError, ToolError
from llmring.schemas import Finish, LLMRequest, TextDelta, Tool, ToolCall, ToolCallComplete, ToolResultEvent
from tests.rings import MODELS

if TYPE_CHECKING:
    from llmring._async.ring import AsyncLLMRing
    from llmring._gen.stream import RunEvent
    from llmring.testing.simulator import Simulator

EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
QUESTION = "What is the weather in Lisbon?"


@attrs.frozen
class Verdict:
    """A structured answer."""

    good: bool


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"clear in {city}"


def broken(city: str) -> str:
    """Break."""
    raise ValueError(city)


def kinds(events: list[RunEvent]) -> list[str]:
    """Return what happened, things that came in pieces once."""
    told = [event.type for event in events]
    return [kind for at, kind in enumerate(told) if at == 0 or told[at - 1] != kind]


@EVERY
async def test_the_events_of_all_rounds(ring: AsyncLLMRing, model: str) -> None:
    """The call comes, then its result, then the answer; each round has its end."""
    stream = ring.run_tools_stream(model, QUESTION, tools=[weather])
    events = [event async for event in stream]
    (result,) = [event for event in events if isinstance(event, ToolResultEvent)]
    (call,) = [event.tool_call for event in events if isinstance(event, ToolCallComplete)]
    assert (result.tool_call, result.is_error, result.delta) == (call, False, "")
    assert "clear in" in str(result.message.content)
    assert [kind for kind in kinds(events) if kind in {"tool_call", "finish", "tool_result"}] == [
        "tool_call",
        "finish",
        "tool_result",
        "finish",
    ]
    after = events[events.index(result) :]
    assert "".join(event.delta for event in after) == stream.response.content
    assert "clear" in stream.response.content


@EVERY
async def test_comes_to_the_sum_of_its_rounds(ring: AsyncLLMRing, model: str) -> None:
    """The response has the usage, cost, attempts and turns of all rounds, as if it had been waited for."""
    stream = ring.run_tools_stream(model, QUESTION, tools=[weather])
    assert [event async for event in stream]
    response = stream.response
    assert [turn.role for turn in response.turns] == ["assistant", "tool", "assistant"]
    assert response.turns[-1] == response.message
    assert [attempt.outcome for attempt in response.attempts] == ["ok", "ok"]
    usages = [attempt.usage for attempt in response.attempts if attempt.usage is not None]
    assert response.usage.total_tokens == sum(usage.total_tokens for usage in usages) > 0
    assert (response.cost is None) == (None in [attempt.cost for attempt in response.attempts])
    waited = await ring.run_tools(model, QUESTION, tools=[weather])
    assert response.turns[1].content == waited.turns[1].content


async def test_a_whole_request_and_a_form(ring: AsyncLLMRing) -> None:
    """A request brings its tools along, and the last answer has its form."""
    request = LLMRequest[Any](model=MODELS["anthropic"], messages=QUESTION, tools=[weather], response_format=Verdict)
    stream = ring.run_tools_stream(request, max_rounds=3)
    assert [event async for event in stream]
    assert isinstance(stream.response.parsed, Verdict)
    assert ring.usage().calls == 2


async def test_failures_and_refusals_are_events(ring: AsyncLLMRing) -> None:
    """What the model is told that went wrong is seen as well, in the order of the calls."""

    def approve(_call: ToolCall, tool: Tool) -> bool:
        return tool.name == "broken"

    stream = ring.run_tools_stream(f"{MODELS['openai']}+calls=2", QUESTION, tools=[weather, broken], approve=approve)
    results = [event async for event in stream if isinstance(event, ToolResultEvent)]
    assert [event.is_error for event in results] == [True, True]
    assert [event.tool_call for event in results] == stream.response.turns[0].tool_calls


async def test_calls_of_other_tools_are_left(ring: AsyncLLMRing) -> None:
    """A tool without a function ends the stream; the results of the others were told."""
    other: dict[str, Any] = {"type": "function", "function": {"name": "ask_user", "parameters": {"type": "object", "properties": {}}}}
    stream = ring.run_tools_stream(f"{MODELS['openai']}+calls=2", QUESTION, tools=[weather, other])
    results = [event async for event in stream if isinstance(event, ToolResultEvent)]
    assert [event.tool_call.name for event in results] == ["weather"]
    assert [call.name for call in stream.response.tool_calls] == ["ask_user"]


# --- bounds and failures -----------------------------------------------------------------------------


async def test_rounds_are_bounded(ring: AsyncLLMRing) -> None:
    """A model that goes on calling is stopped after its last event, and nothing of it is lost."""
    stream = ring.run_tools_stream(MODELS["anthropic"], QUESTION, tools=[weather], max_rounds=1)
    events: list[RunEvent] = []
    with pytest.raises(ToolError, match="After 1 rounds") as caught:
        events += [event async for event in stream]
    assert caught.value.response is not None
    assert [turn.role for turn in caught.value.messages] == ["user", "assistant"]


async def test_money_is_bounded(ring: AsyncLLMRing) -> None:
    """A round that could cost more than is left is never sent; the error has what those before had come to."""
    model = MODELS["anthropic"]
    most = ring.estimate(model, QUESTION, tools=[weather], max_tokens=2000).upper
    assert most is not None
    stream = ring.run_tools_stream(model, QUESTION, tools=[weather], max_tokens=2000, max_cost=most)
    with pytest.raises(BudgetExceededError) as caught:
        _ = [event async for event in stream]
    assert [turn.role for turn in caught.value.messages] == ["user", "assistant", "tool"]


async def test_time_is_bounded(ring: AsyncLLMRing) -> None:
    """A stream that stalls ends with the run's time; one that has a limit of its own with that."""
    stalled = f"{MODELS['openai']}+fault=hang"
    with pytest.raises(ToolError, match="max_seconds") as caught:
        _ = [event async for event in ring.run_tools_stream(stalled, QUESTION, tools=[weather], max_seconds=0.05)]
    assert isinstance(caught.value.__cause__, ProviderTimeoutError)
    with pytest.raises(ProviderTimeoutError):
        _ = [event async for event in ring.run_tools_stream(stalled, QUESTION, tools=[weather], timeout=Timeout(total=0.05))]


async def test_a_round_that_breaks_ends_it(ring: AsyncLLMRing) -> None:
    """The error says what had come, and there is no response."""
    stream = ring.run_tools_stream(f"{MODELS['openai']}+fault=cut", QUESTION, tools=[weather])
    with pytest.raises(StreamInterruptedError):
        _ = [event async for event in stream]
    with pytest.raises(RuntimeError, match="has not ended"):
        _ = stream.response
    assert [event async for event in stream] == []


async def test_wrong_calls_are_told_at_once(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """Nothing is sent for them, nor is anything for a stream that nobody reads."""
    before = len(simulator.requests)
    with pytest.raises(TypeError, match="needs tools"):
        ring.run_tools_stream(MODELS["openai"], QUESTION)
    with pytest.raises(RequestError, match="max_rounds"):
        ring.run_tools_stream(MODELS["openai"], QUESTION, tools=[weather], max_rounds=0)
    ring.run_tools_stream(MODELS["openai"], QUESTION, tools=[weather])
    assert len(simulator.requests) == before


# --- leaving -----------------------------------------------------------------------------------------


async def test_leaving_a_round(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """Its connection is closed, what had come is counted, and no tool is called."""
    called: list[str] = []

    def note(city: str) -> None:
        called.append(city)

    before = len(simulator.requests)
    async with ring.run_tools_stream(MODELS["anthropic"], QUESTION, tools=[note]) as stream:
        async for _ in stream:
            break
    assert called == []
    assert len(simulator.requests) == before + 1
    assert ring.usage().calls == 1
    assert [event async for event in stream] == []


async def test_leaving_between_rounds(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """The results that were not looked at are dropped, and no other round is asked for."""
    before = len(simulator.requests)
    async with ring.run_tools_stream(f"{MODELS['openai']}+calls=2", QUESTION, tools=[weather]) as stream:
        async for event in stream:
            if isinstance(event, ToolResultEvent):
                break
    assert [event async for event in stream] == []
    assert len(simulator.requests) == before + 1


async def test_the_last_round_ends_with_its_finish(ring: AsyncLLMRing) -> None:
    """Its reason is the response's, and deltas of text are all that has text."""
    stream = ring.run_tools_stream(MODELS["google"], QUESTION, tools=[weather])
    events = [event async for event in stream]
    assert isinstance(events[-1], Finish)
    assert events[-1].finish_reason == stream.response.finish_reason == "stop"
    assert {type(event) for event in events if event.delta} == {TextDelta}
