"""Ask the system which addresses a name stands for; whether they may be used is decided elsewhere."""

from __future__ import annotations

import socket


def addresses_of(host: str, port: int) -> list[str]:
    """Give the IP addresses of *host* in the order in which they should be tried; OSError where there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host!r} is no name of a host") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
