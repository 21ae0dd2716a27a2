"""Put events into bytes: server-sent events, JSON lines, or one JSON array in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring.testing.simulator.reading import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmring.testing.simulator.values import JsonObject

__all__ = ["array", "line", "lines", "sse"]


def sse(data: JsonObject | str, event: str | None = None, end: str = "\n") -> bytes:
    """Frame one server-sent event."""
    name = f"event: {event}{end}" if event else ""
    text = data if isinstance(data, str) else compact(data)
    return f"{name}data: {text}{end}{end}".encode()


def line(data: JsonObject) -> bytes:
    """Frame one JSON line."""
    return f"{compact(data)}\n".encode()


def lines(events: Iterable[JsonObject]) -> Iterator[bytes]:
    """Frame *events* as JSON lines."""
    return map(line, events)


def array(events: Iterable[JsonObject]) -> Iterator[bytes]:
    """Frame *events* as the elements of one JSON array, each as soon as it is there."""
    for at, event in enumerate(events):
        yield ((",\r\n" if at else "[") + compact(event)).encode()
    yield b"\r\n]\r\n"
