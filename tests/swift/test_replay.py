"""The tests of the same name, over aiohttp: the same cassettes, whichever library asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests._async.test_replay import *  # noqa: F403
from tests._async.test_replay import ring_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.extra


@pytest.fixture(autouse=True, scope="module")
def rings_of_our_own() -> Iterator[None]:
    """Share no ring with the other library's run."""
    ring_of.cache_clear()
    yield
    ring_of.cache_clear()
