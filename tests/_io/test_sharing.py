"""Threads, tasks, loops and forked children share what a ring may spend and ask for, and never take more."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmring import AsyncLLMRing, LLMRing
from llmring.exceptions import BudgetExceededError
from tests._io.turnstile import Turnstile
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.purse import Purse
    from llmring._io.gate import Gate
    from llmring.testing.simulator import Simulator

MODEL = MODELS["anthropic"]
ROOT = Path(__file__).resolve().parents[2]
TOGETHER = 3
CALLS = 24
LIMITS: list[dict[str, Any]] = [{"max_concurrency": TOGETHER}, {"limits": {"anthropic": {"max_concurrency": TOGETHER}}}]
BUDGET = Decimal("0.005")


@pytest.fixture
def turnstile() -> Iterator[Turnstile]:
    """Serve all providers, so many at once."""
    with Turnstile(TOGETHER) as running:
        yield running


def gate(ring: LLMRing | AsyncLLMRing) -> Gate:
    """Give where the calls of *ring* wait."""
    found = ring._shared.core.guards._gate
    assert found is not None
    return found


def purse(ring: LLMRing | AsyncLLMRing) -> Purse:
    """Give the money of *ring*."""
    found = ring._shared.core.guards.purse
    assert found is not None
    return found


async def waiting(ring: LLMRing | AsyncLLMRing, calls: int) -> None:
    """Let the loop go on until so many *calls* stand in line."""
    while sum(len(line) for line in gate(ring)._lines.values()) < calls:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)


# --- calls at once ------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", LIMITS, ids=["ring", "provider"])
def test_threads_go_in_together(turnstile: Turnstile, limits: dict[str, Any]) -> None:
    """As many as may, and never more."""
    with LLMRing(**settings(turnstile, **limits, timeout=30)) as ring, ThreadPoolExecutor(12) as crowd:
        done = [crowd.submit(ring.chat, MODEL, "Hi") for _ in range(CALLS)]
        assert all(each.result().content for each in done)
        assert (turnstile.most, gate(ring).running) == (TOGETHER, 0)


@pytest.mark.parametrize("limits", LIMITS, ids=["ring", "provider"])
async def test_tasks_go_in_together(turnstile: Turnstile, limits: dict[str, Any]) -> None:
    """As many as may, and never more."""
    async with AsyncLLMRing(**settings(turnstile, **limits, timeout=30)) as ring:
        assert all(each.content for each in await asyncio.gather(*(ring.chat(MODEL, "Hi") for _ in range(CALLS))))
        assert (turnstile.most, gate(ring).running) == (TOGETHER, 0)


def test_loops_and_threads_wait_for_each_other(turnstile: Turnstile) -> None:
    """Several loops at once, beside threads that block, share one ring's limits."""
    with LLMRing(**settings(turnstile, max_concurrency=TOGETHER, timeout=30)) as ring:

        async def some() -> bool:
            return all(each.content for each in await asyncio.gather(*(ring.achat(MODEL, "Hi") for _ in range(6))))

        def one() -> bool:
            return bool(ring.chat(MODEL, "Hi").content)

        with ThreadPoolExecutor(9) as crowd:
            done = [crowd.submit(asyncio.run, some()) for _ in range(3)] + [crowd.submit(one) for _ in range(6)]
            assert all(each.result() for each in done)
        assert (turnstile.most, gate(ring).running) == (TOGETHER, 0)


# --- money --------------------------------------------------------------------------------------------


def test_threads_spend_together(simulator: Simulator) -> None:
    """Each until the next call could cost more than is left; all of them no more than they may."""
    with LLMRing(**settings(simulator, max_cost=BUDGET)) as ring, ThreadPoolExecutor(8) as crowd:

        def spend(_: int) -> bool:
            try:
                for _ in range(100):
                    ring.chat(MODEL, "Hi", max_tokens=100)
            except BudgetExceededError:
                return True
            return False

        assert all(crowd.map(spend, range(8)))
        assert 0 < purse(ring).spent == ring.usage().cost <= BUDGET
        assert purse(ring).reserved == 0


async def test_tasks_spend_together(simulator: Simulator) -> None:
    """What calls under way could cost is not there for others, so a crowd is refused before anything is sent."""
    async with AsyncLLMRing(**settings(simulator, max_cost=BUDGET)) as ring:
        crowd = await asyncio.gather(*(ring.chat(MODEL, "Hi", max_tokens=100) for _ in range(60)), return_exceptions=True)
        refused = [each for each in crowd if isinstance(each, BudgetExceededError)]
        assert 0 < len(refused) < len(crowd)
        assert ring.usage().calls == len(crowd) - len(refused)
        assert 0 < purse(ring).spent == ring.usage().cost <= BUDGET
        assert purse(ring).reserved == 0


# --- who gives up -------------------------------------------------------------------------------------


async def test_a_cancelled_waiter_frees_its_place(simulator: Simulator) -> None:
    """While it waits, and when it was let in but does not know yet."""
    async with AsyncLLMRing(**settings(simulator, max_concurrency=1)) as ring:
        stream = ring.chat_stream(MODEL, "Hi")
        await anext(stream)
        first, second, third = (asyncio.ensure_future(ring.chat(MODEL, "Hi")) for _ in range(3))
        await waiting(ring, 3)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await stream.aclose()
        assert not second.done()
        second.cancel()
        assert (await third).content
        assert first.cancelled()
        assert second.cancelled()
        assert gate(ring).running == 0


async def test_cancelling_at_every_wait_gives_everything_back(simulator: Simulator) -> None:
    """Wherever a call is cancelled, it holds neither money nor a place."""
    async with AsyncLLMRing(**settings(simulator, max_cost=1, max_concurrency=1)) as ring:
        for steps in range(40):
            task = asyncio.ensure_future(ring.chat(MODEL, "Hi", max_tokens=50))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert (gate(ring).running, purse(ring).reserved) == (0, 0)
        assert (await ring.chat(MODEL, "Hi", max_tokens=50)).content


def test_a_loop_that_is_gone_holds_nothing(simulator: Simulator) -> None:
    """Whoever waited on a loop that ended has left the line."""
    with LLMRing(**settings(simulator, max_concurrency=1)) as ring:
        holding, over = threading.Event(), threading.Event()

        def hold() -> None:
            with ring.chat_stream(MODEL, "Hi") as stream:
                next(stream)
                holding.set()
                over.wait()

        async def wait_in_vain() -> None:
            left = asyncio.ensure_future(ring.achat(MODEL, "Hi"))
            await waiting(ring, 1)
            assert not left.done()

        holder = threading.Thread(target=hold)
        holder.start()
        holding.wait()
        asyncio.run(wait_in_vain())
        over.set()
        holder.join()
        assert ring.chat(MODEL, "Hi").content
        assert gate(ring).running == 0


# --- forks --------------------------------------------------------------------------------------------

FORK = """
import gc, os, sys, threading
from llmring import AsyncLLMRing, LLMRing
from llmring.testing.simulator import Simulator
from tests.rings import MODELS, settings

MODEL = MODELS["anthropic"]
simulator = Simulator().start()
ring = LLMRing(**settings(simulator, max_cost=1, max_concurrency=2))
guards = ring._shared.core.guards
stream = ring.chat_stream(MODEL, "Hi", max_tokens=50)
next(stream)
waiting = ring.with_options(timeout=20)
other = waiting.chat_stream(MODEL, "Hi", max_tokens=50)
next(other)
late = threading.Thread(target=waiting.chat, args=(MODEL, "Hi"), kwargs={"max_tokens": 50})
late.start()
while not guards._gate._lines:
    pass
held = guards.purse.reserved
pid = os.fork()
if not pid:
    code = 1
    try:
        assert (guards._gate.running, guards.purse.reserved) == (0, 0)
        del stream
        other = None
        gc.collect()
        assert (guards._gate.running, guards.purse.reserved) == (0, 0), (guards._gate.running, guards.purse)
        assert ring.chat(MODEL, "Hi", max_tokens=50).content
        with ring.chat_stream(MODEL, "Hi", max_tokens=50) as mine:
            next(mine)
            assert (guards._gate.running, guards.purse.reserved > 0) == (1, True)
        assert (guards._gate.running, guards.purse.reserved) == (0, 0)
        ring.close()
        code = 0
    except BaseException as error:
        print("child:", repr(error), flush=True)
    os._exit(code)
assert os.waitpid(pid, 0)[1] == 0
assert (guards._gate.running, guards.purse.reserved) == (2, held)
assert list(stream)
late.join()
other.close()
assert (guards._gate.running, guards.purse.reserved) == (0, 0)
ring.close()
simulator.close()
"""


def test_a_forked_child_has_limits_of_its_own() -> None:
    """It begins with nothing under way, and what the parent's calls held changes nothing when the child lets go of it."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-W", "ignore:This process:DeprecationWarning", "-c", FORK],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
