"""One HTTP/1.1 connection: connected at its first request, given back after each; who gets it is decided elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

import httpcore2

from llmring._core.redact import Sealed
from llmring._io.aio import monotonic
from llmring.protocols.http1 import Answer, request_head
from llmring.protocols.http1_chunks import MalformedError, chunk

if TYPE_CHECKING:
    from collections.abc import AsyncIterable
    from weakref import ref

    from llmring._async.keeping import AsyncRingPool
    from llmring._io.aio import Backend
    from llmring._io.tls import TLS

_PIECE: Final = 64 * 1024
"""Bytes read at once."""
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(rb"[^\x00\r\n]*")


class AsyncWhole(httpcore2.Request):
    """A request whose bytes are ready; the answer's head is wanted as it was read, not copied into headers."""

    def __init__(self, url: httpcore2.URL, head: bytes, content: bytes, limits: dict[str, Any]) -> None:
        """Ask *url* by the bytes of *head* and *content*, within *limits*; all of it is known to be well formed."""
        self.url = url
        self.method = b""
        self.headers = []
        self.extensions = {"timeout": limits}
        self.data = Sealed(head + content)


class AsyncBody:
    """What follows the head of one answer; iterate it to the end, or close it."""

    __slots__ = ("_answer", "_connection", "_first", "_limit", "_stream")

    def __init__(
        self, connection: AsyncConnection, stream: httpcore2.AsyncNetworkStream, answer: Answer, first: bytes, limit: float | None
    ) -> None:
        """Read on from *stream*; *first* came with the head, and each wait is bounded by *limit*."""
        self._connection: AsyncConnection | None = connection
        self._stream = stream
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
                piece = answer.feed(await self._stream.read(_PIECE, timeout=self._limit))
        except MalformedError as error:
            await self.aclose()
            raise httpcore2.RemoteProtocolError(str(error)) from error
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


class AsyncConnection(httpcore2.AsyncConnectionInterface):
    """Connects at its first request, then carries one request after the other."""

    def __init__(self, origin: httpcore2.Origin, backend: Backend, tls: TLS, keep_seconds: float, home: ref[AsyncRingPool]) -> None:
        """Connect to *origin* by *backend*, with *tls* where it says https; idle for *keep_seconds* in its *home* it is closed."""
        self.origin = origin
        self._home = home
        self._backend = backend
        self._tls = tls
        self._keep_seconds = keep_seconds
        self._stream: httpcore2.AsyncNetworkStream | None = None
        self._closed = False
        self._idle_until: float | None = None

    async def handle_async_request(self, request: httpcore2.Request) -> httpcore2.Response:
        """Send *request* and read the head of its answer; whoever asks has the connection alone."""
        self._idle_until = None
        limits: dict[str, float | None] = cast("Any", request).extensions.get("timeout", {})
        try:
            stream = self._stream
            if stream is None:
                stream = self._stream = await self._connect(request, limits.get("connect"))
            await _send(stream, request, limits.get("write"))
            return await self._receive(stream, request, limits.get("read"))
        except MalformedError as error:
            await self.settle(again=False)
            raise httpcore2.RemoteProtocolError(str(error)) from error
        except BaseException:
            await self.settle(again=False)
            raise

    async def _connect(self, request: httpcore2.Request, limit: float | None) -> httpcore2.AsyncNetworkStream:
        host = self.origin.host.decode("ascii")
        stream = await self._backend.connect_tcp(host, self.origin.port, timeout=limit)
        if self.origin.scheme != b"https":
            return stream
        name = cast("Any", request).extensions.get("sni_hostname", host)
        try:
            return await stream.start_tls(self._tls.stand_in(), server_hostname=name, timeout=limit)
        except BaseException:
            await stream.aclose()
            raise

    async def _receive(self, stream: httpcore2.AsyncNetworkStream, request: httpcore2.Request, limit: float | None) -> httpcore2.Response:
        """Read the head; what came with it is the beginning of the body."""
        answer = Answer(bodiless=request.method == b"HEAD")
        first = b""
        while not answer.status:
            first = answer.feed(await stream.read(_PIECE, timeout=limit))
        body = AsyncBody(self, stream, answer, first, limit)
        if isinstance(request, AsyncWhole):
            return httpcore2.Response(answer.status, content=body, extensions={"answer": answer})
        return httpcore2.Response(
            answer.status,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.fields],
            content=body,
            extensions={
                "http_version": answer.version.encode("ascii"),
                "reason_phrase": answer.reason.encode("latin-1"),
                "network_stream": stream,
            },
        )

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

    def can_handle_request(self, origin: httpcore2.Origin) -> bool:
        """Tell whether it leads to *origin*."""
        return origin == self.origin

    def is_connected(self) -> bool:
        """Tell whether it stands."""
        return self._stream is not None and not self._closed

    def is_available(self) -> bool:
        """Tell whether it can take a request."""
        return self._idle_until is not None and not self._closed

    is_idle = is_available

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

    def info(self) -> str:
        """Describe it for the pool's own representation."""
        state = "CLOSED" if self._closed else "IDLE" if self.is_available() else "ACTIVE" if self._stream is not None else "CONNECTING"
        return f"{str(self.origin)!r}, HTTP/1.1, {state}"


async def _send(stream: httpcore2.AsyncNetworkStream, request: httpcore2.Request, limit: float | None) -> None:
    """Send *request*; where the server does not take all of it, its answer may say why."""
    try:
        if isinstance(request, AsyncWhole):
            await stream.write(request.data, timeout=limit)
        else:
            await _send_piecewise(stream, request, limit)
    except httpcore2.WriteError:
        return


async def _send_piecewise(stream: httpcore2.AsyncNetworkStream, request: httpcore2.Request, limit: float | None) -> None:
    """Send a request of another client's, checking what it is made of."""
    if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in request.headers):
        message = "a header holds what HTTP cannot carry"
        raise httpcore2.LocalProtocolError(message)
    held = Sealed(request_head(request.method, request.url.target, request.headers) + b"\r\n")
    framed = any(name.lower() == b"transfer-encoding" for name, _ in request.headers)
    async for piece in cast("AsyncIterable[bytes]", request.stream):
        if piece:
            await stream.write(held + (chunk(piece) if framed else piece), timeout=limit)
            held = Sealed()
    if framed:
        held += chunk(b"")
    if held:
        await stream.write(held, timeout=limit)
