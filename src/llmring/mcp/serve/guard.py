"""Stand before an HTTP endpoint: who is let in is decided by host, origin and token, in that order, before a body is read."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    Message = MutableMapping[str, Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

ANYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


def is_loopback(host: str) -> bool:
    """Tell whether *host* is reached from this machine alone."""
    return host == "localhost" or _literal(host) == "loopback"


def _literal(host: str) -> str | None:
    """Say whether *host* is an address, and whether of this machine alone."""
    try:
        return "loopback" if ipaddress.ip_address(host).is_loopback else "address"
    except ValueError:
        return None


@attrs.frozen
class Visitors:
    """Which names a server that listens at *host* goes by, and which web pages may call it.

    A page of another site can make a browser call this machine by a name that it points here; such a name is never an address.
    """

    host: str
    names: frozenset[str] = frozenset()
    """Further names, lower case and without a port."""
    origins: frozenset[str] = frozenset()
    """Origins allowed beside those of this machine, which are allowed where *host* is this machine alone."""

    def knows(self, header: str | None) -> bool:
        """Tell whether the request's ``Host`` is a name of the server."""
        name = _name(f"//{header}") if header else None
        if name is None:
            return False
        if name in self.names or name == self.host.lower() or is_loopback(name):
            return True
        return not is_loopback(self.host) and (_literal(name) is not None or name == socket.gethostname().lower())

    def allows(self, origin: str | None) -> bool:
        """Tell whether the request's ``Origin`` may call; what is no browser sends none."""
        if origin is None or origin in self.origins:
            return True
        name = _name(origin)
        return name is not None and is_loopback(self.host) and is_loopback(name)


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class Guard:
    """Lets requests through to *app* that know *token* and come from *visitors*; counts those that are answered right now."""

    def __init__(self, app: ASGIApp, token: str, visitors: Visitors) -> None:
        """Keep no token, only its digest."""
        self._app, self._token, self._visitors = app, _digest(token.encode()), visitors
        self.busy = 0
        """Calls under way; a stream that only listens is none."""
        self.closing = False
        """Whether no further ones are taken."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope["method"], scope["headers"])
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        calls = scope["method"] == "POST"
        self.busy += calls
        try:
            await self._app(scope, receive, send)
        finally:
            self.busy -= calls

    def _refusal(self, method: str, headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, str, dict[str, str]] | None:
        """Say why a request with *headers* is not let in; a browser that asks beforehand has no token yet, and gets nothing."""
        found = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        if not self._visitors.knows(found.get("host")):
            return 421, "this server does not go by that host name; --allow-host names further ones", {}
        if not self._visitors.allows(found.get("origin")):
            return 403, "this origin may not call; --allow-origin names those that may", {}
        if method == "OPTIONS":
            return None
        scheme, _, given = found.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return 401, "a bearer token is needed: Authorization: Bearer <token>", {"www-authenticate": 'Bearer realm="llmring"'}
        if not hmac.compare_digest(_digest(given.strip().encode("latin-1")), self._token):
            return 401, "the bearer token is wrong", {"www-authenticate": 'Bearer realm="llmring", error="invalid_token"'}
        if self.closing:
            return 503, "the server is shutting down", {"retry-after": "1"}
        return None


def _digest(token: bytes) -> bytes:
    """Make tokens equally long, so that comparing takes equally long."""
    return sha256(token).digest()


async def _refuse(send: Send, status: int, reason: str, headers: dict[str, str]) -> None:
    body = f"{reason}\n".encode()
    told = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), "connection": "close"} | headers
    await send({"type": "http.response.start", "status": status, "headers": [(n.encode(), v.encode()) for n, v in told.items()]})
    await send({"type": "http.response.body", "body": body})
