"""An address that does not answer costs a quarter of a second, not the whole limit; both twins alike."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from llmring._io import dialling, dialling_aio
from tests.servers import DeafSocket, closed_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Dial = "Callable[[], socket.socket]"


@pytest.fixture
def listening() -> Iterator[int]:
    """Listen, and give the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(params=["blocking", "aio"])
def dial(request: pytest.FixtureRequest) -> Callable[[float], socket.socket]:
    """Give either twin's dialling as a function of the seconds it may take."""

    async def soon(seconds: float) -> socket.socket:
        async with asyncio.timeout(seconds):
            return await dialling_aio.dial("host", 1)

    if request.param == "aio":
        return lambda seconds: asyncio.run(soon(seconds))
    return lambda seconds: dialling.dial("host", 1, time.monotonic() + seconds)


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have every name resolve to the ports given, of loopback."""

    def to(*ports: int) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

        def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
            return found

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return to


def peer(sock: socket.socket) -> int:
    """Give the port at the other end."""
    with sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        return sock.getpeername()[1]


def test_the_first_address(dial: Callable[[float], socket.socket], resolve: Callable[..., None], listening: int) -> None:
    """One address that answers is taken."""
    resolve(listening)
    assert peer(dial(5)) == listening


def test_a_refused_address(dial: Callable[[float], socket.socket], resolve: Callable[..., None], listening: int) -> None:
    """After a refusal the next one is tried."""
    resolve(closed_port(), listening)
    assert peer(dial(5)) == listening


def test_a_silent_address(dial: Callable[[float], socket.socket], resolve: Callable[..., None], listening: int) -> None:
    """Beside a silent one the next is tried, long before the limit."""
    with DeafSocket() as deaf:
        resolve(int(deaf.url.rpartition(":")[2]), listening)
        assert peer(dial(60)) == listening


def test_nothing_answers(dial: Callable[[float], socket.socket], resolve: Callable[..., None]) -> None:
    """When all refuse, the last refusal is the reason; when all are silent, the limit is."""
    resolve(closed_port(), closed_port())
    with pytest.raises(ConnectionRefusedError):
        dial(5)
    with DeafSocket() as deaf:
        port = int(deaf.url.rpartition(":")[2])
        resolve(port, port + 1)
        resolve(port)
        with pytest.raises(TimeoutError):
            dial(0.1)


def test_a_silent_resolver(dial: Callable[[float], socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking a name up counts against the limit, though nothing can interrupt it; what goes wrong there is told here."""
    told = threading.Event()

    def silent(*_: Any, **__: Any) -> list[Any]:
        told.wait(5)
        raise socket.gaierror("nobody knows")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    threading.Timer(0.5, told.set).start()  # a loop waits for its threads when it ends
    with pytest.raises(TimeoutError):
        dial(0.1)
    with pytest.raises(socket.gaierror, match="nobody knows"):
        dial(5)


def test_no_address(dial: Callable[[float], socket.socket], resolve: Callable[..., None]) -> None:
    """A name without addresses is an error too."""
    resolve()
    with pytest.raises(OSError, match="no address for host"):
        dial(5)


def test_families_take_turns() -> None:
    """The resolver's first family begins, and the other is never far behind."""
    six, four = socket.AF_INET6, socket.AF_INET
    found = [(six, 1), (six, 2), (six, 2), (six, 3), (four, 4), (four, 5)]
    assert dialling.interleaved(found) == [(six, 1), (four, 4), (six, 2), (four, 5), (six, 3)]
    assert dialling.interleaved([]) == []
