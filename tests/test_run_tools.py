"""Where the twins differ in running tools: what waits, what runs at once, and in which thread."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from llmring import LLMRing
from llmring.exceptions import RequestError, ToolError
from llmring.schemas import Tool, ToolCall, ToolResultPart
from llmring.testing.simulator import Simulator
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from llmring._gen.response import LLMResponse

MODEL = MODELS["anthropic"]
PLACE: ContextVar[str] = ContextVar("place", default="nowhere")


@pytest.fixture(scope="module")
def ring() -> Iterator[LLMRing]:
    """Give a ring over a simulator."""
    with Simulator() as simulator, LLMRing(**settings(simulator)) as made:
        yield made


async def waiting(x: int) -> str:
    """Wait."""
    await asyncio.sleep(0)
    return f"waited {bool(x)}"


def promising(x: int) -> Coroutine[Any, Any, str]:
    """Promise, without a word on it."""
    return waiting(x)


def stopping(x: int) -> str:
    """End what cannot be ended from here."""
    raise StopIteration(x)


def errors(response: LLMResponse[Any]) -> list[Any]:
    """Return what went wrong."""
    contents = [turn.content for turn in response.turns if isinstance(turn.content, list)]
    return [part.content for content in contents for part in content if isinstance(part, ToolResultPart) and part.is_error]


def test_blocking_code_does_not_wait(ring: LLMRing) -> None:
    """A function that is to be awaited is refused before anything is sent; one that hides it is an error for the model."""
    with pytest.raises(RequestError, match="arun_tools") as caught:
        ring.run_tools(MODEL, "Go.", tools=[{"type": "web_search"}, waiting])
    assert caught.value.path == "tools[1]"
    assert errors(ring.run_tools(MODEL, "Go.", tools=[promising])) == ["TypeError: the tool gave something to be awaited; call arun_tools"]


def test_blocking_code_has_no_hidden_thread(ring: LLMRing) -> None:
    """Calls are made one after the other, in the caller's thread."""
    threads: list[threading.Thread] = []

    def note(x: int) -> int:
        threads.append(threading.current_thread())
        return x

    ring.run_tools(f"{MODEL}+calls=3", "Go.", tools=[note])
    assert threads == [threading.current_thread()] * 3


async def test_promises_are_kept(ring: LLMRing) -> None:
    """What a function gives to be awaited is awaited."""
    for function in (waiting, promising):
        assert "waited True" in (await ring.arun_tools(MODEL, "Go.", tools=[function])).content


async def test_functions_that_block_leave_the_loop(ring: LLMRing) -> None:
    """They run in other threads, at the same time, and see the caller's context."""
    together = threading.Barrier(3, timeout=10)
    PLACE.set("here")

    def meet(x: int) -> str:
        together.wait()
        return f"{PLACE.get()} {threading.current_thread() is threading.main_thread()} {bool(x)}"

    response = await ring.arun_tools(f"{MODEL}+calls=3", "Go.", tools=[meet])
    assert response.content.count("here False True") == 3


async def test_calls_at_once_are_bounded(ring: LLMRing) -> None:
    """No more run at once than *parallel* allows, and results keep the order of the calls."""
    running = 0
    most = 0

    async def count(x: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(10):
            await asyncio.sleep(0)
        running -= 1
        return x

    response = await ring.arun_tools(f"{MODEL}+calls=6", "Go.", tools=[count], parallel=2)
    assert most == 2
    calls = response.turns[0].tool_calls
    assert [turn.tool_call_id for turn in response.turns[1:-1]] == [call.id for call in calls]
    assert [turn.content for turn in response.turns[1:-1]] == [str((call.arguments or {})["x"]) for call in calls]


async def test_what_ends_generators_ends_nothing_else(ring: LLMRing) -> None:
    """An exception that no thread can hand to a loop is an error for the model like any other."""
    assert errors(await ring.arun_tools(MODEL, "Go.", tools=[stopping])) == ["RuntimeError: the function raised StopIteration"]
    assert errors(await asyncio.to_thread(ring.run_tools, MODEL, "Go.", tools=[stopping]))[0].startswith("StopIteration")


async def test_leaving_cancels_what_runs(ring: LLMRing) -> None:
    """Cancelling the loop cancels the calls that wait."""
    began, ended = asyncio.Event(), asyncio.Event()

    async def forever(x: int) -> int:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return x

    task = asyncio.create_task(ring.arun_tools(MODEL, "Go.", tools=[forever]))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
    await ring.aclose()


async def forever(x: int) -> int:
    """Wait for what never comes."""
    await asyncio.Event().wait()
    return x


async def test_time_cancels_what_runs(ring: LLMRing) -> None:
    """When the time is up, calls that wait are cancelled, and no task is left."""
    before = asyncio.all_tasks()
    with pytest.raises(ToolError, match="max_seconds") as caught:
        await ring.arun_tools(f"{MODEL}+calls=3", "Go.", tools=[forever], max_seconds=0.2)
    assert caught.value.response is not None
    await ring.aclose()
    assert asyncio.all_tasks() == before


async def test_time_cancels_the_wait_for_leave(ring: LLMRing) -> None:
    """Nobody may take longer to answer than the run may."""

    async def approve(call: ToolCall, tool: Tool) -> bool:
        return bool(await forever(len(call.name) + len(tool.name)))

    with pytest.raises(ToolError, match="max_seconds"):
        await ring.arun_tools(MODEL, "Go.", tools=[waiting], approve=approve, max_seconds=0.2)
    await ring.aclose()


async def test_one_that_is_asked_may_block(ring: LLMRing) -> None:
    """A callback that blocks leaves the loop; one call is shown at a time."""
    threads: list[bool] = []
    shown: list[str] = []
    alone = threading.Lock()

    def approve(call: ToolCall, tool: Tool) -> bool:
        assert alone.acquire(blocking=False)
        threads.append(threading.current_thread() is threading.main_thread())
        shown.append(f"{call.id} {tool.name}")
        alone.release()
        return True

    response = await ring.arun_tools(f"{MODEL}+calls=3", "Go.", tools=[waiting], approve=approve)
    assert threads == [False] * 3
    assert shown == [f"{call.id} waiting" for call in response.turns[0].tool_calls]
    await ring.aclose()


def test_blocking_code_asks_at_once(ring: LLMRing) -> None:
    """A callback that is to be awaited is refused before anything is sent; one that blocks is asked in the caller's thread."""

    async def approve(call: ToolCall, tool: Tool) -> bool:
        return call.name == tool.name

    with pytest.raises(RequestError, match=r"approve.* call arun_tools"):
        ring.run_tools(MODEL, "Go.", tools=[stopping], approve=approve)
    threads: list[threading.Thread] = []
    ring.run_tools(MODEL, "Go.", tools=[stopping], approve=lambda _call, _tool: not threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]


async def test_calls_that_cancel_themselves(ring: LLMRing) -> None:
    """A cancellation that nobody asked for is an error for the model, like any other."""

    async def give_up(x: int) -> int:
        raise asyncio.CancelledError(x)

    response = await ring.arun_tools(MODEL, "Go.", tools=[give_up])
    assert errors(response) == ["RuntimeError: the function cancelled itself"]
    await ring.aclose()
