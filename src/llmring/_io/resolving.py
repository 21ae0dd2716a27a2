"""Ask the system which addresses a name stands for, within a limit; whether they may be used is decided elsewhere."""

from __future__ import annotations

import socket
import threading
import time
from math import inf
from typing import Any

from llmring._io.locks import LONGEST, bare_lock

Found = list[tuple[Any, ...]]
"""What ``socket.getaddrinfo`` gives."""


def resolved(host: str, port: int, until: float) -> Found:
    """Look up *host*; TimeoutError once *until* has passed: the system itself gives up only after half a minute or more."""
    if until == inf or host == "localhost" or _is_address(host):
        return _ask(host, port)
    answer: list[Found | BaseException] = []
    silence = bare_lock()
    silence.acquire()

    def ask() -> None:
        try:
            answer.append(_ask(host, port))
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that asked
            answer.append(error)
        silence.release()

    # Nothing can interrupt the system's resolver, so it is waited for in a thread, which is left behind if need be.
    threading.Thread(target=ask, name=f"llmring looks up {host}", daemon=True).start()
    if not silence.acquire(timeout=min(max(until - time.monotonic(), 0.0), LONGEST)):
        raise TimeoutError
    [found] = answer
    if isinstance(found, BaseException):
        raise found
    return found


def _is_address(host: str) -> bool:
    """Tell whether *host* is an address already, for which nobody is asked."""
    return ":" in host or host.replace(".", "").isdigit()


def _ask(host: str, port: int) -> Found:
    # As bytes, a name goes past the codec for other scripts, which takes longer to load than to connect.
    return [*socket.getaddrinfo(host.encode("ascii") if host.isascii() else host, port, type=socket.SOCK_STREAM)]


def addresses_of(host: str, port: int) -> list[str]:
    """Give the IP addresses of *host* in the order in which they should be tried; OSError where there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host!r} is no name of a host") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
