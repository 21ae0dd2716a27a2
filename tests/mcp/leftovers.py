"""See that nothing stays behind: no process, no thread, no file, no resource that was not closed."""

from __future__ import annotations

import gc
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.mcp.cycles import descendants

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def nothing_left() -> Generator[None]:
    """See that the block leaves nothing; a thread may take its time to end, as those that wait for a child's end do."""
    gc.collect()
    threads, children, files = set(threading.enumerate()), descendants(), held()
    yield
    gc.collect()
    for thread in set(threading.enumerate()) - threads:
        thread.join(10)
        assert not thread.is_alive(), thread
    assert descendants() == children
    assert held() <= files


def held() -> int:
    """Count the files and sockets of this process."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - no paths are wanted
