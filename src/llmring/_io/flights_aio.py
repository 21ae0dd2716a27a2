"""Waiting for an upload that another task or thread makes, for asyncio; `llmring._io.flights_blocking` holds the same names."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmring._io.uploads import Flight, Outcome


def may_join(flight: Flight) -> bool:  # noqa: ARG001 - the twin's question; a task never holds up what it waits for
    """Tell whether *flight* can go on while it is waited for."""
    return True


async def joined(flight: Flight, seconds: float | None) -> Outcome:
    """Wait at most *seconds* for what becomes of *flight*; TimeoutError after them."""
    return await asyncio.wait_for(asyncio.wrap_future(flight.future), seconds)
