"""One HTTP/1.1 connection: connected at its first request, given back after each; who gets it is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from llmring._core.redact import Sealed
from llmring._io.aio import monotonic
from llmring._io.wire_errors import RemoteProtocolError, WriteError
from llmring.protocols.http1 import Answer
from llmring.protocols.http1_chunks import MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from weakref import ref

    from llmring._async.keeping import AsyncRingPool
    from llmring._io.aio import Backend, Stream
    from llmring._io.places import Origin
    from llmring._io.tls import TLS

_PIECE: Final = 64 * 1024
"""Bytes read at once."""


class AsyncSendable(Protocol):
    """A request as far as its connection is concerned."""

    @property
    def origin(self) -> Origin:
        """Where it goes."""
        ...

    @property
    def limits(self) -> Mapping[str, float | None]:
        """How long each phase may take."""
        ...

    @property
    def server_name(self) -> str | None:
        """The name to ask TLS for, where it is not the host's."""
        ...

    @property
    def bodiless(self) -> bool:
        """Whether its answer has no body."""
        ...

    async def send(self, stream: Stream, limit: float | None) -> None:
        """Write all of it to *stream*."""
        ...


class AsyncWhole:
    """A request whose bytes are ready."""

    __slots__ = ("data", "limits", "origin")

    server_name = None
    bodiless = False

    def __init__(self, origin: Origin, head: bytes, content: bytes, limits: Mapping[str, float | None]) -> None:
        """Ask *origin* by the bytes of *head* and *content*, within *limits*; all of it is known to be well formed."""
        self.origin = origin
        self.limits = limits
        self.data = Sealed(head + content)

    async def send(self, stream: Stream, limit: float | None) -> None:
        """Write it at once."""
        await stream.write(self.data, timeout=limit)


class AsyncBody:
    """What follows the head of one answer; iterate it to the end, or close it."""

    __slots__ = ("_answer", "_connection", "_first", "_limit", "stream")

    def __init__(self, connection: AsyncConnection, stream: Stream, answer: Answer, first: bytes, limit: float | None) -> None:
        """Read on from *stream*; *first* came with the head, and each wait is bounded by *limit*."""
        self._connection: AsyncConnection | None = connection
        self.stream = stream
        self._answer = answer
        self._first = first
        self._limit = limit

    def __aiter__(self) -> AsyncBody:
        """Iterate over the pieces as they arrive."""
        return self

    async def __anext__(self) -> bytes:
        """Wait for the next piece, never an empty one."""
        piece, self._first = self._first, b""
        answer = self._answer
        try:
            while not (piece or answer.over):
                piece = answer.feed(await self.stream.read(_PIECE, timeout=self._limit))
        except MalformedError as error:
            await self.aclose()
            raise RemoteProtocolError(str(error)) from error
        except BaseException:
            await self.aclose()
            raise
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Give the connection back if the answer was read to its end, hang up if not."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.settle(again=self._answer.over and self._answer.keeps)


class AsyncConnection:
    """Connects at its first request, then carries one request after the other."""

    def __init__(self, origin: Origin, backend: Backend, tls: TLS, keep_seconds: float, home: ref[AsyncRingPool]) -> None:
        """Connect to *origin* by *backend*, with *tls* where it says https; idle for *keep_seconds* in its *home* it is closed."""
        self.origin = origin
        self._home = home
        self._backend = backend
        self._tls = tls
        self._keep_seconds = keep_seconds
        self._stream: Stream | None = None
        self._closed = False
        self._idle_until: float | None = None

    async def carry(self, request: AsyncSendable) -> tuple[Answer, AsyncBody]:
        """Send *request* and read the head of its answer; whoever asks has the connection alone."""
        self._idle_until = None
        limits = request.limits
        try:
            stream = self._stream
            if stream is None:
                stream = self._stream = await self._connect(request.server_name, limits.get("connect"))
            try:  # noqa: SIM105 - in every call's way
                await request.send(stream, limits.get("write"))
            except WriteError:
                pass  # where the server does not take all of it, its answer may say why
            return await self._receive(stream, limits.get("read"), bodiless=request.bodiless)
        except MalformedError as error:
            await self.settle(again=False)
            raise RemoteProtocolError(str(error)) from error
        except BaseException:
            await self.settle(again=False)
            raise

    async def _connect(self, name: str | None, limit: float | None) -> Stream:
        scheme, host, port = self.origin
        stream = await self._backend.connect_tcp(host, port, timeout=limit)
        if scheme != "https":
            return stream
        try:
            return await stream.start_tls(self._tls.stand_in(), server_hostname=host if name is None else name, timeout=limit)
        except BaseException:
            await stream.aclose()
            raise

    async def _receive(self, stream: Stream, limit: float | None, *, bodiless: bool) -> tuple[Answer, AsyncBody]:
        """Read the head; what came with it is the beginning of the body."""
        answer = Answer(bodiless=bodiless)
        first = b""
        while not answer.status:
            first = answer.feed(await stream.read(_PIECE, timeout=limit))
        return answer, AsyncBody(self, stream, answer, first, limit)

    async def settle(self, *, again: bool) -> None:
        """Take the connection back from its request, to be used *again* or closed."""
        if again and not self._closed:
            self._idle_until = monotonic() + self._keep_seconds
        else:
            await self.aclose()
        home = self._home()
        if home is not None:
            await home.back(self)

    async def aclose(self) -> None:
        """Hang up."""
        self._closed = True
        if self._stream is not None:
            await self._stream.aclose()

    # --- what the pool asks ----------------------------------------------------------------------

    def is_available(self) -> bool:
        """Tell whether it can take a request."""
        return self._idle_until is not None and not self._closed

    def aged(self) -> bool:
        """Tell whether it was idle for too long."""
        return self._idle_until is not None and monotonic() > self._idle_until

    def has_expired(self) -> bool:
        """Tell whether it was idle for too long, or the server hung up."""
        until = self._idle_until
        if until is None or self._stream is None:
            return self._closed
        return monotonic() > until or bool(self._stream.get_extra_info("is_readable"))

    def is_closed(self) -> bool:
        """Tell whether it was closed, or never stood."""
        return self._closed
