"""Registered files as the twins share them: one frozen value under a lock, uploads in flight, and looks at the disk."""

from __future__ import annotations

import os
import time
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from threading import get_ident
from typing import TYPE_CHECKING, Final, cast

from llmring._core.media_types import media_type, named_type
from llmring._core.uploads import Copy, Look, Shelf
from llmring._io.locks import new_lock, renew_after_fork
from llmring.exceptions import LLMRingError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from llmring._gen.file import RegisteredFile

Key = tuple[str, str]
"""A file's id, and a provider."""
Outcome = Copy | LLMRingError | None
"""What became of a flight; None says nothing about how another would end."""

_HEAD: Final = 1024
_RESTED: Final = 2_000_000_000
"""Nanoseconds after which no file system gives a further change the same time."""


class Flight:
    """An upload under way; whoever wants the same waits for it, in another thread or on another loop."""

    __slots__ = ("future", "thread")

    def __init__(self) -> None:
        """Begin one, in this thread."""
        self.thread = get_ident()
        self.future: Future[Outcome] = Future()
        # A future that runs cannot be cancelled: one that stops waiting leaves the others alone.
        self.future.set_running_or_notify_cancel()

    def of_this_thread(self) -> bool:
        """Tell whether it was begun in the thread that asks, which must then not stand still for it."""
        return self.thread == get_ident()


class Uploads:
    """The registered files of a ring, its twin and its copies."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = new_lock()
        self._flights: dict[Key, Flight] = {}
        self.shelf = Shelf()
        """All that is known, at this moment."""
        renew_after_fork(self)

    def change(self, change: Callable[[Shelf], Shelf]) -> None:
        """Put what *change* makes of the shelf in its place."""
        with self._lock:
            self.shelf = change(self.shelf)

    def register(self, path: object) -> str:
        """Look at the file at *path* and give its id.

        Raises:
            RequestError: there is no such file, or it cannot be read.

        """
        try:
            place = os.fspath(cast("str | PathLike[str]", path))
        except TypeError:
            place = None
        if not isinstance(place, str):
            raise RequestError(f"path must be a string or a path, not {type(path).__name__}", path="path")
        # Links are kept: what they point to may change.
        place = os.path.abspath(os.path.expanduser(place))
        try:
            found = look(place)
        except (OSError, ValueError) as error:
            raise RequestError(f"path {place!r} cannot be registered: {told(error)}", path="path") from error
        with self._lock:
            self.shelf, file_id = self.shelf.registered(place, found)
        return file_id

    def listed(self) -> list[RegisteredFile]:
        """Describe all registered files, in the order of registration."""
        return self.shelf.told()

    def board(self, key: Key, may_join: Callable[[Flight], bool]) -> tuple[Flight, bool]:
        """Give the flight that brings *key* and whether it is the caller's own to make; one that *may_join* refuses is not waited for."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None and may_join(flight):
                return flight, False
            flight = self._flights[key] = Flight()
            return flight, True

    def land(self, key: Key, flight: Flight, outcome: Outcome) -> None:
        """End *flight*, telling everyone who waits for it."""
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]
        flight.future.set_result(outcome)

    def part(self, file_id: str) -> list[Flight]:
        """Let no new use of *file_id* begin, and give those uploads of it that are under way.

        Raises:
            RequestError: there is no such file.

        """
        with self._lock:
            self.shelf.find(file_id)
            self.shelf = self.shelf.parting(file_id, leaving=True)
            return [flight for key, flight in self._flights.items() if key[0] == file_id]

    def renew(self) -> None:
        """Wait for no upload of the parent's in a forked child."""
        self._flights = {}


def look(path: str) -> Look:
    """Look at the file at *path*, no further than its first bytes.

    Raises:
        OSError: it is not there, is no file, or may not be read.

    """
    with open(path, "rb", opener=_without_waiting) as file:
        found = os.fstat(file.fileno())
        if not S_ISREG(found.st_mode):
            raise OSError("it is no regular file")
        head = file.read(_HEAD)
    kind = media_type(head) or named_type(path) or ("application/octet-stream" if b"\0" in head else "text/plain")
    rested = time.time_ns() - found.st_mtime_ns > _RESTED
    return Look(size=found.st_size, changed=found.st_mtime_ns, inode=found.st_ino, media_type=kind, settled=rested)


def read(path: str) -> tuple[Look, bytes, str]:
    """Look at the file at *path*, then read it: its content comes with its SHA-256.

    Raises:
        OSError: it is not there, is no file, or may not be read.

    """
    found = look(path)
    data = Path(path).read_bytes()
    return found, data, sha256(data).hexdigest()


def told(error: OSError | ValueError) -> str:
    """Say in words what is wrong with a file."""
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    return getattr(error, "strerror", None) or str(error)


def _without_waiting(path: str, flags: int) -> int:
    """Open *path* so that a pipe without a writer holds up nobody."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
