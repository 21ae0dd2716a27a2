"""A server as an ASGI application that asks for a bearer token and looks at host and origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.middleware.cors import CORSMiddleware

from llmring.exceptions import ConfigurationError
from llmring.mcp.serve.guard import Guard, Visitors, is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp.server import Server

MAX_BODY = 20 * 1024 * 1024
"""Bytes of the largest request; pictures come in base64."""
PATH = "/mcp"
OWN_PAGES = r"https?://(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?"
"""Pages of this machine."""


def http_app(  # noqa: PLR0913 - settings, keyword-only
    server: Server[Any],
    token: str,
    *,
    host: str = "127.0.0.1",
    allow_hosts: Iterable[str] = (),
    allow_origins: Iterable[str] = (),
    max_body: int = MAX_BODY,
    path: str = PATH,
) -> Guard:
    """Give *server* as an ASGI application that speaks streamable HTTP at *path*; its lifespan must be run.

    Requests need *token* as their bearer. Those are refused whose ``Host`` is no name of *host*, where you listen, nor of *allow_hosts*;
    whose ``Origin`` is neither of *allow_origins* nor, on loopback, of this machine; and whose body has more than *max_body* bytes.

    Raises:
        ConfigurationError: *token* is empty, or could not stand in a header.

    """
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError("the token must be printable ASCII without spaces, and not empty")
    origins = frozenset(each.rstrip("/") for each in allow_origins)
    visitors = Visitors(host, frozenset(each.lower() for each in allow_hosts), origins)
    unguarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the guard has looked already
    app = server.streamable_http_app(streamable_http_path=path, max_request_body_size=max_body, transport_security=unguarded)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=sorted(origins),
        allow_origin_regex=OWN_PAGES if is_loopback(host) else None,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["*"],
        expose_headers=["Mcp-Session-Id"],
    )
    return Guard(app, token, visitors)
