"""What most tests of the twins begin with: a ring whose providers are the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmring._async.ring import AsyncLLMRing
from tests.rings import settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llmring.testing.simulator import Simulator


@pytest.fixture
async def ring(simulator: Simulator) -> AsyncIterator[AsyncLLMRing]:
    """Give a ring that is closed afterwards."""
    async with AsyncLLMRing(**settings(simulator)) as made:
        yield made
