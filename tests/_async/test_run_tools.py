"""A ring runs the functions that a model calls, through every wire format, until the model answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs
import pytest

from llmring._async.ring import AsyncLLMRing
from llmring.exceptions import BudgetExceededError, InvalidMessageError, RequestError, ToolError
from llmring.schemas import ImagePart, LLMRequest, TextPart, ToolCallComplete, ToolResultPart
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llmring._gen.message import Message, Part
    from llmring._gen.response import LLMResponse
    from llmring.testing.simulator import Simulator

SPOKEN = "perplexity:sonar"
"""A model without tools."""
EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
ASK_USER: dict[str, Any] = {"type": "function", "function": {"name": "ask_user", "parameters": {"type": "object", "properties": {}}}}
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


@attrs.frozen
class Place:
    """Where."""

    city: str


@attrs.frozen
class Verdict:
    """A structured answer."""

    good: bool


def weather(place: Place, days: int = 1) -> dict[str, Any]:
    """Tell the weather.

    Args:
        place: Where.
        days: How far ahead.

    """
    return {"in": place.city, "days": days, "sky": "clear"}


def broken(x: int) -> str:
    """Break."""
    raise ValueError(f"no luck with {bool(x)}")


@pytest.fixture
async def ring(simulator: Simulator) -> AsyncIterator[AsyncLLMRing]:
    """Give a ring that is closed afterwards."""
    given = settings(simulator)
    given["providers"]["perplexity"] = {"base_url": simulator.urls["openai"], "api_key": "sk-simulated-0001"}
    async with AsyncLLMRing(**given) as made:
        yield made


def results(response: LLMResponse[Any]) -> list[ToolResultPart]:
    """Return the results among the turns that are more than text."""
    contents = [turn.content for turn in response.turns if turn.role == "tool"]
    return [part for content in contents if isinstance(content, list) for part in content if isinstance(part, ToolResultPart)]


def roles(turns: list[Message]) -> list[str]:
    """Return who speaks in *turns*."""
    return [turn.role for turn in turns]


@EVERY
async def test_runs_what_the_model_calls(ring: AsyncLLMRing, model: str) -> None:
    """The model calls with what the function takes, is told the result, and answers; both rounds count."""
    response = await ring.run_tools(model, "What is the weather in Lisbon?", tools=[weather])
    assert "clear" in response.content
    assert response.finish_reason == "stop"
    assert response.tool_calls == []
    assert [attempt.outcome for attempt in response.attempts] == ["ok", "ok"]
    usages = [attempt.usage for attempt in response.attempts if attempt.usage is not None]
    assert response.usage.total_tokens == sum(usage.total_tokens for usage in usages)
    costs = [attempt.cost for attempt in response.attempts]
    assert (response.cost is None) == (None in costs)
    assert roles(response.turns) == ["assistant", "tool", "assistant"]
    assert response.turns[-1] == response.message


@EVERY
async def test_goes_on_from_its_turns(ring: AsyncLLMRing, model: str) -> None:
    """The turns can be appended as they are, and the conversation goes on."""
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    response = await ring.run_tools(model, messages, tools=[weather])
    messages += [*response.turns, {"role": "user", "content": "And what is a lockfile?"}]
    assert "lockfile" in (await ring.chat(f"{model}+calls=0", messages, tools=[weather])).content


@EVERY
async def test_tells_the_model_of_failures(ring: AsyncLLMRing, model: str) -> None:
    """A function that raises is an error for the model, by type and message; the loop goes on."""
    response = await ring.run_tools(f"{model}+calls=2", "Break it.", tools=[broken, weather])
    assert "ValueError: no luck with True" in response.content
    assert response.finish_reason == "stop"
    assert [(part.is_error, part.content) for part in results(response)] == [(True, "ValueError: no luck with True")]


@EVERY
async def test_tools_and_a_form(ring: AsyncLLMRing, model: str) -> None:
    """The last answer has the form that was asked for; calls before it are held to none."""
    response = await ring.run_tools(model, "Is the weather in Lisbon good?", tools=[weather], response_format=Verdict)
    assert isinstance(response.parsed, Verdict)
    assert len(response.attempts) == 2


async def test_functions_that_wait(ring: AsyncLLMRing) -> None:
    """Methods and functions that wait are awaited."""

    class Desk:
        def __init__(self) -> None:
            self.asked: list[str] = []

        async def weather(self, city: str) -> str:
            self.asked.append(city)
            return "clear"

    desk = Desk()
    response = await ring.run_tools(MODELS["google"], "What is the weather in Lisbon?", tools=[desk.weather])
    assert "clear" in response.content
    assert desk.asked == ["Lisbon"]


WRITTEN = quote('Let me see.\n<tool_call>{"name": "weather", "arguments": {"place": {"city": "Lisbon"}}}</tool_call>')


async def test_models_without_tools(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """They are told of the tools in words, and their calls are read from the text, in answers and streams alike."""
    asked = f"{SPOKEN}+say={WRITTEN}"
    response = await ring.chat(asked, "What is the weather in Lisbon?", tools=[weather])
    assert "tools" not in simulator.requests[-1].body
    assert (response.content, response.finish_reason) == ("Let me see.", "tool_calls")
    assert [(call.id, call.name, call.arguments) for call in response.tool_calls] == [("call_0", "weather", {"place": {"city": "Lisbon"}})]
    assert any("no tools of its own" in warning for warning in response.warnings)
    stream = ring.chat_stream(asked, "What is the weather in Lisbon?", tools=[weather])
    calls = [event.tool_call async for event in stream if isinstance(event, ToolCallComplete)]
    assert calls == stream.response.tool_calls == response.tool_calls
    assert stream.response.message == response.message


async def test_runs_tools_of_models_without(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """Results go back as words too, and every call has an id of its own."""
    with pytest.raises(ToolError) as caught:
        await ring.run_tools(f"{SPOKEN}+say={WRITTEN}", "What is the weather in Lisbon?", tools=[weather], max_rounds=2)
    said = simulator.requests[-1].body["messages"]
    assert [turn["role"] for turn in said] == ["system", "user", "assistant", "user"]
    assert "clear" in said[-1]["content"]
    assert [call.id for turn in caught.value.messages for call in turn.tool_calls] == ["call_0", "call_1"]


@EVERY
async def test_images_from_tools(ring: AsyncLLMRing, model: str) -> None:
    """What a function gives as parts is given on as parts, after the result where the wire format has text alone there."""

    def look(at: str) -> list[Part | str]:
        """Look."""
        return [f"{bool(at)}:", ImagePart(data=PIXEL, media_type="image/png")]

    response = await ring.run_tools(model, "Look at it.", tools=[look])
    assert results(response)[0].content == [TextPart(text="True:"), ImagePart(data=PIXEL, media_type="image/png")]
    assert "True:" in response.content


async def test_calls_of_other_tools_are_left(ring: AsyncLLMRing) -> None:
    """A tool without a function ends the loop; the caller answers its call, and goes on."""
    messages: list[Any] = [{"role": "user", "content": "Ask and tell."}]
    response = await ring.run_tools(f"{MODELS['openai']}+calls=2", messages, tools=[weather, ASK_USER])
    assert [call.name for call in response.tool_calls] == ["ask_user"]
    assert roles(response.turns) == ["assistant", "tool"]
    messages += [*response.turns, {"role": "tool", "tool_call_id": response.tool_calls[0].id, "content": "They say yes."}]
    assert "They say yes" in (await ring.run_tools(MODELS["openai"], messages, tools=[weather, ASK_USER])).content


async def test_rounds_are_bounded(ring: AsyncLLMRing) -> None:
    """A model that goes on calling is stopped, and nothing of it is lost."""
    with pytest.raises(ToolError, match="After 1 rounds") as caught:
        await ring.run_tools(MODELS["anthropic"], "What is the weather?", tools=[weather], max_rounds=1)
    assert caught.value.response is not None
    assert caught.value.response.tool_calls[0].name == "weather"
    assert roles(list(caught.value.messages)) == ["user", "assistant"]


async def test_money_is_bounded(ring: AsyncLLMRing) -> None:
    """A round that could cost more than is left is never sent, and nothing of those before is lost."""
    model, question = MODELS["anthropic"], "What is the weather in Lisbon?"
    first = await ring.chat(model, question, tools=[weather], max_tokens=2000)
    assert first.cost is not None
    most = ring.estimate(model, question, tools=[weather], max_tokens=2000).upper
    assert most is not None
    with pytest.raises(BudgetExceededError) as caught:
        await ring.run_tools(model, question, tools=[weather], max_tokens=2000, max_cost=most + first.cost.total / 2)
    assert caught.value.response is not None
    assert roles(list(caught.value.messages)) == ["user", "assistant", "tool"]
    with pytest.raises(BudgetExceededError) as caught:
        await ring.run_tools(model, question, tools=[weather], max_tokens=2000, max_cost=most / 2)
    assert caught.value.response is None


async def test_broken_arguments(ring: AsyncLLMRing) -> None:
    """Arguments that were cut off are an error for the model."""
    response = await ring.run_tools(MODELS["openai"], "What is the weather?", tools=[weather], max_tokens=4)
    assert [part.content for part in results(response)] == ["The arguments are not a JSON object."]


async def test_a_whole_request(ring: AsyncLLMRing) -> None:
    """A request brings its tools along."""
    request = LLMRequest[Any](model=MODELS["openai"], messages="What is the weather in Lisbon?", tools=[weather])
    assert "clear" in (await ring.run_tools(request, max_rounds=3)).content
    assert ring.usage().calls == 2


def many(*words: str) -> None:
    """Take any number."""


WRONG: list[tuple[list[Any], str]] = [
    ([many], "tools[0].parameters.words"),
    ([weather, {"type": "function", "function": {}}], "tools[1].function.name"),
]


@pytest.mark.parametrize("tools, path", WRONG, ids=["undescribable", "nameless"])
async def test_wrong_tools_are_never_sent(ring: AsyncLLMRing, simulator: Simulator, tools: list[Any], path: str) -> None:
    """They are told by their path."""
    before = len(simulator.requests)
    with pytest.raises(InvalidMessageError) as caught:
        await ring.run_tools(MODELS["openai"], "Hi", tools=tools)
    assert caught.value.path == path
    with pytest.raises(RequestError, match="max_rounds"):
        await ring.run_tools(MODELS["openai"], "Hi", tools=[weather], max_rounds=0)
    with pytest.raises(TypeError, match="needs tools"):
        await ring.run_tools(MODELS["openai"], "Hi")
    assert len(simulator.requests) == before
