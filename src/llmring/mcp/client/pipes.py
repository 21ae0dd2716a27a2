"""Speak with a child over its three pipes: messages in, messages out, and its last words; the child itself is looked after elsewhere."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams

    from llmring.mcp.client.tail import Tail

_CHUNK: Final = 65536
_FLUSH: Final = 0.5
"""Seconds to hand over what was already sent."""
_STRANGE: Final = 1000
"""Lines without a message in a row after which a server speaks something else."""


class Pipes:
    """The pipes of one child, and the tasks that empty and fill them."""

    def __init__(self, process: Process, tail: Tail, limit: int, over: Callable[[str], None]) -> None:
        """Speak with *process*; keep its last words in *tail*, take at most *limit* bytes a message; say why it was *over*."""
        self._tail = tail
        self._limit = limit
        self._over = over
        self.silent = False
        """Whether the child has closed its output, or said what cannot be borne."""
        read_in, read_out = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        write_in, write_out = anyio.create_memory_object_stream[SessionMessage](0)
        self.streams: TransportStreams = (read_out, write_in)
        """What the SDK reads from and writes to."""
        assert process.stdin is not None  # noqa: S101 - it was started with a pipe
        assert process.stdout is not None  # noqa: S101 - the same
        assert process.stderr is not None  # noqa: S101 - the same
        self._reading = asyncio.create_task(self._read(process.stdout, read_in))
        self._writing = asyncio.create_task(self._write(process.stdin, write_out))
        self._hearing = asyncio.create_task(self._hear(process.stderr))

    async def close(self) -> None:
        """Want nothing more of the child, and have nothing more to say."""
        for stream in self.streams:
            await stream.aclose()

    async def flush(self) -> None:
        """Wait a moment until the child has been handed what was said."""
        await asyncio.wait([self._writing], timeout=_FLUSH)

    async def heard(self) -> None:
        """Wait a moment for the last words."""
        await asyncio.wait([self._hearing], timeout=_FLUSH)

    def cancel(self) -> None:
        """Stop, whatever is still to be said."""
        for task in (self._reading, self._writing, self._hearing):
            task.cancel()

    async def _read(self, stdout: asyncio.StreamReader, found: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        """Take messages from the child until it closes its output; go on emptying it where nobody wants them any more."""
        strange = 0
        try:
            async for line in lines(stdout, self._limit):
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
            self.silent = True
            found.close()
            self._over("")

    def _message(self, line: bytes) -> SessionMessage | None:
        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError:
            self._tail.add(line, "(stdout) ")
            return None

    async def _write(self, stdin: asyncio.StreamWriter, given: MemoryObjectReceiveStream[SessionMessage]) -> None:
        async with given:
            async for message in given:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                with suppress(ConnectionError):  # reading tells of the end
                    stdin.write(text.encode() + b"\n")
                    await stdin.drain()

    async def _hear(self, stderr: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stderr.read(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                self._tail.add(line)
            rest = rest[-_CHUNK:]
        self._tail.add(rest)


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
