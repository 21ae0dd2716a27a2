"""Run a server as a child, to speak with over its standard input and output; it ends, with all it started, when this does."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
from mcp.client.stdio import get_default_environment

from llmring.exceptions import MCPError
from llmring.mcp.client import groups
from llmring.mcp.client.pipes import Pipes

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable
    from types import TracebackType

    from mcp.client._transport import TransportStreams

    from llmring.mcp.client.places import Command
    from llmring.mcp.client.tail import Tail

_SETTLE: Final = 0.5
"""Seconds between the end of a child's output and its own."""
_SHORT: Final = 0.2
"""Seconds that a child has to end where it was never reached, or everything ends."""


class Stdio:
    """A transport for the SDK: one child process and its pipes."""

    def __init__(self, source: Command, tail: Tail, limit: int, over: Callable[[str], None]) -> None:
        """Be ready to run *source*; keep its last words in *tail*, take at most *limit* bytes a message; say why it was *over*."""
        self._source = source
        self._tail = tail
        self._limit = limit
        self._over = over
        self._process: Process | None = None
        self._pipes: Pipes | None = None
        self.code: int | None = None
        """The exit code of a child that ended by itself."""

    @property
    def ended(self) -> bool:
        """Whether the child has ended by itself, also where the event loop had no time yet to notice."""
        return self._process is None or self._process.returncode is not None or groups.ended(self._process.pid)

    async def __aenter__(self) -> TransportStreams:
        """Start the child."""
        starting = asyncio.create_task(self._spawn())
        try:
            process = await asyncio.shield(starting)
        except BaseException:
            await asyncio.wait([starting])  # half a start cannot be undone, a whole one can
            if not starting.cancelled() and starting.exception() is None:
                await self._drop(starting.result())
            raise
        self._process = process
        self._pipes = Pipes(process, self._tail, self._limit, self._over)
        return self._pipes.streams

    async def _spawn(self) -> Process:
        source = self._source
        program = shutil.which(source.command) or source.command if sys.platform == "win32" else source.command
        environment = get_default_environment() | dict(source.env)
        if program == "python" and not shutil.which(program, path=environment.get("PATH")):
            program = sys.executable
        try:
            process = await asyncio.create_subprocess_exec(
                program,
                *source.args,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                cwd=source.cwd,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise MCPError(f"MCP server {source.name!r} cannot be started: {source.command!r}: {reason}", server=source.name) from None
        pipes = [_transport(process).get_pipe_transport(number) for number in range(3)]
        groups.watch(process.pid, tuple(pipe.get_extra_info("pipe") for pipe in pipes if pipe is not None))
        return process

    # --- the end -----------------------------------------------------------------------------------

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the child: close its input, wait, SIGTERM to its group, wait, SIGKILL; after an *error* wait less, for somebody waits."""
        process, pipes = self._process, self._pipes
        assert process is not None  # noqa: S101 - it was entered
        assert pipes is not None  # noqa: S101 - it was entered
        try:
            with anyio.CancelScope(shield=True):
                await self._wind_up(process, pipes, groups.GRACE if error is None else _SHORT)
        finally:  # also where the loop itself is ending and cancels everything
            pipes.cancel()
            await self._drop(process)

    @staticmethod
    async def _drop(process: Process) -> None:
        """End what is left of the group at once, and let go of it."""
        if groups.alive(process.pid):
            groups.kill(process.pid)
        groups.forget(process.pid)
        _transport(process).close()
        await until(lambda: process.returncode is not None, groups.GRACE)

    async def _wind_up(self, process: Process, pipes: Pipes, grace: float) -> None:
        await pipes.close()
        await self._settle(process, pipes)
        await pipes.flush()
        assert process.stdin is not None  # noqa: S101 - a pipe
        process.stdin.close()
        await until(lambda: process.returncode is not None, grace)
        if groups.send(process.pid, signal.SIGTERM):
            await until(lambda: not groups.alive(process.pid), groups.GRACE)
        if groups.alive(process.pid):
            groups.kill(process.pid)
        await until(lambda: process.returncode is not None, groups.GRACE)
        await pipes.heard()

    async def _settle(self, process: Process, pipes: Pipes) -> None:
        """Note whether the child ends by itself, before it is made to."""
        if pipes.silent or self.ended:
            await until(lambda: process.returncode is not None, _SETTLE)
            self.code = process.returncode

    def abandon(self) -> None:
        """End the child where its event loop is closed and can wait for nothing any more; this blocks for a moment."""
        if self._process is not None:
            groups.abandon(self._process.pid)


def _transport(process: Process) -> asyncio.SubprocessTransport:
    """Give what carries the pipes of *process*: asyncio keeps it to itself, but gives no other way to them, or to close them at once."""
    return cast("Any", process)._transport  # noqa: SLF001 - as the sentence above says


async def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait until something is *true*, at most so many *seconds*."""
    deadline = asyncio.get_running_loop().time() + seconds
    pause = 0.001
    while not true() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(pause)
        pause = min(2 * pause, 0.02)
