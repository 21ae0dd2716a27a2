"""An event loop in a thread of its own, for clients that block; it ends with its owner, and at the latest with the interpreter."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from llmring.exceptions import MCPError

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class Portal:
    """A running event loop that other threads can have coroutines run in."""

    def __init__(self, name: str) -> None:
        """Start the loop in a thread of that *name*, which does not keep the interpreter alive."""
        self.pid = os.getpid()
        self._waiting: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._ended = False
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        self._started.wait()

    def _serve(self) -> None:
        try:
            with asyncio.Runner() as runner:  # it ends what is left to be done
                runner.run(self._wait())
        finally:
            with self._lock:
                self._ended = True
            for each in list(self._waiting):  # what came when nothing was begun any more
                each.cancel()

    async def _wait(self) -> None:
        """Be the root of all tasks, which the SDK's threads end with."""
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._started.set()
        await self._over.wait()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run *coroutine* in the loop and wait for what it gives; who stops waiting cancels it.

        Raises:
            MCPError: the loop ends meanwhile, or is the very one that would have to wait.

        """
        future = self._begun(coroutine)
        try:
            return future.result()
        except CancelledError:
            coroutine.close()  # where it was not begun; else it has ended
            message = "The MCP client was closed meanwhile."
            raise MCPError(message) from None
        except BaseException:
            future.cancel()
            raise
        finally:
            self._waiting.discard(future)

    def _begun(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        with self._lock:
            if self._loop is not None and not self._ended and not self._loop.is_closed() and threading.current_thread() is not self._thread:
                future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
                self._waiting.add(future)
                return future
        coroutine.close()
        message = "The MCP client is closed, or called from one of its own callbacks."
        raise MCPError(message)

    def stop(self) -> None:
        """End the loop, with all that runs in it, and wait for its end; in a forked child there is none."""
        loop = self._loop
        if self.pid != os.getpid() or loop is None or loop.is_closed():
            return
        with suppress(RuntimeError):  # it has just been closed
            loop.call_soon_threadsafe(self._over.set)
        if threading.current_thread() is not self._thread:
            self._thread.join()
