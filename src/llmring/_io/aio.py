"""What differs between the twins, for asyncio; `llmring._io.blocking` holds the same names."""

from __future__ import annotations

import asyncio
from inspect import isawaitable, iscoroutinefunction
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeAlias, TypeVar
from weakref import ref

from llmring._io.backend_aio import Backend, LoopStream
from llmring._io.bells_aio import Bell
from llmring._io.data import read_package_data
from llmring._io.environment import environment
from llmring._io.flights_aio import joined, may_join
from llmring._io.pools_aio import Pools
from llmring._io.swift import swift_pools
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

__all__ = [
    "CLIENT",
    "MCP_CLIENT",
    "SIDE",
    "Backend",
    "Bell",
    "Home",
    "Pools",
    "call_function",
    "check_client",
    "check_function",
    "environment",
    "joined",
    "may_join",
    "monotonic",
    "read_file",
    "read_package_data",
    "run_all",
    "run_sync",
    "sleep",
    "swift_pools",
    "within",
]

P = ParamSpec("P")
T = TypeVar("T")

CLIENT: Final = "async_http_client"
"""The ring's setting that holds a client of the user's own."""
SIDE: Final = "_async"
"""The package of this half of the ring."""
MCP_CLIENT: Final = "MCPClient"
"""The class of clients of MCP servers."""

if TYPE_CHECKING:
    Stream: TypeAlias = LoopStream
    """One connection of `Backend`."""
    Later: TypeAlias = Awaitable[T]
    """What a function that waits gives."""

sleep = asyncio.sleep


async def read_file(path: str | Path) -> bytes:
    """Read a file without holding up the loop."""
    return await asyncio.to_thread(_content, path)


def _content(path: str | Path) -> bytes:
    with open(path, "rb") as file:
        return file.read()


async def run_sync(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking *function* in a thread of the loop's."""
    return await asyncio.to_thread(function, *args, **kwargs)


def check_function(name: str, path: str, *, waits: bool) -> None:
    """Allow any function, be it one that *waits* or not."""


async def call_function(call: Callable[[], Any], *, waits: bool) -> Any:
    """Do *call*, and wait for it where it *waits*; elsewhere it may block, and runs in a thread of the loop's."""
    try:
        if waits:
            return await call()
        result = await run_sync(_raising, call)
        return await result if isawaitable(result) else result
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise RuntimeError("the function cancelled itself") from error


def _raising(call: Callable[[], T]) -> T:
    """Do *call*; what would end a generator cannot be handed from a thread to a loop."""
    try:
        return call()
    except StopIteration as error:
        raise RuntimeError("the function raised StopIteration") from error


async def run_all(calls: Iterable[Callable[[], Awaitable[T]]], limit: int) -> list[T]:
    """Run *calls*, at most *limit* at once, and give their results in order; the first error ends the others."""
    slots = asyncio.Semaphore(limit)

    async def one(call: Callable[[], Awaitable[T]]) -> T:
        async with slots:
            return await call()

    tasks = [asyncio.ensure_future(one(call)) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


BOUNDS: Final = True
"""Whether `within` ends the waits of a client of the user's."""


def within(until: float) -> asyncio.Timeout:
    """Bound a block by the moment *until*; TimeoutError when it comes."""
    left = until - monotonic()
    return asyncio.timeout(None if left == float("inf") else left)


class Home:
    """The event loop on which something that is not ours was first used."""

    __slots__ = ("_loop",)

    def __init__(self) -> None:
        """Belong to no loop yet."""
        self._loop: ref[asyncio.AbstractEventLoop] | None = None

    def check(self, what: str) -> None:
        """Refuse any loop but the first."""
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = ref(loop)
        elif self._loop() is not loop:
            raise ConfigurationError(
                f"{what} belongs to the event loop that used it first; give each loop a ring of its own, or leave {what} out."
            )


def check_client(client: object) -> None:
    """Refuse an HTTP client that is not asyncio's."""
    if not iscoroutinefunction(getattr(client, "send", None)):
        raise ConfigurationError(f"{CLIENT}= takes an httpx2.AsyncClient or httpx.AsyncClient, not {type(client).__name__}.")
