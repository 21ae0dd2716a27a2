"""Fifty thousand calls whose outcomes are forgotten: what stays resident is a leak. ``python -m tests.chaos.soak --seed 1``."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.census import census
from tests.chaos.host import Host
from tests.chaos.plan import SLOW, draw
from tests.chaos.run import Run, quicken, without_faults

ALLOWED = 2.0
"""Megabytes by which the resident set may grow after warming up."""
ROUND = 5000
"""Calls between two looks."""


def main() -> int:
    """Soak, print what was resident after each round, and say by the exit status whether it stayed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.soak")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--warm", type=int, default=10_000, help="calls before the first look")
    chosen = parser.parse_args()
    quicken()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, Host() as host:
        looks = asyncio.run(soak(host, Path(folder), chosen.seed, [chosen.warm, *[ROUND] * (chosen.calls // ROUND)]))
    grown, seconds = looks[-1] - looks[0], time.perf_counter() - began
    sys.stdout.write(f"{chosen.calls} calls after {chosen.warm} to warm up, {seconds:.0f} s: the resident set grew by {grown:.2f} MB\n")
    return int(grown >= ALLOWED)


async def soak(host: Host, folder: Path, seed: int, rounds: list[int]) -> list[float]:
    """Make as many calls as *rounds* say and give the megabytes resident after each; faults that take time are left to chaos."""
    run = Run(host, folder, without_faults(host, folder))
    looks: list[float] = []
    number = 0
    for size in rounds:
        run.feed(plan for plan in (draw(seed, each) for each in range(number, number + size)) if plan.fault not in SLOW)
        number += size
        await run.all()
        run.lines.clear()
        now = census()
        looks.append(now.resident)
        sys.stdout.write(f"{number:>7} calls: {now}\n")
        sys.stdout.flush()
    await run.close()
    sys.stdout.write(f"{dict(run.kinds.most_common())}\n{len(run.faults)} faults; at the end {census()}\n")
    sys.stdout.writelines(f"{number}: {line[:1000]}\n" for number, line in run.faults)
    return looks


if __name__ == "__main__":
    sys.exit(main())
