"""Calls over aiohttp, for one event loop; its errors are told in our own words, so that everything above is the same."""

from __future__ import annotations

import asyncio
from io import BytesIO
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from llmring._io import wire_errors as wire
from llmring._io.aiohttp_dialling import TRIP, Connector, Trip
from llmring._io.headers import checked, packing

if TYPE_CHECKING:
    from llmring._core.timeouts import Waits
    from llmring._core.wire_call import Header, PreparedCall
    from llmring._io.limits import PoolLimits
    from llmring._io.places import Place
    from llmring._io.tls import TLS

_BUFFER: Final = 256 * 1024
"""Bytes held for a slow reader before the peer is made to wait."""
_LARGE: Final = 512 * 1024
"""Bytes of a body from which it is sent in pieces."""
_LONGEST: Final = 64 * 1024
"""Bytes of a header, or of the status line."""
_REMEMBERED: Final = 512
_NEVER: Final = aiohttp.ClientTimeout(total=None)
_BROKEN: Final = (aiohttp.ClientError, RuntimeError)
"""What aiohttp fails with; it says RuntimeError of what was closed under its hands."""


class AiohttpPool:
    """One session, with everything turned off that a call to a provider does not need."""

    def __init__(self, limits: PoolLimits, tls: TLS, _proxy: str | None) -> None:
        """Open nothing yet."""
        self.connector = Connector(limits, tls)
        self._urls: dict[Place, URL] = {}
        self._headers: dict[tuple[tuple[Header, ...], bool, Place], CIMultiDict[str]] = {}
        self._session = aiohttp.ClientSession(
            connector=self.connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            timeout=_NEVER,
            auto_decompress=False,
            read_bufsize=_BUFFER,
            max_line_size=_LONGEST,
            max_field_size=_LONGEST,
        )

    async def carry(self, call: PreparedCall, place: Place, waits: Waits) -> Answer:
        """Carry *call* to *place* and give its answer as soon as its headers are there."""
        trip = Trip(waits)
        token = TRIP.set(trip)
        content = call.content
        try:
            async with _within(waits.read.until):
                response = await self._session.request(
                    call.method,
                    self._urls.get(place) or self._translated(place),
                    headers=self._head(call, place),
                    data=(content if len(content) < _LARGE else BytesIO(content)) if content else None,
                    allow_redirects=False,
                )
        except TimeoutError:
            overdue = trip.overdue()
            trip.hang_up()
            raise overdue from None
        except BaseException as error:
            trip.hang_up()
            if isinstance(error, _BROKEN):
                raise _told(error) from error
            raise
        finally:
            TRIP.reset(token)
        return Answer(response, waits)

    def _translated(self, place: Place) -> URL:
        """Give the URL of *place* as aiohttp wants it, to be sent as it is."""
        if len(self._urls) >= _REMEMBERED:
            self._urls.clear()
        self._urls[place] = made = URL(f"{place.scheme}://{place.netloc.decode()}{place.target.decode()}", encoded=True)
        return made

    def _head(self, call: PreparedCall, place: Place) -> CIMultiDict[str]:
        """Give the headers, all but the length, prepared once."""
        key = (call.headers, call.stream, place)
        prepared = self._headers.get(key)
        if prepared is None:
            del key  # as in the transport
            checked(call)
            if len(self._headers) >= _REMEMBERED:
                self._headers.clear()
            head = ((b"host", place.netloc), (b"accept-encoding", packing(call)), *call.headers)
            prepared = self._headers[call.headers, call.stream, place] = CIMultiDict(
                [(name.decode(), value.decode()) for name, value in head]
            )
        return prepared

    async def aclose(self) -> None:
        """Close all connections."""
        self.connector.hang_up()
        await self._session.close()

    def abandon(self) -> None:
        """Let go of all sockets without the loop."""
        self.connector.abandon()
        self._session.detach()


class Answer:
    """One answer; iterate it for its bytes."""

    __slots__ = ("_content", "_read", "_response", "fields", "status")

    def __init__(self, response: aiohttp.ClientResponse, waits: Waits) -> None:
        """Take over *response*, each piece of which is waited for under *waits*."""
        self._response = response
        self._content = response.content
        self._read = waits.read
        self.status = response.status
        self.fields = response.raw_headers

    def __aiter__(self) -> Answer:
        """Iterate over what arrives."""
        return self

    async def __anext__(self) -> bytes:
        """Wait for bytes and give all that are there."""
        content, until = self._content, self._read.until
        if monotonic() >= until:
            self._close()
            raise wire.ReadTimeout
        try:
            piece = content.read_nowait()
            if not piece and not content.at_eof():
                async with _within(until):
                    piece = await content.readany()
        except TimeoutError:
            self._close()
            raise wire.ReadTimeout from None
        except _BROKEN as error:
            piece = self._rest()
            if not piece:
                self._close()
                raise _told(error) from error
        if not piece:
            raise StopAsyncIteration
        return piece

    def _rest(self) -> bytes:
        """Give what had come before the connection broke, which aiohttp keeps to itself: nothing public gives it without waiting."""
        return self._content._read_nowait(-1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    async def aclose(self) -> None:
        """Hang up, unless the answer has come to its end and its connection is back already."""
        self._close()

    def _close(self) -> None:
        connection = self._response.connection
        if connection is not None:  # aiohttp takes it back by itself as soon as the last byte is here
            if connection.transport is not None:
                connection.transport.abort()
            self._response.close()


def _within(until: float) -> asyncio.Timeout:
    """Bound a block by the moment *until*."""
    return asyncio.timeout(None if until == inf else until - monotonic())


def _told(error: Exception) -> wire.WireError:
    """Say what *error* means in the words that our own connections have for it."""
    match error:
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError(errno=None):
            return wire.RemoteProtocolError("the server hung up without an answer")
        case aiohttp.ClientPayloadError() if "not completed" in str(error):
            return wire.RemoteProtocolError("the server hung up before the body was complete")
        case aiohttp.ClientResponseError():
            said = error.message.strip().partition("\n")[0]
            return wire.RemoteProtocolError(f"the answer does not begin with a status line of HTTP/1.1, or its head is malformed: {said}")
        case aiohttp.ClientPayloadError():
            return wire.RemoteProtocolError(str(error))
        case _:
            return wire.ReadError(str(error) or "the connection was closed here")
