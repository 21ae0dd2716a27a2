"""Ollama's own SDK, unchanged, works against the simulator."""

# pyright: reportUnknownMemberType=false
# The SDK leaves the types of some of its parameters open.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import ollama
import pytest

from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ollama import Client

pytestmark = pytest.mark.extra

MODEL: Final = "llama3.2:latest"
OTTERS: Final = [{"role": "user", "content": "Tell me about otters"}]
PERSON: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}


@pytest.fixture
def client() -> Iterator[Client]:
    """Give a client that is pointed at a fresh simulator."""
    with Simulator() as simulator, cast("Any", ollama.Client(host=simulator.urls["ollama"])) as made:
        yield made


def weather(city: str) -> str:
    """Tell the weather.

    Args:
        city: Where.
    """
    return f"17 degrees in {city}"


def test_it_answers_and_streams_the_same(client: Client) -> None:
    """The stream's lines add up to the whole answer, thinking included."""
    whole = client.chat(model=MODEL, messages=OTTERS, think=True)
    chunks = list(client.chat(model=MODEL, messages=OTTERS, think=True, stream=True))
    assert "otters" in str(whole.message.content)
    assert "otters" in str(whole.message.thinking)
    assert len(chunks) > 8
    assert "otters" in "".join(chunk.message.content or "" for chunk in chunks)
    assert (chunks[-1].done, chunks[-1].done_reason) == (True, "stop")
    assert chunks[-1].prompt_eval_count == whole.prompt_eval_count == 8


def test_it_calls_tools_and_quotes_their_results(client: Client) -> None:
    """Parallel calls go back with their results."""
    turns: list[Any] = [{"role": "user", "content": "What is the weather in Paris and London?"}]
    first = client.chat(model=f"{MODEL}+calls=2", messages=turns, tools=[weather])
    calls = first.message.tool_calls or []
    assert [call.function.arguments for call in calls] == [{"city": "Paris"}, {"city": "London"}]
    results = [{"role": "tool", "tool_name": "weather", "content": weather(**call.function.arguments)} for call in calls]
    second = client.chat(model=MODEL, messages=[*turns, first.message, *results], tools=[weather])
    assert "17 degrees in Paris and 17 degrees in London" in str(second.message.content)


def test_it_fills_a_schema(client: Client) -> None:
    """A JSON Schema is satisfied, and so is the wish for any JSON."""
    answer = client.chat(model=MODEL, messages=[{"role": "user", "content": "Is Ada 36?"}], format=PERSON)
    assert answer.message.content == '{"name":"Ada","age":36}'
    assert str(client.generate(model=MODEL, prompt="talk", format="json").response).startswith('{"answer":"talk"')


def test_generate_stops_where_told(client: Client) -> None:
    """Limit and stop sequence end the answer."""
    cut = client.generate(model=MODEL, prompt="talk", options={"num_predict": 3})
    stopped = client.generate(model=f"{MODEL}+say=one two three", prompt="count", options={"stop": [" three"]})
    streamed = client.generate(model=f"{MODEL}+say=one two three", prompt="count", stream=True)
    assert (cut.done_reason, cut.eval_count) == ("length", 3)
    assert (stopped.done_reason, stopped.response) == ("stop", "one two")
    assert [chunk.response for chunk in streamed] == ["one", " two", " three", ""]


def test_models_and_embeddings(client: Client) -> None:
    """What is there is listed, shown and running; vectors have a width."""
    assert MODEL in [model.model for model in client.list().models]
    assert "tools" in (client.show(MODEL).capabilities or [])
    assert [model.model for model in client.ps().models] == [MODEL]
    assert [len(vector) for vector in client.embed(model="nomic-embed-text", input=["otters", "eels"]).embeddings] == [768, 768]


def test_errors_become_the_sdks_own(client: Client) -> None:
    """An error is one string, by status and in the stream."""
    with pytest.raises(ollama.ResponseError, match="not found") as missing:
        client.chat(model="missing-model", messages=OTTERS)
    assert missing.value.status_code == 404
    with pytest.raises(ollama.ResponseError, match="Overloaded"):
        list(client.chat(model=f"{MODEL}+fault=error", messages=OTTERS, stream=True))


async def test_async_answer_and_stream() -> None:
    """The asynchronous client does the same."""
    with Simulator() as simulator:
        async with cast("Any", ollama.AsyncClient(host=simulator.urls["ollama"])) as client:
            answer = await client.chat(model=MODEL, messages=OTTERS)
            said: list[str] = [chunk.message.content or "" async for chunk in await client.chat(model=MODEL, messages=OTTERS, stream=True)]
    assert "otters" in str(answer.message.content)
    assert "otters" in "".join(said)
