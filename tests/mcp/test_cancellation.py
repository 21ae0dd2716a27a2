"""Cancelled or interrupted at any point, a client passes that on to whom it belongs, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import types
from itertools import count
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring import MCPError
from llmring.mcp import MCPClient
from llmring.mcp.client import groups
from llmring.mcp.client.life import Life
from tests.mcp.servers import calculator

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

pytestmark = pytest.mark.extra

FEWEST = 5
"""Times that the owner of a connection waits, at least."""


@attrs.define
class Strike:
    """What befalls a task the *at*-th time that it waits."""

    at: int
    error: type[BaseException] = asyncio.CancelledError
    fell: bool = False

    async def upon(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do *work* until it is struck, and whatever it still does then."""
        await self._drive(work)

    @types.coroutine
    def _drive(self, work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, None]:
        error: BaseException | None = None
        times = 0
        while True:
            try:
                waited = work.throw(error) if error else work.send(None)
            except StopIteration:
                return
            error = None
            times += 1
            if times == self.at:
                task = asyncio.current_task()
                assert task is not None
                asyncio.get_running_loop().call_soon(task.cancel)
                self.fell = True
            try:
                yield waited
            except asyncio.CancelledError as cancelled:
                error = self.error() if self.fell and times == self.at else cancelled


async def use(server: Any, done: list[str]) -> None:
    """Connect, call, close."""
    async with MCPClient({"it": server}) as client:
        done.append(str(await client.tools[0]()) if isinstance(server, list) else (await client.call_tool("add", {"a": 1, "b": 2})).text)


def owners(strike: Strike) -> tuple[Callable[..., asyncio.Task[Any]], list[asyncio.Task[Any]]]:
    """Give a task factory that has *strike* fall upon whatever task owns a connection, and those tasks."""
    found: list[asyncio.Task[Any]] = []

    def factory(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        if getattr(work, "__qualname__", "") != Life._own.__qualname__:
            return asyncio.Task(work, loop=loop, **options)
        found.append(asyncio.Task(strike.upon(work), loop=loop, **options))
        return found[-1]

    return factory, found


def struck(server: Any, strike: Strike) -> tuple[asyncio.Task[Any], list[str]]:
    """Use *server* while *strike* falls upon the owner of its connection; give the owner, and what became of the call."""
    factory, found = owners(strike)
    done: list[str] = []

    async def work() -> None:
        asyncio.get_running_loop().set_task_factory(factory)
        try:
            await use(server, done)
        except MCPError as error:
            done.append(error.message)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(work())
    gc.collect()
    assert groups.running() == []
    return found[0], done


@pytest.mark.parametrize("kind", ["memory", "stdio"])
def test_an_owner_that_is_cancelled_is_cancelled(faulty: list[str], kind: str) -> None:
    """Wherever it waits: whoever uses the connection is told or has an answer, and the next call would connect again."""
    for at in count(1):
        strike = Strike(at)
        owner, done = struck(calculator() if kind == "memory" else faulty, strike)
        assert done, at
        assert owner.cancelled() == strike.fell, at
        if not strike.fell:
            assert at > FEWEST
            break


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("kind", ["memory", "stdio"])
def test_what_ends_the_program_ends_it(faulty: list[str], kind: str, error: type[BaseException]) -> None:
    """Raised in the owner of a connection, wherever it waits, it leaves the event loop, and no server stays behind."""
    for at in count(1):
        strike = Strike(at, error)
        try:
            struck(calculator() if kind == "memory" else faulty, strike)
        except error:
            assert strike.fell
        else:
            assert not strike.fell, at
            assert at > FEWEST
            break
        gc.collect()
        assert groups.running() == []


@pytest.mark.parametrize("kind", ["memory", "stdio"])
def test_a_user_that_is_cancelled_is_cancelled(faulty: list[str], kind: str) -> None:
    """Whoever connects, calls or closes, and is cancelled while waiting, is cancelled, and nothing stays behind."""

    async def work(strike: Strike) -> None:
        task = asyncio.create_task(strike.upon(use(calculator() if kind == "memory" else faulty, [])))
        await asyncio.wait([task])
        assert task.cancelled() == strike.fell, strike
        if not strike.fell:
            await task

    for at in count(1):
        strike = Strike(at)
        asyncio.run(work(strike))
        gc.collect()
        assert groups.running() == []
        if not strike.fell:
            break
