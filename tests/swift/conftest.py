"""Everything here runs over aiohttp."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose aiohttp, as the environment would."""
    monkeypatch.setenv("LLMRING_ASYNC_TRANSPORT", "aiohttp")
