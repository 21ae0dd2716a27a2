"""Many calls that want the same copy wait for one upload: threads, tasks, both twins at once; none spoils it for another."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from llmring import LLMRing
from llmring._core.uploads import Copy, Received
from llmring._io.flights_aio import joined
from llmring._io.flights_blocking import may_join
from llmring._io.uploads import Flight, Uploads
from llmring.exceptions import InvalidRequestError, ProviderTimeoutError, RequestError
from llmring.testing.simulator import Simulator
from llmring.testing.simulator import files as simulated
from llmring.testing.simulator.values import RejectedError
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODEL = MODELS["anthropic"]
CROWD = 8
KEY = "local-1", "anthropic"
COPY = Copy(provider="anthropic", digest="d", media_type="text/plain", received=Received(file_id="f"))


class Gate:
    """Holds uploads up until it is opened, and counts them."""

    def __init__(self) -> None:
        """Begin closed."""
        self.arrived = threading.Semaphore(0)
        self.opened = threading.Event()
        self.uploads = 0
        self.refused = False

    def through(self, add: Callable[..., Any]) -> Callable[..., Any]:
        """Let *add* be done once the gate is open."""

        def held(store: simulated.FileStore, *given: Any) -> Any:
            self.uploads += 1
            self.arrived.release()
            assert self.opened.wait(10)
            if self.refused:
                raise RejectedError(400, "not this file")
            return add(store, *given)

        return held


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Put a gate before the simulator's files."""
    made = Gate()
    monkeypatch.setattr(simulated.FileStore, "add", made.through(simulated.FileStore.add))
    yield made
    made.opened.set()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Serve all providers."""
    with Simulator() as running:
        yield running


@pytest.fixture
def ring(simulator: Simulator) -> Iterator[LLMRing]:
    """Give a ring that is closed afterwards."""
    with LLMRing(**settings(simulator)) as made:
        yield made


@pytest.fixture
def file_id(ring: LLMRing, tmp_path: Path) -> str:
    """Register a file."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n")
    return ring.register_file(path)


def waiting(ring: LLMRing) -> int:
    """Count those who wait for an upload that is under way, or did so on a loop and gave up."""
    futures: list[Any] = [flight.future for flight in ring._shared.core.uploads._flights.values()]
    return sum(len(future._condition._waiters) + len(future._done_callbacks) for future in futures)


def until(there: Callable[[], bool]) -> None:
    """Wait for something to be so."""
    end = time.monotonic() + 10
    while not there():
        assert time.monotonic() < end
        time.sleep(0.005)


async def until_then(there: Callable[[], bool]) -> None:
    """Wait for something to be so, without holding up the loop."""
    await asyncio.to_thread(until, there)


def ask(ring: LLMRing, file_id: str, **options: Any) -> str:
    """Ask in this thread."""
    return ring.chat(MODEL, "Read.", files=[file_id], **options).content


async def aask(ring: LLMRing, file_id: str, **options: Any) -> str:
    """Ask on this loop."""
    return (await ring.achat(MODEL, "Read.", files=[file_id], **options)).content


# --- one upload for all ----------------------------------------------------------------------------


def test_threads_share_an_upload(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """The first uploads, the others wait."""
    with ThreadPoolExecutor(CROWD) as crowd:
        asked = [crowd.submit(ask, ring, file_id) for _ in range(CROWD)]
        until(lambda: waiting(ring) == CROWD - 1)
        gate.opened.set()
        assert all(done.result(10) for done in asked)
    assert gate.uploads == 1


async def test_tasks_share_an_upload(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """On one loop, which goes on meanwhile."""
    tasks = [asyncio.create_task(aask(ring, file_id)) for _ in range(CROWD)]
    await until_then(lambda: waiting(ring) == CROWD - 1)
    gate.opened.set()
    assert all(await asyncio.gather(*tasks))
    assert gate.uploads == 1
    await ring.aclose()


def test_threads_and_loops_share_an_upload(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """Whichever twin is first, on however many loops, through copies of the ring too."""

    def looped() -> str:
        async def asked() -> str:
            try:
                return await aask(ring.with_options(timeout=9), file_id)
            finally:
                await ring._twin.close()

        return asyncio.run(asked())

    with ThreadPoolExecutor(CROWD) as crowd:
        asked = [crowd.submit(looped) if at % 2 else crowd.submit(ask, ring, file_id) for at in range(CROWD)]
        until(lambda: waiting(ring) == CROWD - 1)
        gate.opened.set()
        assert all(done.result(10) for done in asked)
    assert gate.uploads == 1
    assert len(ring.list_registered_files()[0].uploads) == 1


# --- none spoils it for another ----------------------------------------------------------------------


async def test_who_stops_waiting_leaves_the_others_alone(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """A cancelled task, and one whose time is up."""
    tasks = [asyncio.create_task(aask(ring, file_id)) for _ in range(2)]
    await until_then(lambda: waiting(ring) == 1)
    with pytest.raises(ProviderTimeoutError, match=r"another call is uploading .*a\.csv and did not end within 0.05 s") as late:
        await aask(ring, file_id, timeout=0.05)
    assert (late.value.provider, late.value.model) == ("anthropic", MODEL)
    impatient = asyncio.create_task(aask(ring, file_id))
    await until_then(lambda: waiting(ring) == 3)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    gate.opened.set()
    assert all(await asyncio.gather(*tasks))
    assert gate.uploads == 1
    await ring.aclose()


def test_a_thread_whose_time_is_up(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """Says what it waited for."""
    with ThreadPoolExecutor(1) as other:
        first = other.submit(ask, ring, file_id)
        assert gate.arrived.acquire(timeout=10)
        with pytest.raises(ProviderTimeoutError, match="another call is uploading"):
            ask(ring, file_id, timeout=0.05)
        gate.opened.set()
        assert first.result(10)


async def test_an_uploader_that_gives_up_is_replaced(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """Its end is not that of those who wait: one of them uploads instead."""
    first = asyncio.create_task(aask(ring, file_id))
    await asyncio.to_thread(gate.arrived.acquire)
    others = [asyncio.create_task(aask(ring, file_id)) for _ in range(3)]
    await until_then(lambda: waiting(ring) == 3)
    first.cancel()
    await asyncio.to_thread(gate.arrived.acquire)
    gate.opened.set()
    assert all(await asyncio.gather(*others))
    assert gate.uploads == 2
    await ring.aclose()


def test_an_uploader_whose_time_is_up_is_replaced(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """Those who wait have limits of their own."""
    with ThreadPoolExecutor(2) as crowd:
        first = crowd.submit(ask, ring, file_id, timeout=0.3)
        assert gate.arrived.acquire(timeout=10)
        second = crowd.submit(ask, ring, file_id)
        until(lambda: waiting(ring) == 1)
        with pytest.raises(ProviderTimeoutError):
            first.result(10)
        gate.opened.set()
        assert second.result(10)
    assert gate.uploads == 2


def test_a_refusal_is_everybodys(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """Nobody tries again what the provider does not want; each has an error of its own. Later calls may try."""
    gate.refused = True
    with ThreadPoolExecutor(CROWD) as crowd:
        asked = [crowd.submit(ask, ring, file_id) for _ in range(CROWD)]
        until(lambda: waiting(ring) == CROWD - 1)
        gate.opened.set()
        errors = [done.exception(10) for done in asked]
    assert gate.uploads == 1
    assert all(isinstance(error, InvalidRequestError) and "not this file" in str(error) for error in errors)
    assert len({id(error) for error in errors}) == CROWD
    gate.refused = False
    assert ask(ring, file_id)


async def test_a_refusal_is_every_tasks(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """The same on one loop."""
    gate.refused = True
    tasks = [asyncio.create_task(aask(ring, file_id)) for _ in range(3)]
    await until_then(lambda: waiting(ring) == 2)
    gate.opened.set()
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert gate.uploads == 1
    assert all(isinstance(error, InvalidRequestError) for error in errors)
    await ring.aclose()


async def test_a_blocking_call_does_not_wait_for_its_own_loop(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """It would wait for ever: the task that uploads cannot go on until it returns."""
    task = asyncio.create_task(aask(ring, file_id))
    await asyncio.to_thread(gate.arrived.acquire)
    gate.opened.set()
    assert ask(ring, file_id)
    assert await task
    await ring.aclose()


# --- leaving ---------------------------------------------------------------------------------------


def test_deregistering_waits_for_uploads(ring: LLMRing, simulator: Simulator, gate: Gate, file_id: str) -> None:
    """So that the copy they bring is deleted too; meanwhile no new use begins."""
    with ThreadPoolExecutor(2) as crowd:
        asked = crowd.submit(ask, ring, file_id)
        assert gate.arrived.acquire(timeout=10)
        leaving = crowd.submit(ring.deregister_file, file_id)
        until(lambda: waiting(ring) == 1)
        with pytest.raises(RequestError, match="is registered"):
            ask(ring, file_id)
        gate.opened.set()
        leaving.result(10)
        asked.exception(10)  # its copy may be gone before it is named
    assert [request.method for request in simulator.requests if "/files" in request.path] == ["POST", "DELETE"]
    assert ring.list_registered_files() == []


def test_deregistering_does_not_wait_for_ever(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """The file stays what it was."""
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(ask, ring, file_id)
        assert gate.arrived.acquire(timeout=10)
        with pytest.raises(ProviderTimeoutError, match=r"did not end within 0\.05 s"):
            ring.deregister_file(file_id, timeout=0.05)
        gate.opened.set()
        assert asked.result(10)
    assert ask(ring, file_id)
    assert gate.uploads == 1


async def test_a_task_deregisters_too(ring: LLMRing, simulator: Simulator, gate: Gate, file_id: str) -> None:
    """Waiting as long as it may."""
    task = asyncio.create_task(aask(ring, file_id))
    await asyncio.to_thread(gate.arrived.acquire)
    with pytest.raises(ProviderTimeoutError, match=r"did not end within 0\.05 s"):
        await ring.aderegister_file(file_id, timeout=0.05)
    leaving = asyncio.create_task(ring.aderegister_file(file_id))
    await until_then(lambda: waiting(ring) == 2)
    gate.opened.set()
    await leaving
    await asyncio.gather(task, return_exceptions=True)
    assert [request.method for request in simulator.requests if "/files" in request.path] == ["POST", "DELETE"]
    assert ring.list_registered_files() == []
    await ring.aclose()


async def test_deregistering_inside_the_loop_that_uploads(ring: LLMRing, gate: Gate, file_id: str) -> None:
    """A blocking call cannot wait for it, and forgets nothing."""
    task = asyncio.create_task(aask(ring, file_id))
    await asyncio.to_thread(gate.arrived.acquire)
    with pytest.raises(RequestError, match="call aderegister_file"):
        ring.deregister_file(file_id)
    gate.opened.set()
    assert await task
    await ring.aderegister_file(file_id)
    assert ring.list_registered_files() == []
    await ring.aclose()


# --- flights by themselves ---------------------------------------------------------------------------


def test_flights_are_joined_by_those_who_may() -> None:
    """Another thread's always, this thread's never by blocking code."""
    uploads = Uploads()
    flight, own = uploads.board(KEY, may_join)
    assert own
    assert not may_join(flight)
    with ThreadPoolExecutor(1) as other:
        assert other.submit(uploads.board, KEY, may_join).result() == (flight, False)
    newer, own = uploads.board(KEY, may_join)
    assert own
    uploads.land(KEY, flight, COPY)
    assert uploads._flights == {KEY: newer}
    uploads.land(KEY, newer, None)
    assert uploads._flights == {}


def test_a_forked_child_waits_for_nobody() -> None:
    """Its parent's uploads are not its own."""
    uploads = Uploads()
    uploads.board(KEY, may_join)
    uploads.renew()
    assert uploads.board(KEY, lambda _: True)[1]


async def test_what_landed_is_told_at_once() -> None:
    """Also to those who come late."""
    flight = Flight()
    flight.future.set_result(COPY)
    assert await joined(flight, None) == COPY
