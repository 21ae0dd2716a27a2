"""Wait until a socket can be read or written, or until a moment has come."""

from __future__ import annotations

import select
import sys
import time
from math import ceil, inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import socket


_LONGEST: Final = 7 * 24 * 3600.0
"""Seconds; poll(2) counts milliseconds in 32 bits."""


def _milliseconds(until: float | None) -> float | None:
    """Give the wait until a moment; None for no end, which a week is as good as."""
    left = inf if until is None else until - time.monotonic()
    return None if left > _LONGEST else left * 1000


if sys.platform == "win32":  # pragma: no cover - poll(2) is not there

    class Poller:
        """The waiting side of one socket."""

        def __init__(self, sock: socket.socket) -> None:
            """Watch *sock*."""
            self._sock = sock

        def readable(self, until: float | None) -> bool:
            """Wait for bytes or the end of them; False once *until* has passed."""
            left = _milliseconds(until)
            return (left is None or left > 0) and bool(select.select([self._sock], [], [], left and left / 1000)[0])

        def writable(self, until: float | None) -> bool:
            """Wait for room to send; False once *until* has passed."""
            left = _milliseconds(until)
            if left is not None and left <= 0:
                return False
            # A refused connection is an exceptional condition on Windows, not a writable one.
            _, room, failed = select.select([], [self._sock], [self._sock], left and left / 1000)
            return bool(room or failed)

else:

    class Poller:
        """The waiting side of one socket."""

        __slots__ = ("_reader", "_sock")

        def __init__(self, sock: socket.socket) -> None:
            """Watch *sock*."""
            self._sock = sock
            self._reader = select.poll()
            self._reader.register(sock, select.POLLIN)

        def readable(self, until: float | None) -> bool:
            """Wait for bytes or the end of them; False once *until* has passed."""
            left = _milliseconds(until)
            return (left is None or left > 0) and bool(self._reader.poll(left))

        def writable(self, until: float | None) -> bool:
            """Wait for room to send; False once *until* has passed."""
            left = _milliseconds(until)
            writer = select.poll()
            writer.register(self._sock, select.POLLOUT)
            return (left is None or left > 0) and bool(writer.poll(left))


def has_bytes(sock: socket.socket) -> bool:
    """Tell, without waiting, whether a read of *sock* would return at once, be it because it is closed, there or here."""
    if sock.fileno() < 0:
        return True
    if sys.platform == "win32":  # pragma: no cover - poll(2) is not there
        return bool(select.select([sock], [], [], 0)[0])
    probe = select.poll()
    probe.register(sock, select.POLLIN)
    return bool(probe.poll(0))


def first_writable(socks: list[socket.socket], seconds: float) -> list[socket.socket]:
    """Wait at most *seconds* for any of *socks* to finish connecting, well or badly; give those that did."""
    if sys.platform == "win32":  # pragma: no cover - poll(2) is not there
        _, room, failed = select.select([], socks, socks, max(seconds, 0))
        return list({*room, *failed})
    poller = select.poll()
    for sock in socks:
        poller.register(sock, select.POLLOUT)
    ready = {fd for fd, _ in poller.poll(ceil(max(seconds, 0) * 1000))}
    return [sock for sock in socks if sock.fileno() in ready]
