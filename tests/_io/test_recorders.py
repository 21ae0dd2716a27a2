"""A recorder that comes after the first call, in a process that had no HTTP library, and goes again."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.servers import Server

if TYPE_CHECKING:
    from pathlib import Path

LATE = """
import json, sys
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._sync.transport import SyncTransport

transport = SyncTransport()

def ask():
    assert json.loads(transport.send(PreparedCall("POST", {url!r}, (), b"hi"), Timeout.of(5)).body)["body"] == "hi"

ask()
before = "httpx2" in sys.modules
import vcr
seen = []
for _ in range(2):
    with vcr.use_cassette({tape!r}, match_on=["method", "path"], record_mode="once") as cassette:
        ask()
        seen.append((len(cassette.requests), cassette.play_count))
    ask()
transport.close()
print(json.dumps([before, seen]))
"""


def test_a_recorder_may_come_late(tmp_path: Path) -> None:
    """Of five calls, it sees the one that it records and the one that it plays back."""
    with Server() as server:
        code = LATE.format(url=server.url + "/echo", tape=str(tmp_path / "tape.yaml"))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == [False, [[1, 0], [1, 1]]]
        assert server.seen.total() == 4
