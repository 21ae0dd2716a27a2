"""Waiting for an upload that another thread or task makes, for blocking code; `llmring._io.flights_aio` holds the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmring._io.uploads import Flight, Outcome


def may_join(flight: Flight) -> bool:
    """Tell whether *flight* can go on while it is waited for: not one of this very thread's event loop."""
    return not flight.of_this_thread()


def joined(flight: Flight, seconds: float | None) -> Outcome:
    """Wait at most *seconds* for what becomes of *flight*; TimeoutError after them."""
    return flight.future.result(seconds)
