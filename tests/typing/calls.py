"""All ways of calling, and the types inferred for them; pyright reads this file, nothing runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, assert_type

import attrs

from llmring import (
    AsyncChatStream,
    AsyncLLMRing,
    AsyncToolStream,
    LLMRequest,
    LLMResponse,
    LLMRing,
    Message,
    RunEvent,
    StreamEvent,
    SyncChatStream,
    SyncLLMRing,
    SyncToolStream,
    TextPart,
    Timeout,
    Tool,
    ToolCall,
    Usage,
)

if TYPE_CHECKING:
    from llmring.exceptions import ProviderError
    from llmring.schemas import LLMResponse as LLMResponseOfSchemas
    from llmring.service import LLMRing as LLMRingOfService


@attrs.frozen
class Person:
    """An attrs class to answer with."""

    name: str


@dataclass
class City:
    """A dataclass to answer with."""

    name: str


class Point(TypedDict):
    """A mapping to answer with."""

    x: int


HI = Message(role="user", content="Hi")
MAPPINGS = [{"role": "user", "content": "Hi"}]
SCHEMA: dict[str, Any] = {"type": "json_object"}
UNTYPED = LLMRequest(model="fast", messages=[HI])
TYPED = LLMRequest(model="fast", messages="Hi", response_format=Person)

ring = LLMRing()


def blocking() -> None:
    """Call the ring and wait."""
    assert_type(ring, LLMRing[str])
    assert_type(ring.chat("fast", "Hi"), LLMResponse[Any])
    assert_type(ring.chat("fast", [HI]), LLMResponse[Any])
    assert_type(ring.chat("fast", messages=MAPPINGS, temperature=0.1, timeout=3), LLMResponse[Any])
    assert_type(ring.chat("fast", messages=[{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]), LLMResponse[Any])
    assert_type(ring.chat("fast", messages=[Message(role="user", content=[TextPart(text="Hi")]), {"role": "user"}]), LLMResponse[Any])
    assert_type(ring.chat(model="fast", messages="Hi"), LLMResponse[Any])
    assert_type(ring.chat("fast", "Hi", response_format=SCHEMA), LLMResponse[Any])
    assert_type(ring.chat("fast", "Hi", response_format=None), LLMResponse[Any])
    assert_type(ring.chat("fast", "Hi", response_format=Person), LLMResponse[Person])
    assert_type(ring.chat("fast", "Hi", response_format=City).parsed, City | None)
    assert_type(ring.chat(model="fast", messages="Hi", response_format=Point, max_tokens=9), LLMResponse[Point])
    assert_type(ring.chat("fast", "Hi", response_format=list[int]), LLMResponse[list[int]])
    assert_type(ring.chat(UNTYPED), LLMResponse[Any])
    assert_type(ring.chat(UNTYPED, profile="dev"), LLMResponse[Any])
    assert_type(ring.chat(TYPED), LLMResponse[Person])
    with LLMRing() as entered:
        assert_type(entered, LLMRing[str])
        entered.close()


def blocking_streams() -> None:
    """Iterate over streams."""
    assert_type(ring.chat_stream("fast", "Hi"), SyncChatStream[Any])
    assert_type(ring.chat_stream(model="fast", messages=MAPPINGS), SyncChatStream[Any])
    assert_type(ring.chat_stream("fast", "Hi", response_format=Person), SyncChatStream[Person])
    assert_type(ring.chat_stream(TYPED, profile="dev"), SyncChatStream[Person])
    with ring.chat_stream(TYPED) as stream:
        for event in stream:
            assert_type(event, StreamEvent)
            assert_type(event.delta, str)
            assert_type(event.index, int)
            assert_type(event.usage, Usage | None)
        assert_type(stream.response, LLMResponse[Person])


def weather(city: str) -> str:
    """Stand for a tool."""
    return city


async def news(city: str) -> Person:
    """Stand for a tool that waits."""
    return Person(city)


def leave(call: ToolCall, tool: Tool) -> bool | str:
    """Stand for somebody who is asked."""
    return call.name == tool.name or "No."


async def awaited_leave(call: ToolCall, tool: Tool) -> bool:
    """Stand for somebody who takes time."""
    return call.name == tool.name


def blocking_tools() -> None:
    """Run tools and wait."""
    assert_type(ring.run_tools("fast", "Hi", tools=[weather, SCHEMA]), LLMResponse[Any])
    assert_type(ring.run_tools("fast", MAPPINGS, tools=[weather], max_rounds=3, parallel=2, max_cost="0.10"), LLMResponse[Any])
    assert_type(ring.run_tools("fast", "Hi", tools=[weather], response_format=Person), LLMResponse[Person])
    assert_type(ring.run_tools(TYPED, max_rounds=3), LLMResponse[Person])
    assert_type(ring.run_tools(TYPED, max_seconds=30, approve=leave, parallel=1, profile="dev"), LLMResponse[Person])
    assert_type(ring.run_tools("fast", "Hi", tools=[weather], max_seconds=2.5, approve=leave), LLMResponse[Any])
    assert_type(ring.run_tools("fast", "Hi", tools=[weather]).turns, list[Message])
    assert_type(ring.run_tools("fast", "Hi", mcp=["server.py"]), LLMResponse[Any])
    assert_type(ring.run_tools_stream("fast", "Hi", tools=[weather], max_rounds=3), SyncToolStream[Any])
    with ring.run_tools_stream(TYPED, approve=leave) as stream:
        for event in stream:
            assert_type(event, RunEvent)
            assert_type(event.delta, str)
        assert_type(stream.response, LLMResponse[Person])
    assert_type(ring.chat("fast", "Hi", tools=[weather, SCHEMA]), LLMResponse[Any])


async def awaited_tools(awaited: AsyncLLMRing) -> None:
    """Run tools and await."""
    assert_type(await ring.arun_tools("fast", "Hi", tools=[weather, news]), LLMResponse[Any])
    assert_type(await ring.arun_tools("fast", "Hi", tools=[news], response_format=Person), LLMResponse[Person])
    assert_type(await ring.arun_tools(TYPED, max_rounds=3), LLMResponse[Person])
    assert_type(await ring.arun_tools("fast", "Hi", tools=[news], approve=awaited_leave), LLMResponse[Any])
    assert_type(ring.arun_tools_stream("fast", "Hi", tools=[news], response_format=Person), AsyncToolStream[Person])
    async for event in awaited.run_tools_stream(TYPED):
        assert_type(event, RunEvent)
    assert_type(await awaited.run_tools("fast", "Hi", tools=[news], response_format=SCHEMA), LLMResponse[Any])


async def from_the_same_ring() -> None:
    """Await the verbs in ``a…``."""
    assert_type(await ring.achat("fast", "Hi"), LLMResponse[Any])
    assert_type(await ring.achat(model="fast", messages=MAPPINGS), LLMResponse[Any])
    assert_type(await ring.achat("fast", "Hi", response_format=Person), LLMResponse[Person])
    assert_type(await ring.achat("fast", "Hi", response_format=SCHEMA), LLMResponse[Any])
    assert_type(await ring.achat(UNTYPED), LLMResponse[Any])
    assert_type(await ring.achat(TYPED, profile="dev"), LLMResponse[Person])
    assert_type(ring.achat_stream("fast", "Hi"), AsyncChatStream[Any])
    assert_type(ring.achat_stream("fast", "Hi", response_format=Person), AsyncChatStream[Person])
    async for event in ring.achat_stream(TYPED):
        assert_type(event, StreamEvent)
    await ring.aclose()


async def from_the_twin() -> None:
    """Await the twin's verbs."""
    async with LLMRing() as service:
        assert_type(service, AsyncLLMRing[str])
        assert_type(await service.chat(UNTYPED), LLMResponse[Any])
        assert_type(await service.chat("fast", "Hi", response_format=Person), LLMResponse[Person])
        async with service.chat_stream(TYPED) as stream:
            async for event in stream:
                assert_type(event, StreamEvent)
            assert_type(stream.response, LLMResponse[Person])
    async with AsyncLLMRing() as entered:
        assert_type(entered, AsyncLLMRing[str])
        await entered.close()
        await entered.aclose()


def copies(blocked: SyncLLMRing, awaited: AsyncLLMRing) -> None:
    """Keep the ring's own type in copies of it."""
    assert_type(ring.with_options(timeout=3, max_retries=0, profile="dev"), LLMRing[str])
    assert_type(blocked.with_options(timeout=Timeout(connect=5)), SyncLLMRing[str])
    assert_type(awaited.with_options(timeout=None), AsyncLLMRing[str])


def answers(response: LLMResponse) -> str:
    """Read a response."""
    assert_type(response.tool_calls, list[ToolCall])
    assert_type(response.usage.prompt_tokens, int)
    assert_type(response.message, Message)
    response.usage.get("total_tokens", 0)
    return response.content


def other_doors(service: LLMRingOfService, response: LLMResponseOfSchemas, error: ProviderError) -> None:
    """Meet the same classes behind every door."""
    assert_type(service, LLMRing[str])
    assert_type(response, LLMResponse[Any])
    assert_type(error.retry_after, float | None)
