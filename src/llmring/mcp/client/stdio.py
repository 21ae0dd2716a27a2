"""Run a server as a child and speak with it over its standard input and output; it ends, with all it started, when this does."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

from llmring.exceptions import MCPError
from llmring.mcp.client import groups

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable
    from types import TracebackType

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams

    from llmring.mcp.client.sources import Command
    from llmring.mcp.client.tail import Tail

_CHUNK: Final = 65536
_FLUSH: Final = 0.5
"""Seconds to hand over what was already sent."""
_SETTLE: Final = 0.5
"""Seconds between the end of a child's output and its own."""
_SHORT: Final = 0.2
"""Seconds that a child has to end where it was never reached, or everything ends."""
_STRANGE: Final = 1000
"""Lines without a message in a row after which a server speaks something else."""


class Stdio:
    """A transport for the SDK: the streams of one child process."""

    def __init__(self, source: Command, tail: Tail, limit: int, over: Callable[[str], None]) -> None:
        """Be ready to run *source*; keep its last words in *tail*, take at most *limit* bytes a message; say why it was *over*."""
        self._source = source
        self._tail = tail
        self._limit = limit
        self._over = over
        self._process: Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._streams: TransportStreams | None = None
        self._silent = False
        self.code: int | None = None
        """The exit code of a child that ended by itself."""

    @property
    def ended(self) -> bool:
        """Whether the child has ended by itself, also where the event loop had no time yet to notice."""
        return self._process is None or self._process.returncode is not None or groups.ended(self._process.pid)

    async def settle(self) -> None:
        """Note whether the child ends by itself, before it is made to."""
        process = self._process
        if process is not None and (self._silent or self.ended):
            await until(lambda: process.returncode is not None, _SETTLE)
            self.code = process.returncode

    async def __aenter__(self) -> TransportStreams:
        """Start the child."""
        process = self._process = await self._spawn()
        read_in, read_out = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        write_in, write_out = anyio.create_memory_object_stream[SessionMessage](0)
        self._streams = (read_out, write_in)
        assert process.stderr is not None  # noqa: S101 - all three are pipes
        self._tasks = [
            asyncio.create_task(self._read(process, read_in)),
            asyncio.create_task(self._write(process, write_out)),
            asyncio.create_task(self._hear(process.stderr)),
        ]
        return self._streams

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
        transport = process._transport  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]  # noqa: SLF001
        pipes = [transport.get_pipe_transport(number) for number in range(3)]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        groups.watch(process.pid, tuple(pipe.get_extra_info("pipe") for pipe in pipes if pipe is not None))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
        return process

    # --- the three pipes ---------------------------------------------------------------------------

    async def _read(self, process: Process, found: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        """Take messages from the child until it closes its output; go on emptying it where nobody wants them any more."""
        assert process.stdout is not None  # noqa: S101 - a pipe
        strange = 0
        try:
            async for line in lines(process.stdout, self._limit):
                message = self._message(line)
                strange = 0 if message else strange + bool(line.strip())
                if strange > _STRANGE:
                    self._over("writes what is no MCP to its standard output")
                    break
                if message:
                    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                        await found.send(message)
        except OverflowError:
            self._over(f"sent a message of more than {self._limit:,} bytes (max_result_bytes)")
        finally:
            self._silent = True
            found.close()
            self._over("")

    def _message(self, line: bytes) -> SessionMessage | None:
        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError:
            self._tail.add(line, "(stdout) ")
            return None

    async def _write(self, process: Process, given: MemoryObjectReceiveStream[SessionMessage]) -> None:
        assert process.stdin is not None  # noqa: S101 - a pipe
        async with given:
            async for message in given:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                with suppress(ConnectionError):  # reading tells of the end
                    process.stdin.write(text.encode() + b"\n")
                    await process.stdin.drain()

    async def _hear(self, stderr: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stderr.read(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                self._tail.add(line)
            rest = rest[-_CHUNK:]
        self._tail.add(rest)

    # --- the end -----------------------------------------------------------------------------------

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the child: close its input, wait, SIGTERM to its group, wait, SIGKILL; after an *error* wait less, for somebody waits."""
        process = self._process
        assert process is not None  # noqa: S101 - it was entered
        try:
            with anyio.CancelScope(shield=True):
                await self._wind_up(process, groups.GRACE if error is None else _SHORT)
        finally:  # also where the loop itself is ending and cancels everything
            if groups.alive(process.pid):
                groups.kill(process.pid)
            groups.forget(process.pid)
            for task in self._tasks:
                task.cancel()
            process._transport.close()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: SLF001

    async def _wind_up(self, process: Process, grace: float) -> None:
        assert self._streams is not None  # noqa: S101 - it was entered
        for stream in self._streams:
            await stream.aclose()
        await self.settle()
        _, writing, hearing = self._tasks
        await asyncio.wait([writing], timeout=_FLUSH)
        assert process.stdin is not None  # noqa: S101 - a pipe
        process.stdin.close()
        await until(lambda: process.returncode is not None, grace)
        if groups.send(process.pid, signal.SIGTERM):
            await until(lambda: not groups.alive(process.pid), groups.GRACE)
        if groups.alive(process.pid):
            groups.kill(process.pid)
        await until(lambda: process.returncode is not None, groups.GRACE)
        await asyncio.wait([hearing], timeout=_FLUSH)


async def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait until something is *true*, at most so many *seconds*."""
    deadline = asyncio.get_running_loop().time() + seconds
    pause = 0.001
    while not true() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(pause)
        pause = min(2 * pause, 0.02)


async def lines(reader: asyncio.StreamReader, limit: int) -> AsyncIterator[bytes]:
    """Yield the lines that *reader* gives.

    Raises:
        OverflowError: one has more than *limit* bytes.

    """
    rest = bytearray()
    while chunk := await reader.read(_CHUNK):
        at = chunk.find(b"\n")
        if at < 0:
            rest += chunk
        else:
            *whole, last = chunk.split(b"\n")
            whole[0] = bytes(rest) + whole[0]
            rest = bytearray(last)
            for line in whole:
                if len(line) > limit:
                    raise OverflowError
                yield line
        if len(rest) > limit:
            raise OverflowError
    if rest:
        yield bytes(rest)
