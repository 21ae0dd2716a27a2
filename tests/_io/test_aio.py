"""What the twins do differently has the same names, and does on the loop what blocking code does in its thread."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from llmring._io import aio, blocking

if TYPE_CHECKING:
    from pathlib import Path


def test_the_same_names() -> None:
    """Whatever one twin imports from its module, the other finds in its own."""
    assert aio.__all__ == blocking.__all__
    assert all(hasattr(aio, name) and hasattr(blocking, name) for name in aio.__all__)


async def test_run_sync() -> None:
    """A blocking function runs beside the loop, or at once."""
    assert await aio.run_sync(threading.get_ident) != threading.get_ident()
    assert blocking.run_sync(threading.get_ident) == threading.get_ident()


async def test_read_file(tmp_path: Path) -> None:
    """Files are read as bytes."""
    path = tmp_path / "file"
    path.write_bytes(b"\x00\xff")
    assert await aio.read_file(path) == blocking.read_file(str(path)) == b"\x00\xff"


def test_read_package_data() -> None:
    """What ships with the package is found."""
    assert aio.read_package_data("registry.json").startswith(b"{")


async def test_run_all_in_order() -> None:
    """Results come in the order of the calls, and never more run at once than allowed."""
    running = most = 0

    async def call(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (5 - number))
        running -= 1
        return number

    assert await aio.run_all([lambda number=number: call(number) for number in range(5)], 2) == [0, 1, 2, 3, 4]
    assert most == 2
    assert blocking.run_all([lambda: 1, lambda: 2], 2) == [1, 2]


async def test_run_all_fails_as_one() -> None:
    """The first error is raised, after the others have ended."""
    ended: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            ended.append("slow")

    async def broken() -> None:
        await asyncio.sleep(0)
        raise LookupError

    with pytest.raises(LookupError):
        await aio.run_all([slow, broken], 5)
    assert ended == ["slow"]
