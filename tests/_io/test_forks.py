"""A forked child talks over connections of its own, and the parent's stay as they are, whatever was held at the fork."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import AUTHORITY, Server

ROOT = Path(__file__).resolve().parents[2]

COMMON = """
import asyncio, gc, json, os, sys, threading
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.locks import new_lock
from llmring._io.tls import TLS
from llmring._sync.transport import SyncTransport
from llmring._async.transport import AsyncTransport

url = sys.argv[1]
call = PreparedCall("POST", url + "/echo", (), b"{}")

def ask(transport):
    return json.loads(transport.send(call, Timeout.of(5)).body)["port"]

async def aask(transport):
    return json.loads((await transport.send(call, Timeout.of(5))).body)["port"]

def in_child(work):
    pid = os.fork()
    if not pid:
        try:
            work()
            gc.collect()
        except BaseException as error:
            print("child:", repr(error), flush=True)
            os._exit(1)
        sys.exit(0)
    assert os.waitpid(pid, 0)[1] == 0
"""

BLOCKING = """
transport = SyncTransport()
parents = ask(transport)

def work():
    mine = ask(transport)
    assert mine == ask(transport) != parents
    transport.close()

for _ in range(3):
    in_child(work)
    assert ask(transport) == parents
transport.close()
"""

LOCKS = """
tls = TLS()
transport = SyncTransport(tls=tls)
parents = ask(transport)
ours = new_lock()
pool = transport._pools.get(None).own
held, go = threading.Barrier(2), threading.Event()

def hold():
    with ours, tls._lock, transport._pools._lock, pool._desk._lock:
        held.wait()
        go.wait()

holder = threading.Thread(target=hold)
holder.start()
held.wait()

def work():
    assert not ours.locked()
    with ours:
        pass
    assert ask(transport) == ask(transport) != parents
    transport.close()

in_child(work)
go.set()
holder.join()
assert ask(transport) == parents
transport.close()
"""

KEPT = """
transport, watcher = SyncTransport(), SyncTransport()
ask(transport)
reading, writing = os.pipe()

async def main():
    there = AsyncTransport()
    await aask(there)

    def work():
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)

    pid = os.fork()
    if not pid:
        work()
    transport.close()
    await there.aclose()
    for _ in range(100):
        await asyncio.sleep(0.02)
        opened = int(watcher.send(PreparedCall("POST", url + "/open"), Timeout.of(5)).body)
        if opened == 1:
            break
    print("" if opened == 1 else f"{opened} open", end="")
    os.close(writing)
    os.waitpid(pid, 0)
    os.close(reading)

asyncio.run(main())
watcher.close()
"""

STREAM = """
transport = SyncTransport()
reply = transport.open(PreparedCall("POST", url + "/short-stream", (), b"{}", True), Timeout.of(5))

def work():
    assert ask(transport) == ask(transport)
    transport.close()

in_child(work)
assert b"".join(reply) == b"onetwothree"
transport.close()
"""

LOOP = """
transport = AsyncTransport()

async def main():
    parents = await aask(transport)

    def work():
        async def child():
            mine = await aask(transport)
            assert mine == await aask(transport) != parents
        asyncio.run(child())
        os._exit(0)

    for _ in range(3):
        in_child(work)
        assert await aask(transport) == parents

asyncio.run(main())
"""


@pytest.mark.parametrize("script", [BLOCKING, LOCKS, KEPT, STREAM, LOOP], ids=["blocking", "locks", "kept", "stream", "loop"])
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_fork(script: str, *, tls: bool) -> None:
    """Child and parent work, with warnings as errors, and nothing is said on stderr."""
    with Server(tls=tls) as server:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-W", "ignore:This process:DeprecationWarning", "-c", COMMON + script, server.url],
            cwd=ROOT,
            env=os.environ | {"SSL_CERT_FILE": str(AUTHORITY), "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        complaints = [line for line in done.stderr.splitlines() if not line.startswith("Executing ")]  # a loop held up by waitpid()
        assert (done.returncode, done.stdout, complaints) == (0, "", [])
        assert server.empty_by(2)
