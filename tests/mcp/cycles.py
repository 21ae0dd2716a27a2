"""Connect, call, kill: many times over, with both clients; what is left of processes, tasks, threads and files is counted.

``python -m tests.mcp.cycles`` makes 200 cycles of each client; a number makes as many.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from llmring import MCPError
from llmring.mcp import MCPClient, SyncMCPClient
from tests.mcp.conftest import FAULTY

if TYPE_CHECKING:
    from collections.abc import Sequence


@attrs.frozen
class Held:
    """What this process held at one moment."""

    processes: int
    """Children, and theirs, the ended ones that nobody waited for included."""
    tasks: int
    threads: int
    files: int


def held() -> Held:
    """Collect garbage, then count; tasks are those of the running loop, other than this one."""
    gc.collect()
    return Held(len(descendants()), len(asyncio.all_tasks()) - 1, threading.active_count(), len(os.listdir("/proc/self/fd")) - 1)  # noqa: PTH208 - its own descriptor is one of them


def descendants() -> list[int]:
    """Give the processes that this one has started, directly or not."""
    parents: dict[int, list[int]] = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents.setdefault(int(fields[1]), []).append(int(each.parent.name))
    found = parents.get(os.getpid(), [])
    for pid in found:
        found += parents.get(pid, [])
    return found


async def cycle(command: Sequence[str]) -> None:
    """Connect, call, kill the server in a call, be told, call again, close."""
    async with MCPClient(list(command)) as client:
        pid = int((await client.call_tool("pid")).text)
        call = asyncio.create_task(client.call_tool("hang"))
        await client.call_tool("echo")
        os.kill(pid, signal.SIGKILL)
        (error,) = await asyncio.gather(call, return_exceptions=True)
        assert isinstance(error, MCPError), error
        assert "exit code -9" in error.message, error
        assert int((await client.call_tool("pid")).text) != pid


def blocking_cycle(command: Sequence[str]) -> None:
    """Do the same with the blocking client, whose server is killed between two calls."""
    with SyncMCPClient(list(command)) as client:
        pid = int(client.call_tool("pid").text)
        os.kill(pid, signal.SIGKILL)
        try:
            again = client.call_tool("pid").text
        except MCPError:  # it was being asked already
            again = client.call_tool("pid").text
        assert int(again) != pid


async def cycles(number: int) -> tuple[Held, Held]:
    """Make so many cycles with each client, after one that is not counted; give what was held before and after."""
    with ThreadPoolExecutor(1) as beside:
        run = partial(asyncio.get_running_loop().run_in_executor, beside, partial(blocking_cycle, FAULTY))
        await cycle(FAULTY)
        await run()
        before = held()
        for _ in range(number):
            await cycle(FAULTY)
        for _ in range(number):
            await run()
        return before, held()


def main() -> None:
    """Make the cycles and print the counts; what is left is a failure."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    before, after = asyncio.run(cycles(number))
    sys.stdout.write(f"{number} cycles of connect, call, kill with each client\nbefore: {before}\nafter:  {after}\n")
    sys.exit(before != after)


if __name__ == "__main__":
    main()
