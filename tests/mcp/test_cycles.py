"""A few cycles of connect, call, kill leave nothing behind; ``python -m tests.mcp.cycles`` makes hundreds."""

from __future__ import annotations

import pytest

from tests.mcp.cycles import cycles

pytestmark = pytest.mark.extra


async def test_cycles_leave_nothing_behind() -> None:
    """Processes, tasks, threads and files are as many as before."""
    before, after = await cycles(3)
    assert after == before
