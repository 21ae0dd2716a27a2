"""Put a reply on a connection, with the faults that lie in the connection itself."""

from __future__ import annotations

import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator.faults import place

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from llmring.testing.simulator.steer import Steering
    from llmring.testing.simulator.values import Reply

__all__ = ["GoneError", "Wire"]

_DRIP: Final = 0.02
_LAST: Final = b"0\r\n\r\n"
_PHRASES: Final = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}
"""What RFC 9110 calls statuses that Pythons before 3.13 know by older names."""


class GoneError(Exception):
    """The connection is over: by a fault, or because the simulator closes."""


class Wire:
    """One connection, for one reply; every method may end it with GoneError."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        """Write to *connection* until *stopping* is set."""
        self._connection = connection
        self._stopping = stopping

    def deliver(self, reply: Reply, steering: Steering) -> None:
        """Send *reply*, or as much of it as its fault allows."""
        self._wait(steering.delay)
        match reply.fault:
            case "hang":
                self._hold()
            case "refused":
                self._reset()
            case "close":
                raise GoneError
            case _:
                pass
        slow = _DRIP if steering.pace is None else steering.pace
        self._send(_head(reply), slow if reply.fault in {"drip", "drip-head"} else None)
        slow_body = slow if reply.fault in {"drip", "drip-body"} else None
        if reply.frames is None:
            self._send_body(reply, slow_body)
        else:
            self._send_frames(reply, steering, slow_body)

    def _send_body(self, reply: Reply, slow: float | None) -> None:
        broken = reply.fault in {"cut", "reset", "stall"}
        self._send(reply.body[: len(reply.body) // 2] if broken else reply.body, slow)
        if broken:
            self._break(reply.fault)

    def _send_frames(self, reply: Reply, steering: Steering, slow: float | None) -> None:
        broken = reply.fault in {"cut", "reset", "stall"}
        frames: Iterator[bytes] | list[bytes] = list(reply.frames or ()) if broken else reply.frames or iter(())
        stop = place(steering.after, len(frames)) if isinstance(frames, list) else None
        for at, frame in enumerate(frames):
            chunk = b"%x\r\n%b\r\n" % (len(frame), frame)
            if at == stop:
                self._send(b"" if reply.fault == "stall" else chunk[: len(chunk) // 2], slow)
                self._break(reply.fault)
            if at and slow is None:
                self._wait(steering.pace)
            self._send(chunk, slow)
        self._send(_LAST, slow)

    def _send(self, data: bytes, slow: float | None = None) -> None:
        try:
            if slow is None:
                self._connection.sendall(data)
                return
            for at in range(len(data)):
                self._connection.sendall(data[at : at + 1])
                self._wait(slow)
        except OSError:
            raise GoneError from None

    def _wait(self, seconds: float | None) -> None:
        if seconds and self._stopping.wait(seconds):
            raise GoneError

    def _break(self, fault: str | None) -> None:
        if fault == "stall":
            self._hold()
        if fault == "reset":
            self._reset()
        raise GoneError

    def _hold(self) -> None:
        """Do nothing until the other side goes away; closing the simulator makes it look so."""
        try:
            self._connection.settimeout(None)
            self._connection.recv(1, socket.MSG_PEEK)
        except OSError:
            pass
        raise GoneError

    def _reset(self) -> None:
        """End the connection with a reset instead of a goodbye."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()
        raise GoneError


def _head(reply: Reply) -> bytes:
    sizes = {"content-length": str(len(reply.body))} if reply.frames is None else {"transfer-encoding": "chunked"}
    lines = [f"{name}: {value}" for name, value in {**reply.headers, **sizes}.items()]
    return "\r\n".join([f"HTTP/1.1 {reply.status} {_phrase(reply.status)}", *lines, "", ""]).encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return _PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Overloaded"
