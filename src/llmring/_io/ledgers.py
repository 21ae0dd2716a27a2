"""Calls on their way into the ledger: taken without waiting, written by a thread of their own, never lost at an orderly end."""

from __future__ import annotations

import os
import sqlite3
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread, current_thread
from typing import TYPE_CHECKING, Final
from weakref import finalize

from llmring._core.ledger import row
from llmring._io.ledger_files import append
from llmring._io.locks import new_lock, renew_after_fork

if TYPE_CHECKING:
    from llmring._gen.ledger import CallRecord
    from llmring._io.late import Late

    Waiting = SimpleQueue[CallRecord | Event | None]
    """Records in order; an event is set once all before it are written, None ends the thread."""

MOST_WAITING: Final = 10_000
"""Records that wait to be written; what comes while so many do is counted and dropped, for a call must not wait."""
PATIENCE: Final = 15.0
"""Seconds that closing, and the end of the process, wait for the last records."""
_BATCH: Final = 1000

_writing = Lock()
"""Held while a database is open: SQLite's bookkeeping does not survive a fork in the middle of it."""


class Recorder:
    """Writes the records of one ring into a ledger."""

    def __init__(self, path: str, late: Late | None = None) -> None:
        """Write to *path*; nothing is opened before the first record. *late* has, at the end, what nobody had counted until then."""
        self.path = path
        self._late = late
        self.faults: list[str] = []
        """Why the last batch could not be written, if it could not."""
        self.dropped = 0
        """Records that came too fast."""
        self._lock = new_lock()
        self._begin()
        renew_after_fork(self)

    def _begin(self) -> None:
        self._queue: Waiting = SimpleQueue()
        self._threads: list[Thread] = []
        """The one that writes, once there is one."""
        self._end = finalize(self, _finish, self._queue, self._threads, self.path, self._late)

    def add(self, record: CallRecord) -> None:
        """Take *record*; at any time, in any thread, even in a finalizer."""
        if self._queue.qsize() >= MOST_WAITING:
            self.dropped += 1
            return
        self._queue.put(record)
        if not self._threads:
            self._start()

    def _start(self) -> None:
        if self._lock.locked():  # another thread is at it, or this one is, in a finalizer
            return
        with self._lock:
            if self._threads:
                return
            thread = _thread(self._queue, self.path, self.faults)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is shutting down, or out of threads
                return
            self._threads.append(thread)

    def flush(self, seconds: float = PATIENCE) -> bool:
        """Wait until all that came so far is written; tell whether it was within *seconds*."""
        if not self._threads:
            return True
        done = Event()
        self._queue.put(done)
        return done.wait(seconds)

    def renew(self) -> None:
        """Leave what the parent took to the parent, and write with a thread of the child's own."""
        self._end.detach()
        if self._late is not None:
            self._late.forget()
        self._begin()


def _thread(queue: Waiting, path: str, faults: list[str]) -> Thread:
    return Thread(target=_write_all, args=(queue, path, faults), name="llmring-ledger", daemon=True)


def _finish(queue: Waiting, threads: list[Thread], path: str, late: Late | None) -> None:
    """Have what is left written, by the one of *threads* if there is one, and wait for it."""
    for record in () if late is None else late.records():
        queue.put(record)
    if not threads and queue.empty():
        return
    queue.put(None)
    thread = threads[0] if threads else _thread(queue, path, [])
    try:
        if not threads:
            thread.start()
    except RuntimeError:  # the interpreter is shutting down: no more threads
        _write_all(queue, path, [])
        return
    if thread is not current_thread():  # the collector may be at work anywhere
        thread.join(PATIENCE)


def _write_all(queue: Waiting, path: str, faults: list[str]) -> None:
    """Write what *queue* brings, as much at once as has come, until it brings None; it holds no ring."""
    going = True
    while going:
        batch = _next(queue)
        records = [each for each in batch if each is not None and not isinstance(each, Event)]
        if records:
            faults[:] = _written(path, records)
        for each in batch:
            if isinstance(each, Event):
                each.set()
            going = going and each is not None


def _next(queue: Waiting) -> list[CallRecord | Event | None]:
    """Wait for something, and take what else is there."""
    batch = [queue.get()]
    while len(batch) < _BATCH:
        try:
            batch.append(queue.get_nowait())
        except Empty:
            break
    return batch


def _written(path: str, records: list[CallRecord]) -> list[str]:
    """Write *records*, and give the reason if that was not possible."""
    try:
        with _writing:
            append(path, [row(record) for record in records])
    except (sqlite3.Error, OSError) as error:
        return [f"{path}: {error}"]
    return []


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_writing.acquire, after_in_parent=_writing.release, after_in_child=_writing.release)
