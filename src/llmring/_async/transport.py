"""Carries prepared calls over HTTP and says in our words what went wrong; whether to try again is not its business."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, cast

import httpx2

from llmring._async.pool import AsyncRingTransport
from llmring._async.reply import AsyncClientReply, AsyncReply
from llmring._core.http import HttpReply
from llmring._core.timeouts import Timeout, Waits
from llmring._io.aio import CLIENT, Home, Pools, check_client, monotonic, within
from llmring._io.environment import proxy_for
from llmring._io.failures import WIRE, failure, family
from llmring._io.headers import checked
from llmring._io.inflate import ACCEPTED
from llmring._io.limits import PoolLimits
from llmring._io.tls import TLS
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    import httpx

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
        self._limits = limits or PoolLimits()
        self._pools = Pools(partial(AsyncRingTransport, self._limits, tls or TLS(http2=self._limits.http2)))
        self._urls: dict[str, tuple[httpx2.URL, str | None]] = {}
        self._headers: dict[tuple[tuple[Header, ...], bool, bytes], httpx2.Headers] = {}
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
        url, proxy = self._urls.get(call.url) or self._locate(call.url)
        waits = Waits(timeout, monotonic(), stream=call.stream)
        request = httpx2.Request(
            call.method,
            url,
            headers=self._head(call, url),
            stream=httpx2.ByteStream(call.content),
            extensions={"timeout": waits.limits()},
        )
        try:
            response = await self._pools.get(proxy).handle_async_request(request)
        except WIRE as error:
            raise failure(error, waits, url.host, monotonic()) from error
        return AsyncReply(response, waits, url.host, self._limits.max_response_bytes)

    async def _through(self, client: httpx2.AsyncClient, call: PreparedCall, timeout: Timeout) -> AsyncReply:
        """Carry *call* by the user's own client."""
        if client.is_closed:
            raise ConfigurationError("The HTTP client given to the ring is closed; the ring never closes it, so it must outlive the ring.")
        self._home.check(CLIENT)
        checked(call.headers)
        waits = Waits(timeout, monotonic(), stream=call.stream)
        packing = b"identity" if call.stream else ACCEPTED
        host = call.url
        limits = waits.plain()
        try:
            request = client.build_request(
                call.method,
                call.url,
                headers=[*call.headers, (b"accept-encoding", packing)],
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
        _, proxy = self._urls.get(url) or self._locate(url)
        return await self._pools.get(proxy).handle_async_request(request)

    def _locate(self, text: str) -> tuple[httpx2.URL, str | None]:
        """Parse a URL and find its way out, once."""
        try:
            url = httpx2.URL(text)
        except httpx2.InvalidURL as error:
            raise ConfigurationError(f"The URL {text!r} is malformed: {error}.") from error
        if url.scheme not in {"http", "https"} or not url.host:
            raise ConfigurationError(f"The URL {text!r} must begin with http:// or https:// and name a host.")
        if len(self._urls) >= _REMEMBERED:
            self._urls.clear()
        self._urls[text] = found = url, proxy_for(url.scheme, url.host, url.port)
        return found

    def _head(self, call: PreparedCall, url: httpx2.URL) -> httpx2.Headers:
        """Complete the headers; all but the length are prepared once."""
        key = (call.headers, call.stream, url.netloc)
        prepared = self._headers.get(key)
        if prepared is None:
            checked(call.headers)
            if len(self._headers) >= _REMEMBERED:
                self._headers.clear()
            packing = b"identity" if call.stream else ACCEPTED
            prepared = self._headers[key] = httpx2.Headers([(b"host", url.netloc), (b"accept-encoding", packing), *call.headers])
        head = httpx2.Headers(prepared)
        if call.content or call.method == "POST":
            head["content-length"] = str(len(call.content))
        return head
