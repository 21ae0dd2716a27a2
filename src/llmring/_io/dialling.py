"""Connect blockingly to whichever address of a host answers first (RFC 8305), within one limit."""

from __future__ import annotations

import errno
import os
import socket
import time
from math import inf
from typing import TYPE_CHECKING, Any, Final

from llmring._io.polling import first_writable
from llmring._io.resolving import resolved

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD_START: Final = 0.25
"""Seconds that one address has before the next one is tried beside it (RFC 8305 recommends these)."""
_PENDING: Final = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)}

Address = tuple[socket.AddressFamily, Any]
"""A family and what `socket.connect` takes in it."""


def dial(host: str, port: int, until: float | None, local_address: str | None = None) -> socket.socket:
    """Give a connected, non-blocking socket; TimeoutError once *until* has passed, the last OSError if all addresses fail."""
    end = inf if until is None else until
    waiting = interleaved((family, address) for family, _, _, _, address in resolved(host, port, end))
    trying: list[socket.socket] = []
    failure: OSError = OSError(f"no address for {host}")
    try:
        while waiting or trying:
            if time.monotonic() >= end:
                raise TimeoutError
            if waiting:
                try:
                    trying.append(_call(*waiting.pop(0), local_address))
                except OSError as error:
                    failure = error
                    continue
            for sock in _settled(trying, end, patient=not waiting):
                trying.remove(sock)
                if not (code := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return sock
                sock.close()
                failure = OSError(code, os.strerror(code))
        raise failure
    finally:
        for sock in trying:
            sock.close()


def _settled(trying: list[socket.socket], end: float, *, patient: bool) -> list[socket.socket]:
    left = end - time.monotonic()
    return first_writable(trying, min(left, 3600.0) if patient else min(left, HEAD_START))


def _call(family: socket.AddressFamily, address: Any, local_address: str | None) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(0)
        if local_address is not None:
            sock.bind((local_address, 0))
        code = sock.connect_ex(address)
    except BaseException:
        sock.close()
        raise
    if code not in _PENDING:
        sock.close()
        raise OSError(code, os.strerror(code))
    return sock


def interleaved(addresses: Iterable[Address]) -> list[Address]:
    """Order *addresses* so that families take turns, beginning with the resolver's first."""
    found = list(dict.fromkeys(addresses))
    first = [item for item in found if item[0] == found[0][0]]
    others = [item for item in found if item[0] != found[0][0]]
    pairs = [item for pair in zip(first, others, strict=False) for item in pair]
    return [*pairs, *first[len(others) :], *others[len(first) :]]
