"""Replace a lockfile as a whole or not at all, one writer at a time; what it says is decided elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from threading import get_ident
from typing import TYPE_CHECKING

from llmring.exceptions import LockfileError

if TYPE_CHECKING:
    from collections.abc import Generator


_held: set[tuple[int, str]] = set()
"""Which thread holds which lockfile: one that waited for itself would wait forever."""


@contextmanager
def guarded(path: str) -> Generator[None]:
    """Keep every other writer of lockfiles in the folder of *path* waiting, those of other processes too.

    Raises:
        LockfileError: the folder is not there, or may not be used; or code around this, in the same thread, has *path* guarded.

    """
    if held(path):
        raise LockfileError(f"{path} is being edited by the code around this already; use the editor that it has", lockfile=path)
    mine = get_ident(), os.path.realpath(path)
    folder = os.path.dirname(mine[1])
    around = any(thread == mine[0] and os.path.dirname(other) == folder for thread, other in tuple(_held))
    handle = None if around else _taken(folder, path)
    _held.add(mine)
    try:
        yield
    finally:
        _held.discard(mine)
        if handle is not None:
            os.close(handle)


def held(path: str) -> bool:
    """Tell whether this thread has *path* guarded."""
    return (get_ident(), os.path.realpath(path)) in _held


def _taken(folder: str, path: str) -> int:
    try:
        return _hold(folder)
    except FileNotFoundError as error:
        raise LockfileError(
            f"{path} cannot be written: there is no folder {os.path.dirname(path)}; make it first", lockfile=path
        ) from error
    except OSError as error:
        raise LockfileError(f"{path} cannot be written: {error.strerror}", lockfile=path) from error


def write(path: str, text: str) -> None:
    """Put *text* at *path*, which must be guarded; a failure, or a kill, leaves the old file whole.

    Raises:
        LockfileError: it cannot be written.

    """
    content = _bytes(path, text)
    target = os.path.realpath(path)  # a link stays one
    folder, name = os.path.split(target)
    fresh = os.path.join(folder, f".{name}.new")  # one name, so that what a killed writer left is used up
    try:
        with suppress(FileNotFoundError):
            os.unlink(fresh)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _mode(target))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, target)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(fresh)
            raise
    except OSError as error:
        raise LockfileError(f"{path} cannot be written: {error.strerror}; the old file is as it was", lockfile=path) from error


def _bytes(path: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        half = text[error.start : error.end]
        told = f"{path} cannot be written: {half!r} in it is no character; the old file is as it was"
        raise LockfileError(told, lockfile=path) from error


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        return 0o666


if sys.platform == "win32":

    def _hold(folder: str) -> int:
        import msvcrt

        handle = os.open(os.path.join(folder, ".llmring.lock.guard"), os.O_RDWR | os.O_CREAT)
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        return handle
else:

    def _hold(folder: str) -> int:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return handle
