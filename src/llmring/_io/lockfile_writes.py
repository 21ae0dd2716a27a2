"""Replace a lockfile as a whole or not at all, one writer at a time; what it says is decided elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from llmring.exceptions import LockfileError

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def guarded(path: str) -> Generator[None]:
    """Keep every other writer of lockfiles in the folder of *path* waiting, those of other processes too.

    Raises:
        LockfileError: the folder is not there, or may not be used.

    """
    try:
        handle = _hold(os.path.dirname(os.path.realpath(path)))
    except OSError as error:
        raise LockfileError(f"{path} cannot be written: {error.strerror}", lockfile=path) from error
    try:
        yield
    finally:
        os.close(handle)


def write(path: str, text: str) -> None:
    """Put *text* at *path*, which must be guarded; a failure, or a kill, leaves the old file whole.

    Raises:
        LockfileError: it cannot be written.

    """
    target = os.path.realpath(path)  # a link stays one
    folder, name = os.path.split(target)
    fresh = os.path.join(folder, f".{name}.new")  # one name, so that what a killed writer left is used up
    try:
        with suppress(FileNotFoundError):
            os.unlink(fresh)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _mode(target))
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, target)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(fresh)
            raise
    except OSError as error:
        raise LockfileError(f"{path} cannot be written: {error.strerror}; the old file is as it was", lockfile=path) from error


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
