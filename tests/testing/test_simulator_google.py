"""Google's own SDK, unchanged, works against the simulator."""

# pyright: reportUnknownMemberType=false
# The SDK leaves the types of some of its parameters open.

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import pydantic
import pytest
from google import genai
from google.genai import errors, types

from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.genai import Client

pytestmark = pytest.mark.extra

MODEL: Final = "gemini-3.5-flash"
QUESTION: Final = "What is the weather in Paris and London?"
WEATHER: Final = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="weather",
            parameters_json_schema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        )
    ]
)
"""Automatic calling is off where a tool is only declared."""


@pytest.fixture
def client() -> Iterator[Client]:
    """Give a client that is pointed at a fresh simulator."""
    with Simulator() as simulator, genai.Client(api_key="any", http_options={"base_url": simulator.urls["google"]}) as made:
        yield made


def test_it_answers_and_counts(client: Client) -> None:
    """The answer mentions what was asked, and usage adds up."""
    answer = client.models.generate_content(model=MODEL, contents="Tell me about otters")
    assert "otters" in str(answer.text)
    assert answer.candidates
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    usage = answer.usage_metadata
    assert usage
    assert usage.total_token_count == (usage.prompt_token_count or 0) + (usage.candidates_token_count or 0)
    assert client.models.count_tokens(model=MODEL, contents="Tell me about otters").total_tokens == usage.prompt_token_count


def test_it_streams_thoughts_and_text(client: Client) -> None:
    """Thoughts come first, text in pieces, a signature at the end."""
    config = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True))
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="Tell me about otters", config=config))
    parts = [
        part for chunk in chunks if chunk.candidates and chunk.candidates[0].content for part in chunk.candidates[0].content.parts or []
    ]
    assert len(chunks) > 8
    assert parts[0].thought
    assert parts[-1].thought_signature
    assert "otters" in "".join(part.text or "" for part in parts if not part.thought)
    assert chunks[-1].usage_metadata
    assert (chunks[-1].usage_metadata.thoughts_token_count or 0) > 0


def test_it_calls_tools_and_quotes_their_results(client: Client) -> None:
    """Parallel calls go back with the signature of the first."""
    config = types.GenerateContentConfig(tools=[WEATHER])
    first = client.models.generate_content(model=f"{MODEL}+calls=2", contents=QUESTION, config=config)
    calls = first.function_calls or []
    assert [call.args for call in calls] == [{"city": "Paris"}, {"city": "London"}]
    said = first.candidates[0].content if first.candidates else None
    assert said
    assert said.parts
    assert [bool(part.thought_signature) for part in said.parts] == [True, False]
    results = [types.Part.from_function_response(name="weather", response={"result": "17 degrees"}) for _ in calls]
    turns: list[Any] = [types.Content(role="user", parts=[types.Part(text=QUESTION)]), said, types.Content(role="user", parts=results)]
    assert "17 degrees and 17 degrees" in str(client.models.generate_content(model=MODEL, contents=turns, config=config).text)
    said.parts[0].thought_signature = None
    with pytest.raises(errors.ClientError, match="thought_signature"):
        client.models.generate_content(model=MODEL, contents=turns, config=config)


def test_it_calls_python_functions_by_itself(client: Client) -> None:
    """The SDK's own loop runs a function and comes to an answer."""

    def weather(city: str) -> str:
        """Tell the weather in a city."""
        return f"17 degrees in {city}"

    answer = client.models.generate_content(model=MODEL, contents=QUESTION, config=types.GenerateContentConfig(tools=[weather]))
    assert "17 degrees in Paris" in str(answer.text)


@pytest.mark.parametrize("field", ["response_schema", "response_json_schema"])
def test_it_fills_a_schema(client: Client, field: str) -> None:
    """A model of pydantic is filled, by either kind of schema."""
    model = pydantic.create_model("Person", name=(str, ...), age=(int, ...))
    schema = model if field == "response_schema" else model.model_json_schema()
    config = types.GenerateContentConfig.model_validate({"response_mime_type": "application/json", field: schema})
    answer = client.models.generate_content(model=MODEL, contents="Is Ada 36?", config=config)
    parsed: Any = answer.parsed
    assert model.model_validate(parsed).model_dump() == {"name": "Ada", "age": 36}


def test_it_stops_where_told(client: Client) -> None:
    """Limit, stop sequence and safety are told apart, and candidates are as many as wanted."""
    cut = client.models.generate_content(model=MODEL, contents="talk", config=types.GenerateContentConfig(max_output_tokens=3))
    config = types.GenerateContentConfig(candidate_count=2, stop_sequences=[" three"])
    two = client.models.generate_content(model=f"{MODEL}+say=one two three", contents="count", config=config)
    unsafe = client.models.generate_content(model=f"{MODEL}+finish=content_filter", contents="talk")
    assert [answer.candidates[0].finish_reason for answer in (cut, two, unsafe) if answer.candidates] == [
        types.FinishReason.MAX_TOKENS,
        types.FinishReason.STOP,
        types.FinishReason.SAFETY,
    ]
    assert [candidate.content.parts[0].text for candidate in two.candidates or [] if candidate.content and candidate.content.parts] == [
        "one two",
        "one two",
    ]


def test_files_come_and_go(client: Client) -> None:
    """A resumable upload, list, get, delete."""
    kept = client.files.upload(file=io.BytesIO(b"otters" * 2_000_000), config={"mime_type": "text/plain", "display_name": "notes"})
    assert (kept.display_name, kept.size_bytes, kept.mime_type) == ("notes", 12_000_000, "text/plain")
    assert [file.name for file in client.files.list()] == [kept.name]
    assert client.files.get(name=str(kept.name)).uri == kept.uri
    client.files.delete(name=str(kept.name))
    with pytest.raises(errors.ClientError):
        client.files.get(name=str(kept.name))


def test_models_and_embeddings(client: Client) -> None:
    """There is a list, each of its models, and vectors."""
    assert f"models/{MODEL}" in [model.name for model in client.models.list()]
    assert client.models.get(model=MODEL).name == f"models/{MODEL}"
    made = client.models.embed_content(model="gemini-embedding-001", contents=["otters", "eels"], config={"output_dimensionality": 8})
    assert [len(item.values or []) for item in made.embeddings or []] == [8, 8]


def test_cached_contents_count_as_cached(client: Client) -> None:
    """What was cached is paid as cached."""
    cache = client.caches.create(model=MODEL, config={"contents": "otters " * 1000, "ttl": "300s"})
    answer = client.models.generate_content(model=MODEL, contents="talk", config=types.GenerateContentConfig(cached_content=cache.name))
    assert answer.usage_metadata
    assert answer.usage_metadata.cached_content_token_count == 1750
    client.caches.delete(name=str(cache.name))
    assert not list(client.caches.list())


def test_errors_become_the_sdks_own(client: Client) -> None:
    """Each refusal is the SDK's class for it."""
    with pytest.raises(errors.ClientError, match="not found") as missing:
        client.models.generate_content(model="missing-model", contents="talk")
    with pytest.raises(errors.ClientError) as limited:
        client.models.generate_content(model=f"{MODEL}+fault=429", contents="talk")
    with pytest.raises(errors.ServerError) as down:
        client.models.generate_content(model=f"{MODEL}+fault=503", contents="talk")
    with pytest.raises(errors.APIError, match="Overloaded"):
        list(client.models.generate_content_stream(model=f"{MODEL}+fault=error", contents="talk"))
    assert [error.value.status for error in (missing, limited, down)] == ["NOT_FOUND", "RESOURCE_EXHAUSTED", "UNAVAILABLE"]


@pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")  # the SDK inherits from aiohttp's session
async def test_async_answer_and_stream() -> None:
    """The asynchronous client does the same."""
    with Simulator() as simulator, genai.Client(api_key="any", http_options={"base_url": simulator.urls["google"]}) as both:
        async with both.aio as client:
            answer = await client.models.generate_content(model=MODEL, contents="Tell me about otters")
            stream = await client.models.generate_content_stream(model=MODEL, contents="Tell me about otters")
            said = [chunk.text or "" async for chunk in stream]
    assert "otters" in str(answer.text)
    assert "otters" in "".join(said)
