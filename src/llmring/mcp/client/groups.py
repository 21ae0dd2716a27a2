"""Process groups that servers run in: end them, kindly and then not, also when the interpreter goes first."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

GRACE: Final = 2.0
"""Seconds that a server has to end by itself, and again after SIGTERM."""
_POLL: Final = 0.01
_GROUPED: Final = sys.platform != "win32"

_open: dict[int, tuple[IO[Any], ...]] = {}
"""The pipes of each server that runs, by process id."""


def watch(pid: int, pipes: tuple[IO[Any], ...]) -> None:
    """Have process *pid* and its group ended with the interpreter, and *pipes* closed in forked children, which could keep it alive."""
    _open[pid] = pipes


def forget(pid: int) -> None:
    """Leave *pid* alone: it has ended."""
    _open.pop(pid, None)


def running() -> list[int]:
    """Give the servers that run, by process id."""
    return list(_open)


def send(pid: int, number: int) -> bool:
    """Send signal *number* to the group of *pid*; tell whether there was anyone to get it."""
    try:
        os.killpg(pid, number) if _GROUPED else os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return False
    except PermissionError:  # what is left are zombies, on some systems
        return alive(pid)
    return True


def kill(pid: int) -> None:
    """End the group of *pid* at once."""
    send(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def alive(pid: int) -> bool:
    """Tell whether anyone of the group of *pid* still runs; who has ended and was not waited for does not."""
    if not _GROUPED:
        return False
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    members = _members(pid)
    return members is None or any(state not in "ZX" for state in members)


def _members(pid: int) -> list[str] | None:
    """Give the states of the members of a group, where the system tells by /proc."""
    if not Path("/proc/self/stat").exists():
        return None
    found: list[str] = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - a Path for each process costs more than all the rest
        if name.isdecimal():
            with suppress(OSError):
                fields = Path(f"/proc/{name}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                if int(fields[2]) == pid:
                    found.append(fields[0])
    return found


def ended(pid: int) -> bool:
    """Tell whether our child *pid* has ended, without waiting for it and without taking its exit code from whoever does."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except (ChildProcessError, AttributeError):
        return not hasattr(os, "waitid") or True


def abandon(pid: int) -> None:
    """End *pid* and its group, and close its pipes, for an event loop that is closed; nothing happens where it has ended before."""
    if pid in _open:
        _end([pid])
        if _GROUPED:
            with suppress(ChildProcessError):  # somebody else has waited for it
                os.waitpid(pid, 0)
        _close(_open.pop(pid))


def _end(pids: Iterable[int]) -> None:
    """End the groups of *pids*, and wait for that."""
    left = [pid for pid in pids if send(pid, signal.SIGTERM)]
    deadline = time.monotonic() + GRACE
    while left and time.monotonic() < deadline:
        for pid in left:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG) if _GROUPED else None
        left = [pid for pid in left if alive(pid)]
        time.sleep(_POLL if left else 0)
    for pid in left:
        kill(pid)


def _close(pipes: tuple[IO[Any], ...]) -> None:
    for pipe in pipes:
        with suppress(OSError):
            pipe.close()


def _end_all() -> None:
    """End every server that runs, for an interpreter that ends."""
    _end(list(_open))
    _open.clear()


def _leave_all() -> None:
    """Let go, in a forked child, of what belongs to the parent."""
    for pipes in _open.values():
        _close(pipes)
    _open.clear()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)
