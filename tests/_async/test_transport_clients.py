"""A client of the user's is used through ``send``, bounded, understood, and never closed; recorders see every call."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import vcr  # pyright: ignore[reportMissingTypeStubs]

from llmring._async.transport import AsyncTransport
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.limits import PoolLimits
from llmring.exceptions import ConfigurationError, ProviderConnectionError, ProviderResponseError, ProviderTimeoutError
from tests.servers import TEXT, Server, closed_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import ModuleType

PATIENT = Timeout.of(10)


def post(url: str, *, stream: bool = False) -> PreparedCall:
    """Make a call to *url*."""
    return PreparedCall("POST", url, ((b"authorization", b"Bearer k"),), b"{}", stream)


@pytest.fixture(params=["httpx2", pytest.param("httpx", marks=pytest.mark.extra)])
def library(request: pytest.FixtureRequest) -> ModuleType:
    """Give either library that a user's client may come from."""
    return importlib.import_module(request.param)


@pytest.fixture
async def client(library: ModuleType) -> AsyncIterator[Any]:
    """Give a user's client with settings of its own."""
    async with library.AsyncClient(headers={"x-mine": "yes"}, timeout=0.01) as made:
        yield made


@pytest.fixture
def transport(client: Any) -> AsyncTransport:
    """Give a transport that goes through it."""
    return AsyncTransport(client=client, limits=PoolLimits(max_response_bytes=500_000))


async def test_goes_through_the_client(server: Server, transport: AsyncTransport, client: Any) -> None:
    """The client's own headers are sent too, our limits replace its own, and it stays open."""
    heard = json.loads((await transport.send(post(server.url + "/echo"), PATIENT)).body)
    headers = {name.lower(): value for name, value in heard["headers"].items()}
    assert (headers["x-mine"], headers["authorization"]) == ("yes", "Bearer k")
    reply = await transport.open(post(server.url + "/short-stream", stream=True), PATIENT)
    assert b"".join([piece async for piece in reply]) == b"onetwothree"
    await transport.aclose()
    assert not client.is_closed


@pytest.mark.parametrize("path", ["/gzip", "/deflate"])
async def test_unpacks(server: Server, transport: AsyncTransport, path: str) -> None:
    """Answers are unpacked as our own are."""
    assert (await transport.send(post(server.url + path), PATIENT)).body == TEXT


async def test_a_foreign_packing_holds_no_connection(server: Server, library: ModuleType) -> None:
    """An answer that cannot be unpacked gives the client its connection back."""
    async with library.AsyncClient(limits=library.Limits(max_connections=1)) as single:
        transport = AsyncTransport(client=single)
        for _ in range(2):
            with pytest.raises(ProviderResponseError, match="packed as 'br'"):
                await transport.send(post(server.url + "/brotli"), PATIENT)


async def test_bounds_the_size(server: Server, transport: AsyncTransport) -> None:
    """And bounded as our own are."""
    with pytest.raises(ProviderResponseError, match="larger than"):
        await transport.send(post(server.url + "/bomb"), PATIENT)


async def test_bounds_the_time(server: Server, transport: AsyncTransport) -> None:
    """A silent server, and one that sends a byte now and then, are given up in time."""
    for path in ("/hang", "/drip-body"):
        with pytest.raises(ProviderTimeoutError, match=r"no complete answer within 0.3 s"):
            await transport.send(post(server.url + path), Timeout.of(0.3))
    reply = await transport.open(post(server.url + "/stall", stream=True), Timeout(first_token=2, between_tokens=0.2, total=60))
    with pytest.raises(ProviderTimeoutError, match=r"nothing more arrived within 0.2 s"):
        await reply.aread()


async def test_errors_are_ours(server: Server, transport: AsyncTransport) -> None:
    """Whatever its library raises becomes one of our errors."""
    with pytest.raises(ProviderConnectionError, match="cannot connect"):
        await transport.send(post(f"http://127.0.0.1:{closed_port()}/"), PATIENT)
    with pytest.raises(ProviderConnectionError, match="the connection broke"):
        await transport.send(post(server.url + "/cut"), PATIENT)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        await transport.send(post("ftp://host/"), PATIENT)


async def test_a_hook_may_read(server: Server, library: ModuleType) -> None:
    """An event hook that reads the answer leaves it to us all the same."""

    async def read(response: Any) -> None:
        await response.aread()

    async with library.AsyncClient(event_hooks={"response": [read]}) as client:
        reply = await AsyncTransport(client=client).send(post(server.url + "/gzip"), PATIENT)
        assert reply.body == TEXT


async def test_a_closed_client(library: ModuleType) -> None:
    """A client that was closed is named as the cause."""
    async with library.AsyncClient() as client:
        transport = AsyncTransport(client=client)
    with pytest.raises(ConfigurationError, match="is closed"):
        await transport.send(post("http://localhost/"), PATIENT)


async def test_a_double(library: ModuleType) -> None:
    """A client over the library's own test transport works."""

    def answer(request: Any) -> Any:
        return library.Response(200, json={"host": request.url.host})

    async with library.AsyncClient(transport=library.MockTransport(answer)) as client:
        reply = await AsyncTransport(client=client).send(post("http://somewhere/"), PATIENT)
        assert json.loads(reply.body) == {"host": "somewhere"}


async def test_the_wrong_kind_of_client() -> None:
    """Something that is no such client is refused when it is given."""
    with pytest.raises(ConfigurationError, match=r"http_client= takes an httpx2\..*, not object"):
        AsyncTransport(client=object())  # pyright: ignore[reportArgumentType] - that is the point


async def test_recorders_see_calls(server: Server, tmp_path: Path) -> None:
    """A call is recorded, and replayed with the server gone."""
    recorder: Any = vcr.VCR(cassette_library_dir=str(tmp_path), match_on=["method", "path", "body"])
    calls = [post(server.url + "/echo"), post(server.url + "/short-stream", stream=True), post(server.url + "/gzip")]
    replies: list[list[bytes]] = []
    for _ in range(2):
        with recorder.use_cassette("calls.yaml", record_mode="once"):
            transport = AsyncTransport()
            replies.append([(await transport.send(call, PATIENT)).body for call in calls])
            await transport.aclose()
    assert replies[0] == replies[1]
    assert server.seen.total() == 3
