"""What a client writes is read as lines, all of them, and not much further ahead than it is wanted."""

from __future__ import annotations

import os
import threading

import pytest

from llmring.mcp.serve.stdio import AHEAD, CHUNK, Lines

pytestmark = pytest.mark.extra


async def test_a_client_that_writes_faster_than_it_is_answered() -> None:
    """It waits, and nothing is lost."""
    reading, writing = os.pipe()
    sent = [f"{number} " + "x" * 1000 for number in range(4 * AHEAD * CHUNK // 1000)]

    def write() -> None:
        with os.fdopen(writing, "w") as pipe:
            pipe.writelines(f"{line}\n" for line in sent)

    client = threading.Thread(target=write)
    client.start()
    lines = Lines(reading)
    found: list[str] = []
    ahead = 0
    async for line in lines:
        found.append(line)
        ahead = max(ahead, lines.waiting)
    client.join()
    os.close(reading)
    assert found == sent
    assert ahead <= AHEAD
