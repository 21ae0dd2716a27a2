"""Our pool and our network as the HTTP library wants them, failing in its words; what either does is decided elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

import httpcore2

from llmring._core.redact import Sealed
from llmring._io.wire_errors import WireError
from llmring.protocols.http1 import request_head
from llmring.protocols.http1_chunks import chunk

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterable, Iterable, Mapping

    from llmring._async.connection import AsyncBody
    from llmring._async.keeping import AsyncRingPool
    from llmring._io.aio import Backend, Stream
    from llmring._io.places import Origin

_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(rb"[^\x00\r\n]*")


def worded(error: WireError) -> Exception:
    """Say *error* in the library's words, which has the same names."""
    kind: type[Exception] = getattr(httpcore2, type(error).__name__)
    return kind(*error.args)


class AsyncLibraryPool(httpcore2.AsyncConnectionPool):
    """A pool of ours to which the library, and clients that are lent to others, send."""

    def __init__(self, inner: AsyncRingPool) -> None:
        """Send by *inner*."""
        super().__init__()
        self._inner = inner

    async def handle_async_request(self, request: httpcore2.Request) -> httpcore2.Response:
        """Send *request*; the body of the answer gives its connection back."""
        try:
            answer, body = await self._inner.carry(AsyncPieces(request))
        except WireError as error:
            raise worded(error) from error
        return httpcore2.Response(
            answer.status,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.fields],
            content=AsyncLibraryBody(body),
            extensions={
                "http_version": answer.version.encode("ascii"),
                "reason_phrase": answer.reason.encode("latin-1"),
                "network_stream": AsyncLibraryStream(body.stream),
            },
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class AsyncPieces:
    """A request of the library's, whose content may come in pieces."""

    def __init__(self, request: httpcore2.Request) -> None:
        """Take over *request*, checking what it is made of."""
        if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in request.headers):
            message = "a header holds what HTTP cannot carry"
            raise httpcore2.LocalProtocolError(message)
        extensions: dict[str, Any] = cast("Any", request).extensions
        origin = request.url.origin
        self.origin: Origin = (origin.scheme.decode("ascii"), origin.host.decode("ascii"), origin.port)
        self.limits: Mapping[str, float | None] = extensions.get("timeout", {})
        self.server_name: str | None = extensions.get("sni_hostname")
        self.bodiless = request.method == b"HEAD"
        self._request = request

    async def send(self, stream: Stream, limit: float | None) -> None:
        """Write the head with the first piece, then the others."""
        request = self._request
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


class AsyncLibraryBody:
    """The body of one answer."""

    def __init__(self, inner: AsyncBody) -> None:
        """Read *inner*."""
        self._inner = inner

    def __aiter__(self) -> AsyncLibraryBody:
        """Iterate over the pieces as they arrive."""
        return self

    async def __anext__(self) -> bytes:
        """Wait for the next piece."""
        try:
            return await self._inner.__anext__()
        except WireError as error:
            raise worded(error) from error

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._inner.aclose()


class AsyncLibraryStream(httpcore2.AsyncNetworkStream):
    """One connection of our network."""

    def __init__(self, inner: Stream) -> None:
        """Read and write by *inner*."""
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for bytes."""
        try:
            return await self._inner.read(max_bytes, timeout)
        except WireError as error:
            raise worded(error) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of *buffer*."""
        try:
            await self._inner.write(buffer, timeout)
        except WireError as error:
            raise worded(error) from error

    async def aclose(self) -> None:
        """Hang up."""
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        """Speak TLS from here on."""
        try:
            return AsyncLibraryStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))
        except WireError as error:
            raise worded(error) from error

    def get_extra_info(self, info: str) -> object:
        """Answer what the library asks of a connection."""
        return self._inner.get_extra_info(info)


class AsyncLibraryBackend(httpcore2.AsyncNetworkBackend):
    """Our network."""

    def __init__(self, inner: Backend) -> None:
        """Connect by *inner*."""
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to *host*."""
        try:
            return AsyncLibraryStream(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))
        except WireError as error:
            raise worded(error) from error

    async def sleep(self, seconds: float) -> None:
        """Pause, as between the library's own connection retries."""
        await self._inner.sleep(seconds)
