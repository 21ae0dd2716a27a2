"""One ring over many loops, threads and processes: it answers everywhere, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import async_to_sync

from llmring import LLMRing, ProviderError
from llmring._io.locks import _locks
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator import Simulator

MODEL = MODELS["openai"]


@pytest.fixture
def ring(simulator: Simulator) -> Iterator[LLMRing]:
    """Give a ring whose both sides are closed afterwards; what is left open is an error."""
    made = LLMRing(**settings(simulator))
    yield made
    made.close()
    del made
    gc.collect()


async def two(ring: LLMRing) -> None:
    """Answer twice, then five times at once, then stream."""
    assert (await ring.achat(MODEL, "Hi")).content
    assert (await ring.achat(MODEL, "Hi")).content
    answers = await asyncio.gather(*(ring.achat(MODEL, f"Hi {at}") for at in range(5)))
    assert len({answer.id for answer in answers}) == 5
    assert [event async for event in ring.achat_stream(MODEL, "Hi")]


def test_loop_after_loop(ring: LLMRing) -> None:
    """Each ``asyncio.run`` is a loop of its own; the ring serves all of them, and blocking calls between."""
    for _ in range(5):
        asyncio.run(two(ring), debug=True)
        assert ring.chat(MODEL, "Hi").content
    assert ring.usage().calls == 5 * 9


def test_loops_at_once(ring: LLMRing) -> None:
    """Loops in several threads share the ring, never a connection."""
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(lambda: asyncio.run(two(ring))) for _ in range(8)]:
            done.result()
    assert ring.usage().calls == 8 * 8


def test_threads(ring: LLMRing) -> None:
    """Blocking calls of many threads share one ring, and the totals miss none."""
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(partial(ring.chat, MODEL), [f"Hi {at}" for at in range(80)]))
    assert len({answer.id for answer in answers}) == 80
    assert ring.usage().calls == 80
    assert ring.usage().usage.total_tokens == sum(answer.usage.total_tokens for answer in answers)


def test_blocking_means_blocking(ring: LLMRing) -> None:
    """No thread is started for a blocking call, nor is a loop."""
    before = threading.active_count()
    assert ring.chat(MODEL, "Hi").content
    assert [event for event in ring.chat_stream(MODEL, "Hi") if event.delta]
    assert threading.active_count() - before <= 1  # the simulator's own, for the connection


def test_async_views(ring: LLMRing) -> None:
    """Django runs asynchronous views by ``async_to_sync``: a loop a call."""
    for _ in range(3):
        async_to_sync(two)(ring)


def test_cancelling_leaves_the_ring_healthy(ring: LLMRing) -> None:
    """Calls that are cancelled anywhere leave no connection in a bad state."""

    async def cancelled() -> None:
        for pause in (0, 0.001, 0.003, 0.01):
            tasks = [asyncio.create_task(ring.achat(MODEL + "+delay=0.05", "Hi")) for _ in range(10)]
            await asyncio.sleep(pause)
            for task in tasks:
                task.cancel()
            assert all(isinstance(each, asyncio.CancelledError) for each in await asyncio.gather(*tasks, return_exceptions=True))
        await two(ring)

    asyncio.run(cancelled(), debug=True)


def test_dropping_a_ring_closes_its_connections(simulator: Simulator) -> None:
    """A ring that nobody closed leaves no socket open when it is collected."""
    ring = LLMRing(**settings(simulator))
    assert ring.chat(MODEL, "Hi").content
    assert [event for event in ring.chat_stream(MODEL, "Hi") if event.delta]
    del ring
    gc.collect()  # a socket left open would be a warning, which is an error here


def test_entering(simulator: Simulator) -> None:
    """``with`` hands out the ring, ``async with`` its twin; both share the totals."""
    with LLMRing(**settings(simulator)) as ring:
        assert ring.chat(MODEL, "Hi").content

    async def entered() -> None:
        async with LLMRing(**settings(simulator)) as service:
            assert (await service.chat(MODEL, "Hi")).content
            assert [event async for event in service.chat_stream(MODEL, "Hi")]
            assert service.usage().calls == 2

    asyncio.run(entered())


def test_forked_children(ring: LLMRing) -> None:
    """A ring that has connections before a fork works in the children, while other threads are calling in the parent."""
    assert ring.chat(MODEL, "Hi").content
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            ring.chat(MODEL, "Hi")

    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        codes = [_forked(ring) for _ in range(6)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert codes == [0] * 6
    assert ring.chat(MODEL, "Hi").content


def test_a_fork_while_every_lock_is_held(ring: LLMRing) -> None:
    """Other threads hold whatever can be held at the moment of the fork; the child's locks are free all the same."""
    assert ring.chat(MODEL, "Hi").content
    asyncio.run(two(ring))
    every = [*_locks]
    assert len(every) >= 4
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with ExitStack() as stack:
            for lock in every:
                stack.enter_context(lock)
            held.set()
            go.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    try:
        code = _forked(ring)
    finally:
        go.set()
        holder.join()
    assert code == 0
    assert ring.chat(MODEL, "Hi").content


def _forked(ring: LLMRing) -> int:
    """Call from a child, blocking and async, and give its exit code."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forking with threads, which is what is tried here
        child = os.fork()
    if child == 0:
        code = 1
        signal.alarm(30)  # a child that waits for a lock is a failure, not a hang
        try:
            answered = ring.chat(MODEL, "Hi").content and asyncio.run(ring.achat(MODEL, "Hi")).content
            streamed = [event for event in ring.chat_stream(MODEL, "Hi") if event.delta]
            code = 0 if answered and streamed and ring.usage().calls else 2
        except ProviderError:
            code = 3
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
