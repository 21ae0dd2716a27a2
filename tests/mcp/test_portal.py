"""Whoever waits for an event loop of another thread is told when it ends."""

from __future__ import annotations

import asyncio
import threading

import pytest

from llmring import MCPError
from llmring.mcp.client.portal import Portal


async def nothing() -> None:
    """Do nothing."""


def test_what_comes_too_late_is_told() -> None:
    """A call that is handed over when the loop has made its last turn, and is not closed yet, does not wait for ever."""
    portal, handed, told = Portal("late"), threading.Event(), list[str]()

    def ask() -> None:
        with pytest.raises(MCPError) as caught:
            portal.run(nothing())
        told.append(caught.value.message)

    late = threading.Thread(target=ask)

    async def arrange() -> None:
        loop = asyncio.get_running_loop()
        close, hand = loop.close, loop.call_soon_threadsafe

        def handing(*given: object, **named: object) -> object:
            try:
                return hand(*given, **named)  # pyright: ignore[reportArgumentType]
            finally:
                if threading.current_thread() is late:
                    handed.set()

        def closing() -> None:
            late.start()
            handed.wait()
            close()

        loop.close, loop.call_soon_threadsafe = closing, handing  # pyright: ignore[reportAttributeAccessIssue]

    portal.run(arrange())
    portal.stop()
    late.join()
    assert told == ["The MCP client was closed meanwhile."]


def test_a_call_in_flight_is_told() -> None:
    """A call that the loop's end cuts off is told so."""
    portal, begun = Portal("cut"), threading.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    def stop() -> None:
        begun.wait()
        portal.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    with pytest.raises(MCPError, match="was closed meanwhile"):
        portal.run(wait())
    stopping.join()
