"""Carries prepared calls over HTTP and says in our words what went wrong; whether to try again is not its business."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, cast

from llmring._async.connection import AsyncWhole
from llmring._async.reply import AsyncClientReply, AsyncReply
from llmring._async.ways import AsyncWay
from llmring._core.http import HttpReply
from llmring._core.timeouts import Timeout, Waits
from llmring._io.aio import CLIENT, Home, Pools, check_client, monotonic, swift_pools, within
from llmring._io.failures import WIRE, failure, family, librarys
from llmring._io.headers import checked, joined, lowered, packing
from llmring._io.limits import PoolLimits
from llmring._io.places import Place
from llmring._io.tls import TLS
from llmring.exceptions import ConfigurationError
from llmring.protocols.http1 import request_head

if TYPE_CHECKING:
    import httpx
    import httpx2

    from llmring._async.lending import AsyncLending
    from llmring._core.wire_call import Header, PreparedCall

_REMEMBERED: Final = 512
"""Different URLs, and different sets of headers, that one transport keeps prepared."""


class AsyncTransport:
    """Sends calls over its own connections, or through a client of the user's."""

    def __init__(
        self,
        *,
        client: httpx2.AsyncClient | httpx.AsyncClient | None = None,
        limits: PoolLimits | None = None,
        tls: TLS | None = None,
    ) -> None:
        """Open nothing yet; *client* is used through its ``send`` and never closed, *tls* is what both twins share."""
        tls = tls or TLS(http2=limits is not None and limits.http2)
        self._limits = limits or PoolLimits(http2=tls.http2)
        self._pools = Pools(partial(AsyncWay, self._limits, tls))
        self._swift = swift_pools(self._limits, tls) if client is None else None
        self._places: dict[str, Place] = {}
        self._heads: dict[tuple[str, str, tuple[Header, ...], bool], bytes] = {}
        self._client = cast("httpx2.AsyncClient | None", client)
        self._home = Home()
        self._lending: AsyncLending | None = None
        if client is not None:
            check_client(client)
            self._errors = family(client)

    async def send(self, call: PreparedCall, timeout: Timeout) -> HttpReply:
        """Carry *call* and read its whole answer, within *timeout* and the size limit."""
        reply = await self.open(call, timeout)
        return HttpReply(reply.status, reply.headers, await reply.aread())

    async def open(self, call: PreparedCall, timeout: Timeout) -> AsyncReply:
        """Carry *call* and give its answer as soon as its headers are there; the caller closes it."""
        if self._client is not None:
            return await self._through(self._client, call, timeout)
        place = self._places.get(call.url) or self._locate(call.url)
        waits = Waits(timeout, monotonic(), stream=call.stream)
        if self._swift is not None and place.proxy is None:
            try:
                swift = await self._swift.get(None).carry(call, place, waits)
            except WIRE as error:
                raise failure(error, waits, place.host, monotonic()) from error
            return AsyncReply(swift.status, lowered(swift.fields), swift, swift, waits, place.host, self._limits.max_response_bytes)
        way = self._pools.get(place.proxy)
        direct = way.direct
        if direct is None:
            return await self._by_library(way, call, place, waits)
        try:
            answer, body = await direct.carry(AsyncWhole(place.origin, self._head(call, place), call.content, waits.limits()))
        except WIRE as error:
            raise failure(error, waits, place.host, monotonic()) from error
        return AsyncReply(answer.status, joined(answer.fields), body, body, waits, place.host, self._limits.max_response_bytes)

    async def _by_library(self, way: AsyncWay, call: PreparedCall, place: Place, waits: Waits) -> AsyncReply:
        """Carry *call* through the HTTP library."""
        errors = librarys()
        try:
            response = await way.library.carry(call, place, waits)
        except errors as error:
            raise failure(error, waits, place.host, monotonic()) from error
        return AsyncReply.of(response, waits, place.host, self._limits.max_response_bytes, errors)

    async def _through(self, client: httpx2.AsyncClient, call: PreparedCall, timeout: Timeout) -> AsyncReply:
        """Carry *call* by the user's own client."""
        if client.is_closed:
            raise ConfigurationError("The HTTP client given to the ring is closed; the ring never closes it, so it must outlive the ring.")
        self._home.check(CLIENT)
        checked(call)
        waits = Waits(timeout, monotonic(), stream=call.stream)
        host = call.url
        limits = waits.plain()
        try:
            request = client.build_request(
                call.method,
                call.url,
                headers=[*call.headers, (b"accept-encoding", packing(call))],
                content=call.content,
                extensions={"timeout": limits},
            )
            host = request.url.host
            async with within(waits.read.until):
                response = await client.send(request, stream=True)
            limits["read"] = waits.plain_body()
        except self._errors as error:
            raise failure(error, waits, host, monotonic()) from error
        return AsyncClientReply(response, waits, host, self._limits.max_response_bytes, self._errors)

    async def aclose(self) -> None:
        """Close the connections of this event loop; those of others close when their loops do."""
        if self._lending is not None:
            await self._lending.aclose()
        if self._swift is not None:
            await self._swift.aclose()
        await self._pools.aclose()

    # --- for clients of others

    @property
    def own_client(self) -> httpx2.AsyncClient | None:
        """The user's client, where there is one."""
        return self._client

    @property
    def lending(self) -> AsyncLending:
        """What lends these connections to others."""
        if self._lending is None:
            from llmring._async.lending import AsyncLending

            self._lending = AsyncLending(self)
        return self._lending

    async def relay(self, request: httpx2.Request) -> httpx2.Response:
        """Carry what another client has built, whose errors and limits are its own."""
        url = str(request.url)
        place = self._places.get(url) or self._locate(url)
        return await self._pools.get(place.proxy).library.handle_async_request(request)

    def _locate(self, text: str) -> Place:
        """Parse a URL and find its way out, once."""
        if len(self._places) >= _REMEMBERED:
            self._places.clear()
        self._places[text] = found = Place(text)
        return found

    def _head(self, call: PreparedCall, place: Place) -> bytes:
        """Render the head of a request; all but the length is prepared once."""
        key = (call.method, call.url, call.headers, call.stream)
        prepared = self._heads.get(key)
        if prepared is None:
            del key  # which would stand in the frame of a failure, with the key in it that the provider gave
            checked(call)
            if len(self._heads) >= _REMEMBERED:
                self._heads.clear()
            headers = [(b"host", place.netloc), (b"accept-encoding", packing(call)), *call.headers]
            prepared = self._heads[call.method, call.url, call.headers, call.stream] = request_head(
                call.method.encode("ascii"), place.target, headers
            )
        if call.content or call.method == "POST":
            return b"%bcontent-length: %d\r\n\r\n" % (prepared, len(call.content))
        return prepared + b"\r\n"
