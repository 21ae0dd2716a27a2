"""What is in the ledger when a process ends: of itself, with streams that nobody closed, or killed in the middle of writing."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from llmring.ledger import Ledger
from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

STREAMS = """
import sys
from llmring import LLMRing
ring = LLMRing(ledger=sys.argv[1], origin="ends")
held, dropped, closed = (ring.chat_stream("openai:gpt-5.4-mini+fault=stall+after=3", name) for name in ("a", "b", "c"))
for stream in (held, dropped, closed):
    next(stream)
closed.close()
del stream, dropped
"""


def test_streams_that_nobody_closed_are_kept_at_the_end(tmp_path: Path) -> None:
    """One that is still held, and one that was dropped after the ring's last call, like one that was closed."""
    path = tmp_path / "calls.db"
    with Simulator() as simulator:
        environment = os.environ | {"OPENAI_API_KEY": "simulated", "OPENAI_BASE_URL": simulator.urls["openai"]}
        done = subprocess.run([sys.executable, "-c", STREAMS, str(path)], check=False, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    found = list(Ledger(path).records())
    assert [(each.origin, each.outcome) for each in found] == [("ends", "closed")] * 3
    assert all(each.output_tokens for each in found)


WRITER = """
import itertools, sys
from llmring._gen.ledger import CallRecord
from llmring._io.ledgers import Recorder
recorder = Recorder(sys.argv[1])
for number in itertools.count(int(sys.argv[2])):
    recorder.add(CallRecord(time="", model=str(number)))
    if number % 50 == 0:
        recorder.flush()
        print(number, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_ledger(tmp_path: Path) -> None:
    """Whenever it dies: what had been flushed is there, nothing is there twice, and the next one goes on writing."""
    path, first = tmp_path / "calls.db", 0
    for turn in range(5):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(first)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            flushed = int(writer.stdout.readline())
            threading.Event().wait(random.Random(turn).uniform(0, 0.05))
            writer.send_signal(signal.SIGKILL)
            flushed = max([flushed, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        numbers = [int(each.model) for each in Ledger(path).records()]
        assert numbers == list(range(len(numbers)))
        assert numbers[-1] >= flushed
        first = len(numbers)
