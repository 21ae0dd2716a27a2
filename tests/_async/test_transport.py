"""Calls arrive whole, answers come back whole, and every failure of the wire is one of ours."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import httpx2
import pytest

from llmring._async.transport import AsyncTransport
from llmring._async.ways import AsyncWay, recorded
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.aio import sleep
from llmring._io.limits import PoolLimits
from llmring._io.tls import TLS
from llmring.exceptions import ConfigurationError, ProviderConnectionError, ProviderResponseError, ProviderTimeoutError
from tests.servers import TEXT, DeafSocket, Server, closed_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HEADERS = ((b"authorization", b"Bearer k"), (b"content-type", b"application/json"))
PATIENT = Timeout.of(10)


def post(url: str, content: bytes = b"{}", *, stream: bool = False, headers: tuple[tuple[bytes, bytes], ...] = HEADERS) -> PreparedCall:
    """Make a call to *url*."""
    return PreparedCall("POST", url, headers, content, stream)


@pytest.fixture
async def transport() -> AsyncIterator[AsyncTransport]:
    """Give a transport that is closed afterwards."""
    made = AsyncTransport(limits=PoolLimits(max_response_bytes=500_000))
    try:
        yield made
    finally:
        await made.aclose()


async def echo(transport: AsyncTransport, server: Server, content: bytes = b"{}") -> dict[str, Any]:
    """Ask what arrives."""
    return json.loads((await transport.send(post(server.url + "/echo", content), PATIENT)).body)


async def test_sends_what_was_prepared(server: Server, transport: AsyncTransport) -> None:
    """Body, headers, host and length arrive."""
    heard = await echo(transport, server, b'{"a": 1}')
    assert heard["body"] == '{"a": 1}'
    headers = {name.lower(): value for name, value in heard["headers"].items()}
    assert headers["authorization"] == "Bearer k"
    assert headers["host"] == server.url.removeprefix("http://")
    assert headers["content-length"] == "8"
    assert headers["accept-encoding"] == "gzip, deflate"


async def test_streams_are_not_packed(server: Server, transport: AsyncTransport) -> None:
    """A packer would hold pieces back, so streams are asked for plain."""
    reply = await transport.open(post(server.url + "/echo", stream=True), PATIENT)
    assert json.loads(await reply.aread())["headers"]["accept-encoding"] == "identity"


async def test_sends_large_bodies(server: Server, transport: AsyncTransport) -> None:
    """A body larger than any buffer arrives."""
    assert len((await echo(transport, server, b"x" * 400_000))["body"]) == 400_000


async def test_get_has_no_body(server: Server, transport: AsyncTransport) -> None:
    """A call without content sends a head alone."""
    reply = await transport.send(PreparedCall("GET", server.url + "/echo?a=b", HEADERS), PATIENT)
    heard = json.loads(reply.body)
    assert heard["body"] == ""
    assert "content-length" not in {name.lower() for name in heard["headers"]}


async def test_connections_are_reused(server: Server, transport: AsyncTransport) -> None:
    """One connection serves call after call, answers and streams."""
    ports = {(await echo(transport, server))["port"] for _ in range(3)}
    reply = await transport.open(post(server.url + "/short-stream", stream=True), PATIENT)
    assert b"".join([piece async for piece in reply]) == b"onetwothree"
    await reply.aclose()
    ports.add((await echo(transport, server))["port"])
    assert len(ports) == 1
    assert server.accepted == 1


async def test_idle_connections_may_be_gone(server: Server, transport: AsyncTransport) -> None:
    """A connection that the server closed while nobody used it is not used again."""
    for _ in range(3):
        assert (await transport.send(post(server.url + "/goodbye"), PATIENT)).body == b"bye"
        await sleep(0.05)
    assert server.accepted == 3


async def test_idle_connections_expire(server: Server) -> None:
    """A connection idle for longer than wanted is closed at the next use."""
    transport = AsyncTransport(limits=PoolLimits(keepalive_seconds=0.01))
    await echo(transport, server)
    await sleep(0.05)
    await echo(transport, server)
    await transport.aclose()
    assert server.accepted == 2


async def test_an_error_status_is_an_answer(server: Server, transport: AsyncTransport) -> None:
    """What a status means is decided elsewhere; header names are lower case, repeated ones joined."""
    reply = await transport.send(post(server.url + "/refuse"), PATIENT)
    assert (reply.status, reply.body) == (429, b"no")
    assert reply.headers["x-twice"] == "a, b"
    assert reply.headers["retry-after"] == "7"


async def test_an_early_refusal_is_read(server: Server, transport: AsyncTransport) -> None:
    """A server that answers before it has read the request is heard."""
    try:
        reply = await transport.send(post(server.url + "/early", b"x" * 10_000), PATIENT)
    except ProviderConnectionError:
        return  # the refusal was lost on the way: the kernel resets when bytes are left unread
    assert reply.status == 413


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/raw-deflate"])
async def test_unpacks(server: Server, transport: AsyncTransport, path: str) -> None:
    """Packed answers are unpacked."""
    assert (await transport.send(post(server.url + path), PATIENT)).body == TEXT


async def test_unpacks_streams(server: Server, transport: AsyncTransport) -> None:
    """Also those that were asked for plain and come packed, each piece as it arrives."""
    reply = await transport.open(post(server.url + "/packed-stream", stream=True), PATIENT)
    assert b"".join([piece async for piece in reply]) == b"onetwothree"


@pytest.mark.parametrize(
    "path, says",
    [
        ("/bomb", "larger than 500,000 bytes"),
        ("/huge", "larger than 500,000 bytes"),
        ("/brotli", "packed as 'br'"),
        ("/half-gzip", "ends early"),
        ("/broken-gzip", "compression is broken"),
    ],
)
async def test_refuses_answers(server: Server, transport: AsyncTransport, path: str, says: str) -> None:
    """Answers that are too large, or packed wrongly, are errors, and the next call works."""
    with pytest.raises(ProviderResponseError, match=says):
        await transport.send(post(server.url + path), PATIENT)
    assert await echo(transport, server)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_foreign_packing_holds_no_connection(server: Server, *, stream: bool) -> None:
    """An answer that cannot be unpacked gives its connection back, so that the only one is there for the next call."""
    transport = AsyncTransport(limits=PoolLimits(max_connections=1))
    for _ in range(2):
        reply = await transport.open(post(server.url + "/brotli", stream=stream), PATIENT)
        with pytest.raises(ProviderResponseError, match="packed as 'br'"):
            await reply.aread()
    await transport.aclose()


@pytest.mark.parametrize(
    "path, says",
    [
        ("/cut", "localhost: the connection broke: the server hung up before the body was complete"),
        ("/close", "localhost: the connection broke: the server hung up without an answer"),
        ("/garbage", "localhost: the connection broke: the answer does not begin with a status line"),
    ],
)
async def test_broken_connections(server: Server, transport: AsyncTransport, path: str, says: str) -> None:
    """A connection that breaks is one error whatever broke it, and the next call works."""
    with pytest.raises(ProviderConnectionError, match=says) as caught:
        await transport.send(post(server.url + path), PATIENT)
    assert caught.value.retryable
    assert await echo(transport, server)


async def test_nobody_listens(transport: AsyncTransport) -> None:
    """A refused connection says where and why."""
    with pytest.raises(ProviderConnectionError, match=r"127.0.0.1: cannot connect: .*refused"):
        await transport.send(post(f"http://127.0.0.1:{closed_port()}/"), PATIENT)


async def test_no_such_host(transport: AsyncTransport) -> None:
    """So does a name that does not resolve."""
    with pytest.raises(ProviderConnectionError, match=r"nowhere.invalid: cannot connect"):
        await transport.send(post("http://nowhere.invalid/"), PATIENT)


@pytest.mark.parametrize("url", ["ftp://host/x", "host/x", "http://", "http://[::1/x", "http://host:port/"])
async def test_urls_that_cannot_be_used(transport: AsyncTransport, url: str) -> None:
    """A base URL that cannot work is the configuration's fault, found before anything is sent."""
    with pytest.raises(ConfigurationError, match="The URL"):
        await transport.send(post(url), PATIENT)


async def test_a_malformed_key_is_not_shown(server: Server, transport: AsyncTransport) -> None:
    """A key with a line break is refused before anything is sent, and the message does not hold it."""
    with pytest.raises(ConfigurationError, match="'authorization' holds a line break") as caught:
        await transport.send(post(server.url + "/echo", headers=((b"authorization", b"Bearer sk-secret\n"),)), PATIENT)
    assert "secret" not in repr(caught.value)
    with pytest.raises(ConfigurationError, match="no name for a header"):
        await transport.send(post(server.url + "/echo", headers=((b"x y", b"z"),)), PATIENT)
    assert not server.seen


@pytest.mark.parametrize("path", ["/hang", "/drip-headers", "/drip-body", "/stall"])
async def test_an_attempt_has_an_end(server: Server, transport: AsyncTransport, path: str) -> None:
    """However slowly the server answers, the attempt ends when its time is up."""
    with pytest.raises(ProviderTimeoutError, match=r"localhost: no complete answer within 0.3 s \(limit: attempt\)"):
        await transport.send(post(server.url + path), Timeout.of(0.3))
    assert await echo(transport, server)


async def test_total_ends_an_attempt(server: Server, transport: AsyncTransport) -> None:
    """What is left of the total bounds the attempt, and the message names it."""
    with pytest.raises(ProviderTimeoutError, match=r"limit: total"):
        await transport.send(post(server.url + "/drip-body"), Timeout(attempt=10, total=0.2))
    reply = await transport.open(post(server.url + "/stream", stream=True), Timeout(between_tokens=10, total=0.2))
    with pytest.raises(ProviderTimeoutError, match=r"limit: total"):
        await reply.aread()


async def test_connecting_has_an_end(transport: AsyncTransport) -> None:
    """A host that never accepts is given up after the limit for connecting."""
    with DeafSocket() as deaf, pytest.raises(ProviderTimeoutError, match=r"no connection within 0.2 s \(limit: connect\)"):
        await transport.send(post(deaf.url), Timeout(connect=0.2, total=60))


async def test_sending_has_an_end(transport: AsyncTransport) -> None:
    """A host that reads nothing does not hold a large request for ever."""
    with DeafSocket() as deaf:
        deaf.listen_but_never_read()
        with pytest.raises(ProviderTimeoutError, match=r"the request could not be sent within 2 s"):
            await transport.send(post(deaf.url, b"x" * 50_000_000), Timeout.of(2))


async def test_first_token(server: Server, transport: AsyncTransport) -> None:
    """A stream that does not begin is given up after the limit for its first piece."""
    with pytest.raises(ProviderTimeoutError, match=r"nothing arrived within 0.2 s \(limit: first_token\)"):
        await transport.open(post(server.url + "/hang", stream=True), Timeout(first_token=0.2, between_tokens=10, total=60))


async def test_between_tokens(server: Server, transport: AsyncTransport) -> None:
    """A stream that stalls is given up after the limit between pieces, whatever came before."""
    reply = await transport.open(post(server.url + "/stall", stream=True), Timeout(first_token=5, between_tokens=0.2, total=60))
    heard: list[bytes] = []
    with pytest.raises(ProviderTimeoutError, match=r"nothing more arrived within 0.2 s \(limit: between_tokens\)"):  # noqa: PT012 - the same
        async for piece in reply:
            heard.append(piece)  # noqa: PERF401 - what came before the error counts
    assert b"".join(heard) == b"onetwo"


async def test_every_wait_of_a_stream_has_its_own_limit(server: Server, transport: AsyncTransport) -> None:
    """A number limits each wait of a stream, not the stream."""
    reply = await transport.open(post(server.url + "/drip-body", stream=True), Timeout.of(0.4))
    pieces = 0
    async for _ in reply:
        pieces += 1
        if pieces == 15:
            break
    await reply.aclose()
    assert pieces == 15


async def test_held_waits_go_on(server: Server, transport: AsyncTransport) -> None:
    """Pieces that hold nothing new do not renew the limit."""
    reply = await transport.open(post(server.url + "/drip-body", stream=True), Timeout.of(0.4))
    with pytest.raises(ProviderTimeoutError, match=r"limit: attempt"):  # noqa: PT012 - the loop is what is tried
        async for _ in reply:
            reply.hold()


async def test_closing_early_hangs_up(server: Server, transport: AsyncTransport) -> None:
    """A stream closed in the middle closes its connection; one never iterated does too."""
    reply = await transport.open(post(server.url + "/stream", stream=True), PATIENT)
    await reply.__anext__()
    await reply.aclose()
    await reply.aclose()
    await (await transport.open(post(server.url + "/stream", stream=True), PATIENT)).aclose()
    for _ in range(100):
        await sleep(0.01)
        if server.dropped == 2:
            break
    assert server.dropped == 2
    assert await echo(transport, server)


async def test_a_closed_transport_begins_anew(server: Server, transport: AsyncTransport) -> None:
    """Closing gives up the connections, not the transport."""
    await echo(transport, server)
    await transport.aclose()
    await transport.aclose()
    await echo(transport, server)
    assert server.accepted == 2


async def test_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's certificates are trusted, and the context is built once, at the first https call."""
    from tests.servers import AUTHORITY

    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    tls = TLS()
    transport = AsyncTransport(tls=tls)
    with Server() as plain, Server(tls=True) as safe:
        assert await echo(transport, plain)
        assert tls.context is None
        assert await echo(transport, safe, b"x" * 300_000)
        context = tls.context
        reply = await transport.open(post(safe.url + "/short-stream", stream=True), PATIENT)
        assert b"".join([piece async for piece in reply]) == b"onetwothree"
        with pytest.raises(ProviderTimeoutError, match="no complete answer"):
            await transport.send(post(safe.url + "/drip-headers"), Timeout.of(0.3))
        assert safe.accepted == 1
        assert await echo(transport, safe)
        assert tls.context is context is not None
        await transport.aclose()
        assert safe.empty_by(2)


@pytest.mark.parametrize("text", [None, "no certificate"])
async def test_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None) -> None:
    """The environment's setting is at fault, not the provider: it is named, and nobody tries again."""
    named = tmp_path / "authority.pem"
    if text is not None:
        named.write_text(text, encoding="utf-8")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(named))
    transport = AsyncTransport()
    with Server(tls=True) as safe:
        with pytest.raises(ConfigurationError, match=r"The certificates of SSL_CERT_FILE=\S*authority.pem cannot be used: "):
            await echo(transport, safe)
        await sleep(0.01)  # a loop lets go of sockets in its next round
        assert safe.empty_by(2)
    await transport.aclose()


async def test_a_limit_beyond_any_wait(server: Server, transport: AsyncTransport) -> None:
    """A limit of years is as good as none."""
    assert (await transport.send(post(server.url + "/echo"), Timeout(connect=1e12, attempt=1e300, total=1e308))).status == 200


async def test_strangers_are_not_trusted() -> None:
    """Without the authority's certificate the connection is refused, and says why."""
    transport = AsyncTransport()
    with Server(tls=True) as safe, pytest.raises(ProviderConnectionError, match=r"cannot connect: TLS: .*CERTIFICATE_VERIFY_FAILED"):
        await echo(transport, safe)
    await transport.aclose()


async def test_a_silent_handshake_has_an_end() -> None:
    """TLS with a host that does not speak it counts as connecting."""
    transport = AsyncTransport()
    with DeafSocket() as deaf:
        deaf.listen_but_never_read()
        with pytest.raises(ProviderTimeoutError, match=r"no connection within 0.2 s \(limit: connect\)"):
            await transport.send(post(deaf.url.replace("http:", "https:")), Timeout(connect=0.2, total=60))
    await transport.aclose()


def test_the_private_names_in_use() -> None:
    """What is taken from inside the library: where a transport keeps its pool, and where a pool keeps its network backend."""
    assert vars(httpx2.AsyncHTTPTransport())["_pool"] is not None
    assert vars(AsyncWay(PoolLimits(), TLS(), None).library._pool)["_inner"]
    proxied = AsyncWay(PoolLimits(), TLS(), "http://127.0.0.1:9")
    assert vars(vars(proxied.library._pool)["_network_backend"])["_inner"] is proxied.backend


async def test_recorders_are_seen(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever takes the place of the library's own method is called, as recorders expect."""
    heard: list[str] = []
    real = httpx2.AsyncHTTPTransport.handle_async_request

    async def overheard(self: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
        heard.append(request.url.path)
        return await real(self, request)

    transport = AsyncTransport()
    await echo(transport, server)
    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", overheard)
    await echo(transport, server)
    monkeypatch.undo()
    await echo(transport, server)
    await transport.aclose()
    assert len(heard) == 1


def test_a_mock_stands_for_a_recorder(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has put there may be no function at all."""
    assert not recorded()
    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", Mock())
    assert recorded()


def test_nobody_records_by_a_library_that_is_being_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread may be in the midst of importing it."""
    monkeypatch.setitem(sys.modules, "httpx2", ModuleType("httpx2"))
    assert not recorded()
