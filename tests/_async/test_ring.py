"""One ring answers, streams, falls back and tells what went wrong, through every wire format."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring._async.ring import AsyncLLMRing
from llmring.exceptions import (
    BudgetExceededError,
    ConfigurationError,
    InvalidMessageError,
    InvalidRequestError,
    LockfileNotFoundError,
    LockfileParseError,
    MissingAliasesError,
    MissingAPIKeyError,
    ModelNotFoundError,
    ProviderAuthenticationError,
    ProviderConnectionError,
    ProviderOverloadedError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderResponseError,
    ProviderServerError,
    ProviderTimeoutError,
    RequestError,
    SchemaValidationError,
    StreamInterruptedError,
    StreamTimeoutError,
    UnknownAliasError,
    UnknownProfileError,
    UnknownProviderError,
    UnsupportedParameterError,
)
from llmring.schemas import Finish, LLMRequest, Message, TextDelta, ToolCallComplete
from tests.rings import MODELS, lockfile, settings

if TYPE_CHECKING:
    from pathlib import Path

    from llmring._async.stream import AsyncChatStream
    from llmring.testing.simulator import Simulator

EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@attrs.frozen
class City:
    """A structured answer."""

    name: str
    people: int


async def drained(stream: AsyncChatStream[Any], seen: list[str] | None = None) -> None:
    """Read *stream* to its end, keeping the text that was *seen*."""
    async for event in stream:
        if seen is not None:
            seen.append(event.delta)


# --- answering ---------------------------------------------------------------------------------------


@EVERY
async def test_answers(ring: AsyncLLMRing, model: str) -> None:
    """An answer has text, a turn to append, tokens that add up, and says who gave it."""
    response = await ring.chat(model, [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is a lockfile?"}])
    assert "lockfile" in response.content
    assert response.message is not None
    assert response.message.role == "assistant"
    assert response.finish_reason == "stop"
    assert response.model == model
    assert response.provider == model.partition(":")[0]
    assert response.usage.input_tokens > 0
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    assert [attempt.outcome for attempt in response.attempts] == ["ok"]
    assert response.latency > 0
    assert pickle.loads(pickle.dumps(response)) == response


@EVERY
async def test_streams_what_it_answers(ring: AsyncLLMRing, model: str) -> None:
    """The events of a stream add up to its response, which is the answer to the same question."""
    model += "+say=An%20alias%20is%20one%20name%20for%20several%20models."
    stream = ring.chat_stream(model, "What is an alias?")
    events = [event async for event in stream]
    texts = [event for event in events if isinstance(event, TextDelta)]
    assert len(texts) > 3
    assert "".join(event.delta for event in events) == stream.response.content
    assert isinstance(events[-1], Finish)
    assert events[-1].usage == stream.response.usage
    answered = await ring.chat(model, "What is an alias?")
    assert stream.response.content == answered.content
    assert stream.response.finish_reason == answered.finish_reason
    if "gemini" not in model:  # which signs the end of a stream in a part of its own
        assert stream.response.message == answered.message


@EVERY
async def test_carries_a_tool_call_and_its_result(ring: AsyncLLMRing, model: str) -> None:
    """A call comes decoded, and the turn that made it can be appended as it is."""
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    asked = await ring.chat(model, messages, tools=[TOOL])
    assert asked.finish_reason == "tool_calls"
    call = asked.tool_calls[0]
    assert call.name == call["function"]["name"] == "get_weather"
    assert call.arguments is not None
    assert set(call.arguments) == {"city"}
    messages += [asked.message, {"role": "tool", "tool_call_id": call.id, "content": "18 °C and sunny"}]
    told = await ring.chat(model, messages, tools=[TOOL])
    assert "18 °C and sunny" in told.content
    assert told.finish_reason == "stop"


@EVERY
async def test_streams_a_tool_call(ring: AsyncLLMRing, model: str) -> None:
    """The whole call is one event, the same as in the answer."""
    stream = ring.chat_stream(model, "What is the weather in Lisbon?", tools=[TOOL])
    calls = [event.tool_call async for event in stream if isinstance(event, ToolCallComplete)]
    assert [call.name for call in calls] == ["get_weather"]
    assert stream.response.tool_calls[0].arguments == calls[0].arguments


@EVERY
async def test_answers_in_the_wanted_form(ring: AsyncLLMRing, model: str) -> None:
    """A type comes back as its value, a schema as plain JSON."""
    typed = await ring.chat(model, "Describe Lisbon.", response_format=City)
    assert isinstance(typed.parsed, City)
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
    plain = await ring.chat(model, "Count.", response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": schema}})
    assert isinstance(plain["parsed"]["n"], int)


async def test_streams_the_wanted_form(ring: AsyncLLMRing) -> None:
    """What can be read of it grows while it comes, and the whole is checked at the end."""
    stream = ring.chat_stream(MODELS["openai"], "Describe Lisbon.", response_format=City)
    seen = [stream.partial async for _ in stream]
    assert isinstance(stream.response.parsed, City)
    assert seen[-1] == attrs.asdict(stream.response.parsed)


async def test_repairs_once(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """An answer that does not fit is shown to the model once; then the text is in the error."""
    before = len(simulator.requests)
    with pytest.raises(SchemaValidationError) as caught:
        await ring.chat(MODELS["openai"] + "+say=never", "Describe Lisbon.", response_format=City)
    assert caught.value.text == "never"
    assert len(simulator.requests) - before == 2
    assert "never" in str(simulator.requests[-1].body)


async def test_takes_whole_requests(ring: AsyncLLMRing) -> None:
    """A request object says the same as arguments."""
    request = LLMRequest(model=MODELS["anthropic"], messages=[Message(role="user", content="Hi")], max_tokens=50)
    assert await ring.chat(request) == await ring.chat(MODELS["anthropic"], "Hi", max_tokens=50)


async def test_counts_what_it_spends(ring: AsyncLLMRing) -> None:
    """The totals are those of all answers, streams included, and the cost is the registry's."""
    first = await ring.chat(MODELS["anthropic"], "Hi")
    stream = ring.chat_stream(MODELS["anthropic"], "Hi there")
    assert [event async for event in stream]
    assert first.cost is not None
    assert stream.response.cost is not None
    totals = ring.usage()
    assert totals.calls == 2
    assert totals.cost == first.cost.total + stream.response.cost.total > 0
    assert totals.usage.total_tokens == first.usage.total_tokens + stream.response.usage.total_tokens
    assert ring.calculate_cost(first) == first.cost


async def test_unknown_prices_are_not_zero(ring: AsyncLLMRing) -> None:
    """A model without a known price costs None, and a warning says why."""
    response = await ring.chat("openai:gpt-unheard-of", "Hi")
    assert response.cost is None
    assert any("cost" in warning for warning in response.warnings)
    assert ring.usage().unpriced == 1


# --- names -------------------------------------------------------------------------------------------


async def test_resolves_aliases(simulator: Simulator, tmp_path: Path) -> None:
    """An alias stands for its models in order, and the answer says which of them gave it."""
    path = lockfile(tmp_path, fast=[MODELS["openai"], MODELS["ollama"]])
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator)) as ring:
        assert ring.resolve_alias("fast") == MODELS["openai"]
        assert [str(each) for each in ring.resolve("fast")] == [MODELS["openai"], MODELS["ollama"]]
        assert ring.has_alias("fast")
        assert not ring.has_alias("slow")
        assert list(ring.aliases()) == ["fast"]
        response = await ring.chat("fast", "Hi")
        assert (response.alias, response.profile, response.model) == ("fast", "default", MODELS["openai"])


async def test_names_near_matches(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """A mistyped name is an error that knows the right one."""
    with pytest.raises(UnknownAliasError, match="summarizer"):
        await ring.chat("sumarizer", "Hi")
    with pytest.raises(UnknownProviderError, match="openai"):
        await ring.chat("openia:gpt-5.4-mini", "Hi")
    with pytest.raises(UnknownProfileError):
        await ring.chat("fast", "Hi", profile="nope")
    with pytest.raises(TypeError, match="temperature"):
        await ring.chat("fast", "Hi", temprature=1)  # pyright: ignore[reportCallIssue] - the mistake under test
    with pytest.raises(MissingAliasesError, match="Lockfile missing required aliases for my-library: analyzer"):
        ring.require_aliases(["analyzer"], context="my-library")


@pytest.mark.parametrize(
    "messages,path",
    [
        ([], "messages"),
        ([{"content": "Hi"}], "messages[0].role"),
        ([{"role": "usr", "content": "Hi"}], "messages[0].role"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "messages[0].content[0].image_url"),
        ([{"role": "user", "contnet": "Hi"}], "messages[0].contnet"),
        ([{"role": "user", "content": "Hi"}, {"role": "tool", "content": "x"}], "messages[1].tool_call_id"),
        (42, "messages"),
    ],
)
async def test_bad_messages_are_named_before_sending(ring: AsyncLLMRing, simulator: Simulator, messages: Any, path: str) -> None:
    """The error says where in the request the fault is, and nothing was sent."""
    before = len(simulator.requests)
    with pytest.raises(InvalidMessageError) as caught:
        await ring.chat(MODELS["openai"], messages)
    assert caught.value.path == path
    with pytest.raises(InvalidMessageError):
        ring.chat_stream(MODELS["openai"], messages)
    assert len(simulator.requests) == before


async def test_bad_options_are_named_before_sending(ring: AsyncLLMRing) -> None:
    """A wrong value is told with its name and range."""
    with pytest.raises(RequestError, match="temperature must be at least 0"):
        await ring.chat(MODELS["openai"], "Hi", temperature=-1)
    with pytest.raises(UnsupportedParameterError, match="top_k") as caught:
        await ring.chat(MODELS["openai"], "Hi", top_k=3)
    assert (caught.value.parameter, caught.value.model) == ("top_k", MODELS["openai"])
    warned = await ring.chat(MODELS["openai"], "Hi", top_k=3, on_unsupported="warn")
    assert any("top_k" in warning for warning in warned.warnings)
    assert not (await ring.chat(MODELS["openai"], "Hi", top_k=3, on_unsupported="drop")).warnings


async def test_money_is_bounded_before_it_is_spent(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """An estimate asks nobody; a call that could cost more than allowed is not sent."""
    before = len(simulator.requests)
    found = ring.estimate(MODELS["anthropic"], "Hi", max_tokens=100)
    assert found.upper is not None
    assert found.lower <= found.upper
    with pytest.raises(BudgetExceededError, match="max_cost"):
        await ring.chat(MODELS["anthropic"], "Hi", max_tokens=100, max_cost=found.upper / 2)
    with pytest.raises(BudgetExceededError, match="max_cost"):
        await drained(ring.chat_stream(MODELS["anthropic"], "Hi", max_tokens=100, max_cost=found.upper / 2))
    assert len(simulator.requests) == before
    response = await ring.chat(MODELS["anthropic"], "Hi", max_tokens=100, max_cost=found.upper)
    assert response.cost is not None
    assert found.lower <= response.cost.total <= found.upper


async def test_keys_are_needed_only_by_calls(simulator: Simulator, tmp_path: Path) -> None:
    """A ring without keys can be made and asked for names; a call names the variable to set."""
    path = lockfile(tmp_path, fast=["openai:gpt-5.4-mini"])
    async with AsyncLLMRing(lockfile_path=path) as ring:
        ring.require_aliases(["fast"])
        with pytest.raises(MissingAPIKeyError, match="OPENAI_API_KEY"):
            await ring.chat("fast", "Hi")


async def test_broken_lockfiles_are_errors_at_once(tmp_path: Path) -> None:
    """A missing one is said to be missing, a broken one is told with line and key."""
    with pytest.raises(LockfileNotFoundError, match="nowhere"):
        AsyncLLMRing(lockfile_path=tmp_path / "nowhere.lock")
    path = tmp_path / "llmring.lock"
    path.write_text('version = "1.0"\n[[profiles.default.bindings]]\nalias = "fast"\nmodels = 3\n', encoding="utf-8")
    with pytest.raises(LockfileParseError, match="line 4") as caught:
        AsyncLLMRing(lockfile_path=path)
    assert "models" in str(caught.value)


# --- failing -----------------------------------------------------------------------------------------

FAULTS: dict[str, type[Exception]] = {
    "400": InvalidRequestError,
    "401": ProviderAuthenticationError,
    "429": ProviderRateLimitError,
    "quota": ProviderQuotaError,
    "500": ProviderServerError,
    "529": ProviderOverloadedError,
    "refused": ProviderConnectionError,
    "close": ProviderConnectionError,
    "malformed": ProviderResponseError,
}
ALIKE: dict[tuple[str, str], type[Exception]] = {("quota", "ollama"): ProviderRateLimitError, ("quota", "google"): ProviderRateLimitError}
"""What a provider does not tell apart: these two say of every limit that a quota was exceeded."""


@EVERY
@pytest.mark.parametrize("fault", FAULTS)
async def test_failures_are_typed(ring: AsyncLLMRing, model: str, fault: str) -> None:
    """Each way to fail has its class, which tells provider, model and attempt, and never the key."""
    wanted = ALIKE.get((fault, model.partition(":")[0]), FAULTS[fault])
    with pytest.raises(wanted) as caught:
        await ring.chat(f"{model}+fault={fault}", "Hi")
    error: Any = caught.value
    assert error.provider == model.partition(":")[0]
    assert error.model == f"{model}+fault={fault}"
    assert [attempt.outcome for attempt in error.attempts] == [type(error).__name__]
    assert "sk-simulated-0001" not in repr(error) + str(error) + repr(error.body)
    assert pickle.loads(pickle.dumps(error)).attempts == error.attempts


@EVERY
@pytest.mark.parametrize("fault", ["429", "500", "refused"])
async def test_streams_fail_before_their_first_event_like_answers(ring: AsyncLLMRing, model: str, fault: str) -> None:
    """What comes before any event is no interrupted stream."""
    with pytest.raises(FAULTS[fault]):
        await drained(ring.chat_stream(f"{model}+fault={fault}", "Hi"))


@EVERY
@pytest.mark.parametrize("fault", ["cut", "reset", "short", "error", "malformed"])
async def test_broken_streams_keep_what_had_come(ring: AsyncLLMRing, model: str, fault: str) -> None:
    """A stream that breaks after its first event says so, and carries the text so far."""
    stream = ring.chat_stream(f"{model}+fault={fault}+after=6", "What is a lockfile?")
    seen: list[str] = []
    with pytest.raises(StreamInterruptedError) as caught:
        await drained(stream, seen)
    assert caught.value.partial is not None
    assert caught.value.partial.content == "".join(seen)
    assert caught.value.partial.model == f"{model}+fault={fault}+after=6"
    assert caught.value.provider == model.partition(":")[0]


async def test_unknown_models_are_told_apart(ring: AsyncLLMRing) -> None:
    """A model that the provider does not have is its own kind of error."""
    with pytest.raises(ModelNotFoundError):
        await ring.chat("openai:missing-model", "Hi")


async def test_time_is_limited(ring: AsyncLLMRing) -> None:
    """A provider that does not answer is not waited for longer than was said."""
    with pytest.raises(ProviderTimeoutError):
        await ring.chat(MODELS["openai"] + "+fault=hang", "Hi", timeout=0.2)
    with pytest.raises(StreamTimeoutError, match=r"nothing more arrived within 0.3 s") as caught:
        await drained(ring.chat_stream(MODELS["openai"] + "+fault=stall", "Hi", timeout=0.3))
    assert isinstance(caught.value, ProviderTimeoutError)
    assert isinstance(caught.value, StreamInterruptedError)
    assert caught.value.partial is not None


async def test_retries_what_may_pass(simulator: Simulator) -> None:
    """A failure that passes is tried again, every try being told."""
    async with AsyncLLMRing(**settings(simulator, max_retries=2)) as ring:
        response = await ring.chat(MODELS["openai"] + "+fault=500+times=1+key=retry", "Hi")
    assert [attempt.outcome for attempt in response.attempts] == ["ProviderServerError", "ok"]


async def test_honours_retry_after(simulator: Simulator) -> None:
    """A pause that the provider asks for is made, but not one that is too long."""
    async with AsyncLLMRing(**settings(simulator, max_retries=1)) as ring:
        response = await ring.chat(MODELS["anthropic"] + "+fault=429+retry-after=0+times=1+key=pause", "Hi")
        assert len(response.attempts) == 2
        with pytest.raises(ProviderRateLimitError) as caught:
            await ring.chat(MODELS["anthropic"] + "+fault=429+retry-after=3600", "Hi")
    assert caught.value.retry_after == 3600
    assert len(caught.value.attempts) == 1


@pytest.mark.parametrize("fault", ["503", "refused", "quota", "malformed"])
async def test_falls_back(simulator: Simulator, tmp_path: Path, fault: str) -> None:
    """A model that fails gives way to the next, in answers and streams."""
    path = lockfile(tmp_path, pool=[f"{MODELS['openai']}+fault={fault}", MODELS["anthropic"]])
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator)) as ring:
        response = await ring.chat("pool", "Hi")
        assert response.model == MODELS["anthropic"]
        assert [attempt.outcome == "ok" for attempt in response.attempts] == [False, True]
        stream = ring.chat_stream("pool", "Hi")
        if fault != "malformed":  # there the first events come before the broken one
            assert [event async for event in stream]
            assert stream.response.model == response.model


async def test_skips_what_cannot_be_asked(simulator: Simulator, tmp_path: Path) -> None:
    """A model without its key, and one that lacks a parameter, are passed over."""
    path = lockfile(tmp_path, pool=["groq:llama", MODELS["openai"], MODELS["ollama"]])
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator)) as ring:
        response = await ring.chat("pool", "Hi", top_k=3)
    assert response.model == MODELS["ollama"]


async def test_tells_the_whole_story(simulator: Simulator, tmp_path: Path) -> None:
    """When all fail the last error is raised, the others are notes."""
    path = lockfile(tmp_path, pool=[f"{MODELS['openai']}+fault=500", f"{MODELS['google']}+fault=429"])
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator)) as ring:
        with pytest.raises(ProviderRateLimitError) as caught:
            await ring.chat("pool", "Hi")
    assert [attempt.outcome for attempt in caught.value.attempts] == ["ProviderServerError", "ProviderRateLimitError"]
    assert "ProviderServerError" in caught.value.__notes__[0]


async def test_does_not_fall_back_from_what_is_wrong(simulator: Simulator, tmp_path: Path) -> None:
    """A refused key or request is raised, for the next model would hide it."""
    path = lockfile(tmp_path, pool=[f"{MODELS['openai']}+fault=401", MODELS["google"]])
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator)) as ring:
        with pytest.raises(ProviderAuthenticationError):
            await ring.chat("pool", "Hi")


async def test_keys_stay_hidden(simulator: Simulator) -> None:
    """A key that the provider quotes is taken out of the error."""
    made = settings(simulator)
    made["providers"]["openai"]["api_key"] = "bad-key-4711"
    async with AsyncLLMRing(**made) as ring:
        with pytest.raises(ProviderAuthenticationError) as caught:
            await ring.chat(MODELS["openai"], "Hi")
        assert "bad-key-4711" not in repr(ring) + repr(ring.__dict__)
    assert "bad-key-4711" not in repr(caught.value) + str(caught.value) + repr(caught.value.body)


# --- leaving, copying, closing -------------------------------------------------------------------------


async def test_leaving_a_stream_records_what_is_known(ring: AsyncLLMRing) -> None:
    """A stream that is closed early is over, and counted."""
    async with ring.chat_stream(MODELS["openai"] + "+pace=0.01", "What is a lockfile?") as stream:
        async for event in stream:
            if event.delta:
                break
    assert [event async for event in stream] == []
    with pytest.raises(RuntimeError, match="has not ended"):
        _ = stream.response
    assert ring.usage().calls == 1


async def test_a_stream_that_was_never_begun_costs_nothing(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """The request goes out at the first iteration only."""
    before = len(simulator.requests)
    stream = ring.chat_stream(MODELS["openai"], "Hi")
    assert stream.partial is None
    await stream.close()
    assert len(simulator.requests) == before


async def test_copies_share(ring: AsyncLLMRing) -> None:
    """A copy has settings of its own, and the same totals."""
    copy = ring.with_options(timeout=0.2, max_retries=0, on_unsupported="drop")
    assert (await copy.chat(MODELS["openai"], "Hi", top_k=3)).content
    assert ring.usage() == copy.usage()
    assert ring.usage().calls == 1
    with pytest.raises(ProviderTimeoutError):
        await copy.chat(MODELS["openai"] + "+fault=hang", "Hi")
    with pytest.raises(ConfigurationError, match="timeout"):
        ring.with_options(timeout=-1)


async def test_closing_is_not_the_end(ring: AsyncLLMRing) -> None:
    """A closed ring opens new connections when it is used again."""
    await ring.close()
    assert (await ring.chat(MODELS["ollama"], "Hi")).content
    await ring.aclose()


def test_settings_are_judged_at_once() -> None:
    """What cannot work is said when the ring is made."""
    with pytest.raises(ConfigurationError, match="max_retries"):
        AsyncLLMRing(max_retries=-1)
    with pytest.raises(ConfigurationError, match="on_unsupported"):
        AsyncLLMRing(on_unsupported="explode")  # pyright: ignore[reportArgumentType] - the mistake under test
    with pytest.raises(ConfigurationError, match="api_keey"):
        AsyncLLMRing(providers={"openai": {"api_keey": "x"}})


def test_the_environment_may_set_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not given is read from the environment, and judged."""
    monkeypatch.setenv("LLMRING_PROVIDER_TIMEOUT_S", "7.5")
    assert AsyncLLMRing()._shared.defaults.timeout.attempt == 7.5
    assert AsyncLLMRing(timeout=600.0)._shared.defaults.timeout.attempt == 600.0
    monkeypatch.setenv("LLMRING_PROVIDER_TIMEOUT_S", "soon")
    with pytest.raises(ConfigurationError, match="LLMRING_PROVIDER_TIMEOUT_S"):
        AsyncLLMRing()
