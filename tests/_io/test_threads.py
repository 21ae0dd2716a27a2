"""One blocking transport serves many threads, and none holds up another."""

from __future__ import annotations

import json
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.limits import PoolLimits
from llmring._io.tls import TLS
from llmring._sync.transport import SyncTransport
from llmring.exceptions import ProviderConnectionError, ProviderTimeoutError
from tests.servers import AUTHORITY, Server

PATIENT = Timeout.of(10)


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_many_threads(monkeypatch: pytest.MonkeyPatch, *, tls: bool) -> None:
    """Every call gets its own answer, over no more connections than threads, and one TLS context."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    transport = SyncTransport()

    def work(number: int) -> bool:
        reply = transport.send(PreparedCall("POST", server.url + "/echo", (), b"%d" % number), PATIENT)
        return json.loads(reply.body)["body"] == str(number)

    with Server(tls=tls) as server, ThreadPoolExecutor(12) as crowd:
        assert all(crowd.map(work, range(300)))
        assert server.accepted <= 12
        transport.close()
        assert server.empty_by(2)


def test_one_stand_in_for_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that connect first, at once, agree on what stands for the TLS context; of two, one would be taken for the real one."""
    both, made = threading.Barrier(2), list[object]()

    def slow(_protocol: int) -> object:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        made.append(object())
        return made[-1]

    monkeypatch.setattr(ssl, "SSLContext", slow)
    tls = TLS()
    with ThreadPoolExecutor(2) as crowd:
        found = [crowd.submit(tls.stand_in) for _ in range(2)]
    assert [each.result() for each in found] == made * 2


def test_threads_wait_for_connections() -> None:
    """More threads than connections take turns; one that waits too long says what it waited for."""
    transport = SyncTransport(limits=PoolLimits(max_connections=2))
    with Server() as server, ThreadPoolExecutor(8) as crowd:
        call = PreparedCall("POST", server.url + "/echo", (), b"{}")
        waiting = [crowd.submit(transport.send, call, PATIENT) for _ in range(50)]
        assert {done.result().status for done in waiting} == {200}
        assert server.accepted <= 2
        streams = [transport.open(PreparedCall("POST", server.url + "/stream", (), b"{}", stream=True), PATIENT) for _ in range(2)]
        with pytest.raises(ProviderTimeoutError, match=r"no free connection within 0.2 s"):
            transport.send(call, Timeout.of(0.2))
        for stream in streams:
            stream.close()
        transport.close()
        assert server.empty_by(2)


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_closing_from_another_thread(monkeypatch: pytest.MonkeyPatch, *, tls: bool) -> None:
    """A stream that is closed elsewhere ends for the thread that waits on it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    transport = SyncTransport()
    with Server(tls=tls) as server:
        reply = transport.open(PreparedCall("POST", server.url + "/stall", (), b"{}", stream=True), Timeout.of(20))
        while not next(reply).endswith(b"two"):
            pass
        with ThreadPoolExecutor(1) as other:
            waiting = other.submit(next, reply)
            time.sleep(0.1)
            reply.close()
            with pytest.raises(ProviderConnectionError):
                waiting.result(5)
        transport.close()
        assert server.empty_by(2)
