"""Locks lock; their behaviour at a fork stands in `test_forks`."""

from __future__ import annotations

import gc

from llmring._io import locks


def test_a_lock_locks() -> None:
    """It is held inside the block, and free after."""
    lock = locks.new_lock()
    with lock:
        assert lock.locked()
    assert not lock.locked()
    with lock:
        lock.renew()
        assert not lock.locked()
        with lock:
            assert lock.locked()
        lock._mutex.acquire()


def test_locks_are_forgotten() -> None:
    """Nobody but its owner keeps a lock."""
    gc.collect()
    before = len(locks._locks)
    lock = locks.new_lock()
    assert len(locks._locks) == before + 1
    del lock
    assert len(locks._locks) == before
