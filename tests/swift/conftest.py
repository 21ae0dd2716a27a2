"""Everything here runs over aiohttp."""

from __future__ import annotations

import pytest

from tests._async.conftest import *  # noqa: F403


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose aiohttp, as the environment would."""
    monkeypatch.setenv("LLMRING_ASYNC_TRANSPORT", "aiohttp")
