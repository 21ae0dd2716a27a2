"""Thousands of calls against a simulator that fails at random: ``python -m tests.chaos --seed 1 --calls 20000``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.census import census
from tests.chaos.host import Host
from tests.chaos.plan import draw
from tests.chaos.run import IN_FLIGHT, THREADS, Run, quicken, without_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOP = 2
"""Sockets by which an event loop wakes itself."""
WARM = 2000
"""Calls after which memory is measured first."""
GROWTH = 16.0
"""Megabytes that the rest of a run may add; a line is kept of every call."""


def listen(unheard: list[str]) -> None:
    """Note in *unheard* what nobody could catch."""
    sys.unraisablehook = lambda told: unheard.append(f"unraisable in {told.object!r}: {told.exc_value!r}")
    threading.excepthook = lambda told: unheard.append(f"in {told.thread}: {told.exc_value!r}")
    logging.getLogger("asyncio").addHandler(Ear(unheard))


class Ear(logging.Handler):
    """Hears what asyncio has to say."""

    def __init__(self, unheard: list[str]) -> None:
        """Note it in *unheard*."""
        super().__init__(logging.ERROR)
        self._unheard = unheard

    def emit(self, record: logging.LogRecord) -> None:
        """Note one record."""
        self._unheard.append(record.getMessage())


def main() -> int:
    """Run, print the figures, and say by the exit status whether all was well."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seed", type=int, default=None, help="what everything is drawn from; another one each time by default")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--only", type=int, action="append", help="make the call of this number alone; may be repeated")
    chosen = parser.parse_args()
    seed = secrets.randbelow(10**6) if chosen.seed is None else chosen.seed
    again = f"python -m tests.chaos --seed {seed}"
    sys.stdout.write(f"{again} --calls {chosen.calls}\n")
    sys.stdout.flush()
    quicken()
    unheard: list[str] = []
    listen(unheard)
    with tempfile.TemporaryDirectory() as folder, Host() as host:
        wrong = conduct(host, Path(folder), seed, chosen.only or range(chosen.calls)) + unheard
    for line in wrong[:40]:
        number = line.partition(":")[0]
        sys.stdout.write(
            f"{line[:2000]}\n" + (f"    {draw(seed, int(number))}\n    again: {again} --only {number}\n" if number.isdigit() else "")
        )
    sys.stdout.write(f"{len(wrong)} faults; again: {again} --calls {chosen.calls}\n")
    return min(len(wrong), 1)


def conduct(host: Host, folder: Path, seed: int, numbers: Sequence[int]) -> list[str]:
    """Make the calls of these *numbers*, warm first, print what came of them, and give what was wrong."""
    answers = without_faults(host, folder)
    warm, run = Run(host, folder, answers), Run(host, folder, answers)
    asyncio.run(warm.go(draw(seed, number) for number in numbers[:WARM]))
    before, began = census(), time.perf_counter()
    inside = asyncio.run(run.go(draw(seed, number) for number in numbers[WARM:]))
    seconds, after = time.perf_counter() - began, census()
    kinds = warm.kinds + run.kinds
    rows = [f"{count:>7}  {kind}" for kind, count in kinds.most_common()]
    speed = f"{kinds.total()} calls, of which {run.kinds.total()} in {seconds:.1f} s; {run.kept} sockets kept for more"
    tail = f"{speed}\nbefore {before}\nafter  {after}\n"
    sys.stdout.write("\n".join([*rows, tail]))
    books = host.books()
    found = [*warm.wrong(books), *run.wrong(books)]
    if (after.sockets, after.threads, inside.tasks) != (before.sockets, before.threads, 0) or inside.sockets > before.sockets + LOOP:
        found.append(f"left behind: {inside} inside of the loop, {before} before, {after} after")
    if run.kept > 2 * (IN_FLIGHT + THREADS) + LOOP:
        found.append(f"{run.kept} sockets are kept by two rings, of which each has at most {IN_FLIGHT + THREADS} calls at once")
    if after.resident - before.resident > GROWTH:
        found.append(f"memory: {before.resident:.1f} MB before, {after.resident:.1f} MB after")
    if kinds.total() != len(numbers):
        found.append(f"{len(numbers)} calls were planned")
    return found


if __name__ == "__main__":
    sys.exit(main())
