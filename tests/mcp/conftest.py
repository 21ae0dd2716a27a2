"""What the tests of MCP share: a server with faults, and how to see whether a process is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.mcp import SyncMCPClient

FAULTY = [sys.executable, "-IS", str(Path(__file__).with_name("faulty.py"))]


@pytest.fixture(scope="session")
def faulty() -> list[str]:
    """Give the command of a server with every fault."""
    return FAULTY


@pytest.fixture(scope="module")
def client(faulty: list[str]) -> Iterator[SyncMCPClient]:
    """Connect once for all tests of a module; the server is ``bad``, and holds a secret."""
    from llmring.mcp import SyncMCPClient

    entry = {"command": faulty[0], "args": faulty[1:], "env": {"TOKEN": "s3cret-value"}}
    with SyncMCPClient({"bad": entry}, max_result_bytes=100_000) as client:
        yield client
