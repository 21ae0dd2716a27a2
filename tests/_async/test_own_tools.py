"""A ring takes callables that bring their own description as tools, asks for leave before calls, and ends in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmring._core.timeouts import Timeout
from llmring._io import aio
from llmring.exceptions import InvalidMessageError, ProviderTimeoutError, ToolError
from llmring.schemas import LLMRequest, Tool, ToolCall, ToolResultPart
from tests.rings import MODELS

if TYPE_CHECKING:
    from llmring._async.ring import AsyncLLMRing
    from llmring._gen.response import LLMResponse

EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


class Search:
    """A tool that describes itself, as those of servers do."""

    def __init__(self, **parameters: Any) -> None:
        """Be described by *parameters*."""
        self.calls: list[dict[str, Any]] = []
        words = {"words": {"type": "string"}}
        self.tool = Tool(
            name="search-web",
            description="Search.",
            parameters={"type": "object", "properties": words, "required": ["words"], **parameters},
        )

    async def __call__(self, **arguments: Any) -> str:
        """Note the call."""
        self.calls.append(arguments)
        return f"found {arguments['words']}"


def errors(response: LLMResponse[Any]) -> list[Any]:
    """Return what the model was told that went wrong."""
    contents = [turn.content for turn in response.turns if isinstance(turn.content, list)]
    return [part.content for content in contents for part in content if isinstance(part, ToolResultPart) and part.is_error]


@EVERY
async def test_is_called_as_it_says(ring: AsyncLLMRing, model: str) -> None:
    """The model is told what the tool says of itself, calls it by that name, and the tool is given what the model wrote."""
    search = Search()
    response = await ring.run_tools(model, "Search for rings.", tools=[search])
    assert "found" in response.content
    (arguments,) = search.calls
    assert list(arguments) == ["words"]
    assert response.turns[1].name == "search-web"


@EVERY
async def test_is_taken_by_every_verb(ring: AsyncLLMRing, model: str) -> None:
    """Answers, streams, estimates and counts take it, and only run_tools runs it."""
    search = Search()
    response = await ring.chat(model, "Search for rings.", tools=[search])
    assert [call.name for call in response.tool_calls] == ["search-web"]
    stream = ring.chat_stream(model, "Search for rings.", tools=[search])
    assert [event async for event in stream]
    assert [call.name for call in stream.response.tool_calls] == ["search-web"]
    with_tool = await ring.count_tokens(model, "Search for rings.", tools=[search])
    assert with_tool.tokens > (await ring.count_tokens(model, "Search for rings.")).tokens
    assert ring.estimate(model, "Hi", tools=[search]) is not None
    assert "found" in (await ring.run_tools(LLMRequest(model=model, messages="Search for rings.", tools=[search]))).content
    assert len(search.calls) == 1


async def test_its_name_must_be_its_own(ring: AsyncLLMRing) -> None:
    """Two tools of one name are refused before anything is sent."""
    with pytest.raises(InvalidMessageError, match="two tools named 'search-web'"):
        await ring.run_tools(MODELS["openai"], "Hi", tools=[Search(), Search()])


async def test_no_call_against_its_schema(ring: AsyncLLMRing) -> None:
    """What the model writes is held to the schema; what does not fit is told to it, and is never called."""
    search = Search()
    response = await ring.run_tools(MODELS["openai"], "Search.", tools=[search], max_tokens=4)
    assert errors(response) == ["The arguments are not a JSON object."]
    assert search.calls == []


# --- leave -------------------------------------------------------------------------------------------


async def test_leave_is_asked_for(ring: AsyncLLMRing) -> None:
    """Each call is shown with its tool before any of its round is made."""
    search = Search()
    asked: list[tuple[Any, ...]] = []

    async def approve(call: ToolCall, tool: Tool) -> bool:
        asked.append((call.name, call.arguments, tool, len(search.calls)))
        return True

    await ring.run_tools(f"{MODELS['anthropic']}+calls=2", "Search for rings.", tools=[search], approve=approve)
    assert asked == [("search-web", arguments, search.tool, 0) for arguments in search.calls]
    assert len(asked) == 2


@pytest.mark.parametrize("said, told", [(False, "This call was refused and has not been made."), ("Ask Ann first.", "Ask Ann first.")])
async def test_refusals_are_told_to_the_model(ring: AsyncLLMRing, said: bool | str, told: str) -> None:  # noqa: FBT001 - an answer
    """The call is not made, the model is told why, and the run goes on."""
    search = Search()
    response = await ring.run_tools(MODELS["google"], "Search for rings.", tools=[search], approve=lambda _call, _tool: said)
    assert errors(response) == [told]
    assert search.calls == []
    assert response.finish_reason == "stop"


async def test_one_call_may_be_refused(ring: AsyncLLMRing) -> None:
    """The others of its round are made, and the results keep the order of the calls."""
    search = Search()
    leave = iter([True, False, True])
    run = ring.run_tools(f"{MODELS['openai']}+calls=3", "Search.", tools=[search], approve=lambda _call, _tool: next(leave))
    response = await run
    assert len(search.calls) == 2
    assert [turn.tool_call_id for turn in response.turns[1:4]] == [call.id for call in response.turns[0].tool_calls]
    assert [isinstance(turn.content, list) for turn in response.turns[1:4]] == [False, True, False]


async def test_no_answer_is_no_leave(ring: AsyncLLMRing) -> None:
    """A callback that says nothing, or raises, ends the run before the call is made."""
    search = Search()

    def nothing(_call: ToolCall, _tool: Tool) -> Any: ...

    with pytest.raises(TypeError, match="approve gave null"):
        await ring.run_tools(MODELS["openai"], "Search.", tools=[search], approve=nothing)

    def leave(_call: ToolCall, _tool: Tool) -> bool:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await ring.run_tools(MODELS["openai"], "Search.", tools=[search], approve=leave)
    assert search.calls == []


async def test_nobody_is_asked_about_what_cannot_be_called(ring: AsyncLLMRing) -> None:
    """Calls that break the schema fail without leave."""
    asked: list[ToolCall] = []
    response = await ring.run_tools(
        MODELS["openai"], "Search.", tools=[Search()], max_tokens=4, approve=lambda call, _tool: not asked.append(call)
    )
    assert errors(response)
    assert asked == []


# --- time --------------------------------------------------------------------------------------------


async def test_time_ends_rounds(ring: AsyncLLMRing) -> None:
    """A model that does not answer in time ends the run like any other bound; nothing had come of it."""
    with pytest.raises(ToolError, match=r"After max_seconds=0\.05 .* allow it more") as caught:
        await ring.run_tools(f"{MODELS['openai']}+fault=hang", "Search.", tools=[Search()], max_seconds=0.05)
    assert isinstance(caught.value.__cause__, ProviderTimeoutError)
    assert caught.value.response is None


async def test_other_limits_stay_what_they_are(ring: AsyncLLMRing) -> None:
    """A request that exceeds its own time is the provider's failure."""
    with pytest.raises(ProviderTimeoutError):
        await ring.run_tools(f"{MODELS['openai']}+fault=hang", "Search.", tools=[Search()], max_seconds=600, timeout=0.05)
    with pytest.raises(ProviderTimeoutError):
        await ring.run_tools(f"{MODELS['openai']}+fault=hang", "Search.", tools=[Search()], max_seconds=600, timeout=Timeout(total=0.05))


async def test_time_ends_calls(ring: AsyncLLMRing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is up, no call begins; the error carries what the rounds had come to."""
    now, passed = aio.monotonic, [0.0]
    monkeypatch.setattr(aio, "monotonic", lambda: now() + passed[0])
    calls: list[int] = []

    async def idle(x: int) -> int:
        calls.append(x)
        passed[0] += 1000
        return x

    with pytest.raises(ToolError, match="max_seconds=600") as caught:
        await ring.run_tools(f"{MODELS['openai']}+calls=2", "Idle.", tools=[idle], max_seconds=600, parallel=1)
    assert len(calls) == 1
    assert caught.value.response is not None
    assert len(caught.value.response.tool_calls) == 2
    assert [turn.role for turn in caught.value.messages] == ["user", "assistant"]


async def test_time_that_suffices(ring: AsyncLLMRing) -> None:
    """A run within its time is as any other."""
    assert "found" in (await ring.run_tools(MODELS["openai"], "Search.", tools=[Search()], max_seconds=600)).content
