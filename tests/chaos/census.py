"""Count what a process holds: sockets, threads, tasks, resident memory; Linux tells by /proc."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import threading
from pathlib import Path
from typing import Final

import attrs

_trim: Final = getattr(ctypes.CDLL(None), "malloc_trim", int)
"""Gives memory that is free back to the system, where the C library can: what is left is held, not merely scattered."""
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@attrs.frozen
class Census:
    """What was held at one moment."""

    sockets: int
    threads: int
    tasks: int
    resident: float
    """Megabytes."""


def resident() -> float:
    """Give the resident set in megabytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE / 2**20


def sockets() -> int:
    """Count open sockets."""
    found = 0
    for each in Path("/proc/self/fd").iterdir():
        try:
            found += str(each.readlink()).startswith("socket:")
        except OSError:  # the folder's own
            continue
    return found


def census() -> Census:
    """Collect garbage, then count; tasks are those of the running loop, other than this one."""
    gc.collect()
    _trim(0)
    try:
        tasks = len(asyncio.all_tasks()) - 1
    except RuntimeError:
        tasks = 0
    return Census(sockets(), threading.active_count(), tasks, resident())
