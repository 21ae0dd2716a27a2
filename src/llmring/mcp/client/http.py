"""Reach a server over HTTP: the client with its headers and bounds, and the two transports of the SDK."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import httpx2
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from mcp.client._transport import TransportStreams

    from llmring.mcp.client.places import Address

_PARTING: Final = 1.0
"""Seconds to tell a server that its session has ended."""
_READ: Final = 300.0
"""Seconds between two events of an open stream."""
_BAD: Final = 400
UNPACKED: Final = {"accept-encoding": "identity"}
_GONE: Final = 404
_OTHER_WAY: Final = frozenset({400, 404, 405, 406, 415, 501})
"""What a server answers that speaks events only."""


class _TooLargeError(httpx2.StreamError):
    """An answer is larger than is taken, or could be."""


class _Bounded(httpx2.AsyncByteStream):
    """A body of at most so many bytes."""

    def __init__(self, stream: httpx2.AsyncByteStream, limit: int, packed: str | None) -> None:
        self._stream = stream
        self._limit = limit
        self._packed = packed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._packed:  # it was asked not to be: nobody knows how large it is
            message = f"the answer is packed ({self._packed})"
            raise _TooLargeError(message)
        left = self._limit
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                message = f"the answer has more than {self._limit:,} bytes (max_result_bytes)"
                raise _TooLargeError(message)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class Reached:
    """The HTTP side of one connection."""

    def __init__(self, source: Address, limit: int, connect: float) -> None:
        """Be ready to reach *source* within *connect* seconds, taking at most *limit* bytes a message."""
        self._source = source
        self._limit = limit
        self._connect = connect
        self.kind = "sse" if source.kind == "sse" else "http"
        self.refused: int | None = None
        """The status of the last answer that was an error."""
        self._in_session = False
        self._session: dict[str, str] = {}
        """The headers of a session that is open."""

    @property
    def speaks_events_only(self) -> bool:
        """Whether what was refused is worth another try as a stream of events."""
        return self._source.kind == "http" and self.kind == "http" and self.refused in _OTHER_WAY

    def forgot(self, words: str) -> bool:
        """Tell whether the server has forgotten the session, to judge by its last refusal, whose *words* these are."""
        return self._in_session and (self.refused == _GONE or (self.refused == _BAD and "session" in words.lower()))

    def _client(self, headers: Any = None, timeout: Any = None, auth: Any = None) -> httpx2.AsyncClient:  # noqa: ARG002 - the SDK's own call
        async def note(response: httpx2.Response) -> None:
            if response.status_code >= httpx2.codes.BAD_REQUEST:
                self.refused = response.status_code
                self._in_session = "mcp-session-id" in response.request.headers
            self._keep(response)
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - the client is asynchronous
                packed = response.headers.get("content-encoding", "identity")
                response.stream = _Bounded(response.stream, self._limit, None if packed == "identity" else packed)

        return httpx2.AsyncClient(
            headers={name: value for name, value in self._source.headers.items() if name.lower() != "accept-encoding"} | UNPACKED,
            timeout=httpx2.Timeout(self._connect, read=_READ),
            event_hooks={"response": [note]},
        )

    def _keep(self, response: httpx2.Response) -> None:
        """Keep what names the session that *response* has opened, was of, or has ended."""
        asked = response.request
        if asked.method == "DELETE" or (response.status_code == _GONE and self._in_session):
            self._session = {}
            return
        for name in ("mcp-session-id", "mcp-protocol-version"):
            if value := response.headers.get(name) or asked.headers.get(name):
                self._session[name] = value

    async def leave(self) -> None:
        """End a session that the SDK could not end, as it is cut short where its tasks are cancelled with their event loop."""
        if "mcp-session-id" in self._session:
            with suppress(httpx2.HTTPError, TimeoutError):
                async with asyncio.timeout(_PARTING), self._client() as client:
                    await client.delete(self._source.url, headers=self._session)

    @asynccontextmanager
    async def streamable(self) -> AsyncGenerator[TransportStreams]:
        """Open the streamable transport."""
        self.kind = "http"
        async with (
            self._client() as client,
            streamable_http_client(self._source.url, http_client=client, max_sse_event_size=self._limit) as streams,
        ):
            yield streams

    @asynccontextmanager
    async def events(self) -> AsyncGenerator[TransportStreams]:
        """Open the older transport: one stream of events, and posts beside it."""
        self.kind = "sse"
        async with sse_client(self._source.url, httpx_client_factory=self._client) as streams:
            yield streams
