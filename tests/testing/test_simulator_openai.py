"""OpenAI's own SDK, unchanged, works against the simulator."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import openai
import pydantic
import pytest

from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai import OpenAI
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from openai.types.responses import FunctionToolParam

pytestmark = pytest.mark.extra

MODEL: Final = "gpt-5.4-mini"
PARAMETERS: Final[dict[str, object]] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
    "required": ["city", "unit"],
    "additionalProperties": False,
}
TOOL: Final[ChatCompletionToolParam] = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}
FLAT_TOOL: Final[FunctionToolParam] = {"type": "function", "name": "weather", "parameters": PARAMETERS, "strict": True}
QUESTION: Final = "What is the weather in Paris and London?"


@pytest.fixture
def client() -> Iterator[OpenAI]:
    """Give a client that is pointed at a fresh simulator."""
    with Simulator() as simulator, openai.OpenAI(base_url=simulator.urls["openai"], api_key="any", max_retries=0) as made:
        yield made


def test_chat_answers_and_counts(client: OpenAI) -> None:
    """The answer mentions what was asked, usage adds up, and the headers are there."""
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=[{"role": "user", "content": "Tell me about otters"}])
    answer = raw.parse()
    assert "otters" in str(answer.choices[0].message.content)
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == MODEL
    assert answer.usage
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert raw.headers["x-request-id"]
    assert raw.headers["x-ratelimit-remaining-requests"] == "9999"


def test_chat_streams_the_same_words(client: OpenAI) -> None:
    """A stream comes in many chunks and tells its usage once."""
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Tell me about otters"}]
    with client.chat.completions.create(model=MODEL, messages=messages, stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    whole = client.chat.completions.create(model=MODEL, messages=messages)
    assert len(chunks) > 8
    assert sum(chunk.usage is not None for chunk in chunks) == 1
    assert "otters" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert "otters" in str(whole.choices[0].message.content)


def test_chat_calls_a_tool_and_quotes_its_result(client: OpenAI) -> None:
    """Parallel calls take what the question names; their results are quoted."""
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    first = client.chat.completions.create(model=f"{MODEL}+parallel", messages=messages, tools=[TOOL]).choices[0]
    calls = [call for call in first.message.tool_calls or [] if call.type == "function"]
    assert first.finish_reason == "tool_calls"
    assert [json.loads(call.function.arguments)["city"] for call in calls] == ["Paris", "London"]
    assert {json.loads(call.function.arguments)["unit"] for call in calls} <= {"celsius", "fahrenheit"}
    results = [{"role": "tool", "tool_call_id": call.id, "content": f"{at}7 degrees"} for at, call in enumerate(calls, 1)]
    messages += [first.message, *results]
    second = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])
    assert "17 degrees and 27 degrees" in str(second.choices[0].message.content)


def test_chat_streams_tool_calls(client: OpenAI) -> None:
    """The SDK's own accumulation gives whole arguments."""
    with client.chat.completions.stream(model=MODEL, messages=[{"role": "user", "content": QUESTION}], tools=[TOOL]) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    calls = final.choices[0].message.tool_calls or []
    assert json.loads(calls[0].function.arguments)["city"] == "Paris"


def test_chat_parses_structured_output(client: OpenAI) -> None:
    """A model of pydantic is filled."""
    model = pydantic.create_model("Person", name=(str, ...), age=(int, pydantic.Field(ge=0, le=150)), tags=(list[str], ...))
    answer = client.chat.completions.parse(model=MODEL, messages=[{"role": "user", "content": "Is Ada 36?"}], response_format=model)
    parsed: Any = answer.choices[0].message.parsed
    assert (parsed.name, parsed.age) == ("Ada", 36)


def test_chat_gives_choices_logprobs_and_stops(client: OpenAI) -> None:
    """Choices are interleaved, log probabilities cover what is left before the stop."""
    model = f"{MODEL}+say=one two three"
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "count"}]
    answer = client.chat.completions.create(model=model, messages=messages, n=2, logprobs=True, top_logprobs=2, stop=" three")
    assert [choice.message.content for choice in answer.choices] == ["one two", "one two"]
    said = answer.choices[0].logprobs
    assert said
    assert [(entry.token, len(entry.top_logprobs)) for entry in said.content or []] == [("one", 2), (" two", 2)]
    with client.chat.completions.create(model=MODEL, messages=messages, n=2, stream=True) as stream:
        order = [choice.index for chunk in stream for choice in chunk.choices]
    assert order[:4] == [0, 1, 0, 1]


def test_chat_is_cut_by_its_limit(client: OpenAI) -> None:
    """Three tokens are twelve characters."""
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "talk"}], max_completion_tokens=3)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage
    assert answer.usage.completion_tokens == 3
    assert len(str(answer.choices[0].message.content)) == 12


def test_a_long_prompt_is_cached_the_second_time(client: OpenAI) -> None:
    """A prompt beyond 1024 tokens is read from the cache when it comes again."""
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "otters " * 1000}]
    details = [client.chat.completions.create(model=MODEL, messages=messages).usage for _ in range(2)]
    assert [usage.prompt_tokens_details.cached_tokens for usage in details if usage and usage.prompt_tokens_details] == [0, 1664]


def test_responses_answer_with_reasoning(client: OpenAI) -> None:
    """Reasoning comes summarised and encrypted, before the message, and is counted."""
    answer = client.responses.create(
        model=MODEL, input="Tell me about otters", reasoning={"effort": "low", "summary": "auto"}, include=["reasoning.encrypted_content"]
    )
    assert [item.type for item in answer.output] == ["reasoning", "message"]
    assert "otters" in answer.output_text
    thought = answer.output[0]
    assert thought.type == "reasoning"
    assert "otters" in thought.summary[0].text
    assert thought.encrypted_content
    assert answer.usage
    assert answer.usage.output_tokens_details.reasoning_tokens > 0


def test_responses_stream_to_the_same_response(client: OpenAI) -> None:
    """The sequence of events is complete, numbered, and folds to the response."""
    with client.responses.stream(model=MODEL, input=QUESTION, tools=[FLAT_TOOL], reasoning={"effort": "low", "summary": "auto"}) as stream:
        events = list(stream)
        final = stream.get_final_response()
    kinds = [event.type for event in events]
    assert kinds[:3] == ["response.created", "response.in_progress", "response.output_item.added"]
    assert kinds[-1] == "response.completed"
    assert "response.reasoning_summary_text.delta" in kinds
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [item.type for item in final.output] == ["reasoning", "function_call"]


def test_responses_stream_text(client: OpenAI) -> None:
    """The pieces of text are the text."""
    with client.responses.stream(model=MODEL, input="Tell me about otters") as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        assert stream.get_final_response().output_text == text


def test_responses_call_a_tool_and_quote_its_result(client: OpenAI) -> None:
    """The call goes back as the item that it was."""
    first = client.responses.create(model=MODEL, input=QUESTION, tools=[FLAT_TOOL])
    call = first.output[0]
    assert call.type == "function_call"
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "17 degrees"}
    items: list[Any] = [{"role": "user", "content": QUESTION}, call, result]
    second = client.responses.create(model=MODEL, input=items, tools=[FLAT_TOOL])
    assert "17 degrees" in second.output_text


def test_responses_parse_structured_output_and_count(client: OpenAI) -> None:
    """A model of pydantic is filled; a prompt can be counted."""
    model = pydantic.create_model("Person", name=(str, ...), age=(int, ...))
    parsed: Any = client.responses.parse(model=MODEL, input="Is Ada 36?", text_format=model).output_parsed
    assert (parsed.name, parsed.age) == ("Ada", 36)
    assert client.responses.input_tokens.count(model=MODEL, input="otters " * 4).input_tokens == 14


def test_responses_say_why_they_are_incomplete(client: OpenAI) -> None:
    """A limit is named as the reason."""
    answer = client.responses.create(model=MODEL, input="talk", max_output_tokens=3)
    assert answer.status == "incomplete"
    assert answer.incomplete_details
    assert answer.incomplete_details.reason == "max_output_tokens"


def test_files_come_and_go(client: OpenAI) -> None:
    """Upload, list, read, get, delete."""
    kept = client.files.create(file=("notes.txt", io.BytesIO(b"otters\r\n--swim")), purpose="user_data")
    assert (kept.filename, kept.bytes, kept.purpose) == ("notes.txt", 14, "user_data")
    assert client.files.content(kept.id).read() == b"otters\r\n--swim"
    assert [file.id for file in client.files.list()] == [kept.id]
    assert client.files.retrieve(kept.id).id == kept.id
    assert client.files.delete(kept.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(kept.id)


def test_models_and_embeddings(client: OpenAI) -> None:
    """Vectors have length one and are the same in either encoding."""
    assert MODEL in [model.id for model in client.models.list()]
    assert client.models.retrieve("gpt-5.4").id == "gpt-5.4"
    one = client.embeddings.create(model="text-embedding-3-small", input=["otters", "eels"], dimensions=8)
    plain = client.embeddings.create(model="text-embedding-3-small", input="otters", dimensions=8, encoding_format="float")
    assert [len(item.embedding) for item in one.data] == [8, 8]
    assert one.data[0].embedding == pytest.approx(plain.data[0].embedding)
    assert sum(value * value for value in one.data[0].embedding) == pytest.approx(1)


def test_errors_become_the_sdks_own(client: OpenAI) -> None:
    """Each refusal is the SDK's class for it."""
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="missing-model", messages=[{"role": "user", "content": "hi"}])
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="empty array"):
        client.chat.completions.create(model=MODEL, messages=[])
    with pytest.raises(openai.BadRequestError, match="role 'tool' must be a response"):
        client.chat.completions.create(model=MODEL, messages=[{"role": "tool", "content": "17", "tool_call_id": "call_1"}])
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="bad").models.list()
    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model=f"{MODEL}+fault=quota", messages=[{"role": "user", "content": "hi"}])
    assert limited.value.code == "insufficient_quota"


def test_an_error_in_the_stream_raises(client: OpenAI) -> None:
    """An error among the chunks of a 200 raises."""
    model = f"{MODEL}+fault=error+after=2"
    with (
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "hi"}], stream=True) as stream,
        pytest.raises(openai.APIError, match="Overloaded"),
    ):
        list(stream)


def test_an_error_in_a_response_is_told_by_its_events(client: OpenAI) -> None:
    """The Responses API breaks off with two events, which the SDK hands on."""
    with client.responses.create(model=f"{MODEL}+fault=error+after=2", input="hi", stream=True) as stream:
        kinds = [event.type for event in stream]
    assert kinds[-2:] == ["error", "response.failed"]


def test_the_sdk_gets_through_faults_that_pass(client: OpenAI) -> None:
    """Two failures, then the answer."""
    patient = client.with_options(max_retries=3)
    answer = patient.chat.completions.create(model=f"{MODEL}+fault=429+retry-after=0+times=2", messages=[{"role": "user", "content": "hi"}])
    assert answer.model == MODEL


async def test_async_chat_and_stream() -> None:
    """The asynchronous client does the same."""
    with Simulator() as simulator:
        async with openai.AsyncOpenAI(base_url=simulator.urls["openai"], api_key="any") as client:
            answer = await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "otters"}])
            assert "otters" in str(answer.choices[0].message.content)
            async with client.responses.stream(model=MODEL, input="otters") as stream:
                kinds = [event.type async for event in stream]
            assert kinds[-1] == "response.completed"
