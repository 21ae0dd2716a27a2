"""Decide which addresses of others a ring may fetch from; resolving and connecting are done elsewhere."""

from __future__ import annotations

from typing import Final, Self

import attrs

from llmring.exceptions import InvalidMessageError

VARIABLE: Final = "LLMRING_ALLOW_REMOTE_URLS"
"""The environment variable that allows fetching: ``1`` for every public host, or a list of hosts."""
REDIRECTS: Final = 3
"""How many redirections are followed."""
MOST_BYTES: Final = 20 * 1024 * 1024
"""The largest file that is fetched."""

_NO: Final = frozenset({"", "0", "false", "no", "off"})
_YES: Final = frozenset({"1", "true", "yes", "on", "*"})
_SCHEMES: Final = ("http", "https")
_NAT64: Final = 0x0064FF9B << 96
_LOCAL_NAT64: Final = 0x0064FF9B0001
"""Its first 48 bits where a network translates for itself, to whatever addresses it likes."""
_V4: Final = (1 << 32) - 1


class NotFetchedError(InvalidMessageError):
    """An address that this model's provider does not fetch, nor may the ring; another provider may well fetch it."""


@attrs.frozen
class Permission:
    """What the user lets a ring fetch: nothing, from every public host, or from some."""

    everywhere: bool = False
    hosts: frozenset[str] = frozenset()

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Understand the *value* of the environment variable: ``1``, or hosts, of which ``.example.com`` means all below it."""
        words = {word.strip().lower().rstrip(".") for word in (value or "").split(",")} - _NO
        return cls(everywhere=bool(words & _YES), hosts=frozenset(words - _YES))

    def __bool__(self) -> bool:
        """Tell whether anything may be fetched."""
        return self.everywhere or bool(self.hosts)

    def allows(self, host: str) -> bool:
        """Tell whether *host* may be fetched from, provided that its address is public."""
        name = host.lower().rstrip(".")
        return self.everywhere or any(name.endswith(known) if known.startswith(".") else name == known for known in self.hosts)


def host_of(url: str) -> str | None:
    """Give the host of an http or https *url*, None for anything else."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return parts.hostname if parts.scheme in _SCHEMES and port != 0 else None


def refusal(host: str, permission: Permission, path: str) -> InvalidMessageError | None:
    """Give the error for an address on *host*, at *path* of the request, that must not be fetched; None if it may be."""
    if permission.allows(host):
        return None
    remedy = f"add it to {VARIABLE}" if permission else f"set {VARIABLE} to {host}, or to 1 for every public host"
    message = f"{path}: the provider does not fetch addresses, and the ring may not fetch from {host}; {remedy}, or give the bytes as data"
    return NotFetchedError(message, path=path)


def is_public(address: str) -> bool:
    """Tell whether the IP *address* is one of the public Internet; IPv4 inside IPv6 counts as what it is."""
    import ipaddress

    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or _embedded(int(found))
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local or int(found) >> 80 == _LOCAL_NAT64:
            return False
    return found.is_global and not found.is_multicast


def _embedded(number: int) -> str | None:
    """Give the IPv4 address at the end of an IPv6 one, where its beginning says that there is one (NAT64, IPv4-compatible)."""
    from ipaddress import IPv4Address

    return str(IPv4Address(number & _V4)) if number >> 32 in {0, _NAT64 >> 32} else None
