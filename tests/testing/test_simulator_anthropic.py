"""Anthropic's own SDK, unchanged, works against the simulator."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import anthropic
import pydantic
import pytest

from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anthropic import Anthropic
    from anthropic.types import MessageParam, ToolParam

pytestmark = pytest.mark.extra

MODEL: Final = "claude-sonnet-5"
TOOL: Final[ToolParam] = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
OTTERS: Final[list[MessageParam]] = [{"role": "user", "content": "Tell me about otters"}]
WEATHER: Final[list[MessageParam]] = [{"role": "user", "content": "What is the weather in Paris and London?"}]


@pytest.fixture
def client() -> Iterator[Anthropic]:
    """Give a client that is pointed at a fresh simulator."""
    with Simulator() as simulator, anthropic.Anthropic(base_url=simulator.urls["anthropic"], api_key="any", max_retries=0) as made:
        yield made


def test_messages_answer_and_count(client: Anthropic) -> None:
    """The answer mentions what was asked, and counting agrees with usage."""
    raw = client.messages.with_raw_response.create(model=MODEL, max_tokens=500, messages=OTTERS)
    message = raw.parse()
    assert message.content[0].type == "text"
    assert "otters" in message.content[0].text
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens > 0
    assert raw.headers["request-id"]
    assert raw.headers["anthropic-ratelimit-requests-remaining"] == "9999"
    assert client.messages.count_tokens(model=MODEL, messages=OTTERS).input_tokens == message.usage.input_tokens


def test_messages_stream_to_the_same_message(client: Anthropic) -> None:
    """Thinking comes signed, text in many pieces."""
    with client.messages.stream(model=MODEL, max_tokens=500, messages=OTTERS, thinking={"type": "adaptive"}) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_message()
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert kinds.count("text") > 8
    assert [block.type for block in final.content] == ["thinking", "text"]
    thought = final.content[0]
    assert thought.type == "thinking"
    assert thought.signature
    assert final.usage.output_tokens_details
    assert final.usage.output_tokens_details.thinking_tokens > 0


def test_messages_call_tools_and_quote_their_results(client: Anthropic) -> None:
    """Parallel calls, behind thinking, come back with their results."""
    with client.messages.stream(
        model=f"{MODEL}+calls=2", max_tokens=500, messages=WEATHER, tools=[TOOL], thinking={"type": "enabled", "budget_tokens": 1024}
    ) as stream:
        first = stream.get_final_message()
    calls = [block for block in first.content if block.type == "tool_use"]
    assert first.stop_reason == "tool_use"
    assert [call.input for call in calls] == [{"city": "Paris"}, {"city": "London"}]
    results: list[Any] = [{"type": "tool_result", "tool_use_id": call.id, "content": "17 degrees"} for call in calls]
    turns: list[MessageParam] = [*WEATHER, {"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    second = client.messages.create(model=MODEL, max_tokens=500, messages=turns, tools=[TOOL])
    assert second.content[0].type == "text"
    assert "17 degrees and 17 degrees" in second.content[0].text


def test_a_changed_thought_is_refused(client: Anthropic) -> None:
    """A signature vouches for every letter."""
    first = client.messages.create(model=MODEL, max_tokens=500, messages=OTTERS, thinking={"type": "adaptive"})
    thought = first.content[0]
    assert thought.type == "thinking"
    thought.thinking += "!"
    again: list[MessageParam] = [*OTTERS, {"role": "assistant", "content": first.content}, {"role": "user", "content": "more"}]
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
        client.messages.create(model=MODEL, max_tokens=500, messages=again)


def test_messages_parse_structured_output(client: Anthropic) -> None:
    """A model of pydantic is filled."""
    model = pydantic.create_model("Person", name=(str, ...), age=(int, ...))
    parsed: Any = client.messages.parse(
        model=MODEL, max_tokens=500, messages=[{"role": "user", "content": "Is Ada 36?"}], output_format=model
    ).parsed_output
    assert (parsed.name, parsed.age) == ("Ada", 36)


def test_messages_stop_where_told(client: Anthropic) -> None:
    """Stop sequence, limit and refusal are told apart."""
    stopped = client.messages.create(model=f"{MODEL}+say=one two three", max_tokens=500, messages=OTTERS, stop_sequences=[" three"])
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", " three")
    cut = client.messages.create(model=MODEL, max_tokens=3, messages=OTTERS)
    assert (cut.stop_reason, cut.usage.output_tokens) == ("max_tokens", 3)
    refused = client.messages.create(model=f"{MODEL}+finish=refusal", max_tokens=500, messages=OTTERS)
    assert refused.stop_reason == "refusal"


def test_a_marked_prompt_is_written_then_read(client: Anthropic) -> None:
    """What comes before a breakpoint is cached once."""
    system: Any = [{"type": "text", "text": "otters " * 400, "cache_control": {"type": "ephemeral"}}]
    first, second = (client.messages.create(model=MODEL, max_tokens=50, messages=OTTERS, system=system).usage for _ in range(2))
    assert (first.cache_creation_input_tokens, first.cache_read_input_tokens) == (703, 0)
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (0, 703)
    assert first.input_tokens == second.input_tokens


def test_files_come_and_go(client: Anthropic) -> None:
    """Upload, list, get, delete."""
    kept = client.files.upload(file=("notes.txt", io.BytesIO(b"otters"), "text/plain"))
    assert (kept.filename, kept.size_bytes, kept.mime_type) == ("notes.txt", 6, "text/plain")
    assert [file.id for file in client.files.list()] == [kept.id]
    assert client.files.retrieve_metadata(kept.id).id == kept.id
    assert client.files.delete(kept.id).id == kept.id
    with pytest.raises(anthropic.NotFoundError):
        client.files.retrieve_metadata(kept.id)


def test_models_are_listed(client: Anthropic) -> None:
    """There is a list, and each of its models."""
    assert MODEL in [model.id for model in client.models.list()]
    assert client.models.retrieve(MODEL).display_name == "Claude Sonnet 5"


def test_errors_become_the_sdks_own(client: Anthropic) -> None:
    """Each refusal is the SDK's class for it."""
    with pytest.raises(anthropic.NotFoundError, match="missing-model"):
        client.messages.create(model="missing-model", max_tokens=5, messages=OTTERS)
    with pytest.raises(anthropic.AuthenticationError):
        client.with_options(api_key="bad").models.list()
    with pytest.raises(anthropic.InternalServerError) as overloaded:
        client.messages.create(model=f"{MODEL}+fault=529", max_tokens=5, messages=OTTERS)
    assert overloaded.value.status_code == 529
    with pytest.raises(anthropic.BadRequestError, match="max_tokens: Field required"):
        client.post("/v1/messages", body={"model": MODEL, "messages": OTTERS}, cast_to=object)
    with pytest.raises(anthropic.BadRequestError, match="without `tool_result` blocks"):
        client.messages.create(
            model=MODEL,
            max_tokens=5,
            messages=[{"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}]}, *OTTERS],
        )


def test_an_error_in_the_stream_raises(client: Anthropic) -> None:
    """An error event in a 200 raises."""
    with (
        pytest.raises(anthropic.APIStatusError, match="Overloaded"),
        client.messages.stream(model=f"{MODEL}+fault=error", max_tokens=500, messages=OTTERS) as stream,
    ):
        stream.until_done()


async def test_async_messages_and_stream() -> None:
    """The asynchronous client does the same."""
    with Simulator() as simulator:
        async with anthropic.AsyncAnthropic(base_url=simulator.urls["anthropic"], api_key="any") as client:
            message = await client.messages.create(model=MODEL, max_tokens=500, messages=OTTERS)
            async with client.messages.stream(model=MODEL, max_tokens=500, messages=OTTERS) as stream:
                said = [text async for text in stream.text_stream]
    assert message.content[0].type == "text"
    assert "otters" in message.content[0].text
    assert "otters" in "".join(said)
