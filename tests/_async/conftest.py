"""What most tests of the twins begin with: a ring whose providers are the simulator, or a server that counts connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmring._async.ring import AsyncLLMRing
from tests.rings import settings
from tests.servers import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from llmring.testing.simulator import Simulator


@pytest.fixture
async def ring(simulator: Simulator) -> AsyncIterator[AsyncLLMRing]:
    """Give a ring that is closed afterwards."""
    async with AsyncLLMRing(**settings(simulator)) as made:
        yield made


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve, and see that no connection is left when the test is over."""
    with Server() as running:
        yield running
        assert running.empty_by(2)
