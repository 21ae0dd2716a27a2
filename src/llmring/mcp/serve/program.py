"""Run a server as a program: over stdin and stdout, or over HTTP; what it has to say it says to stderr, by whoever started it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import attrs

from llmring.exceptions import ConfigurationError
from llmring.mcp.serve.tokens import VARIABLE, find_token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self

    from mcp.server import Server

    Closing = Callable[[], Awaitable[None]]
    Say = Callable[[str], None]

MOST = 65535


@attrs.frozen(kw_only=True)
class Listening:
    """Where and for whom to listen."""

    host: str = "127.0.0.1"
    port: int = 0
    token_env: str = VARIABLE
    """The environment variable that holds the bearer token."""
    token_file: str | None = None
    """A file that holds it instead."""
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()

    @classmethod
    def at(cls, address: str, **others: Any) -> Self:
        """Read *address*, ``[HOST:]PORT``; without a host, this machine alone is served.

        Raises:
            ConfigurationError: it is none.

        """
        host, _, port = address.rpartition(":")
        if not (port.isascii() and port.isdecimal()) or int(port) > MOST:
            raise ConfigurationError(
                f"{address!r} is no address to listen at; write [HOST:]PORT, e.g. 127.0.0.1:8123; port 0 takes a free one"
            )
        return cls(host=host.removeprefix("[").removesuffix("]") or cls().host, port=int(port), **others)


def run(server: Server[Any], *, closing: Closing, say: Say, http: Listening | None = None) -> None:
    """Serve *server* until its client leaves or a signal comes, then call *closing*; *say* tells whoever started it what to know.

    Raises:
        ConfigurationError: a token must be set, or nothing can listen there.
        KeyboardInterrupt: a second signal cut it short.

    """
    if http is None:
        from llmring.mcp.serve.stdio import serve_stdio

        if sys.stdin is not None and sys.stdin.isatty():
            say("speaking MCP on stdin and stdout, as a client that starts this expects; --http serves others; Ctrl-C ends")
        asyncio.run(serve_stdio(server, closing=closing))
        return
    _over_http(server, http, closing, say)


def _over_http(server: Server[Any], http: Listening, closing: Closing, say: Say) -> None:
    from llmring.mcp.serve.app import PATH, http_app
    from llmring.mcp.serve.guard import is_loopback
    from llmring.mcp.serve.http import listen, serve_http

    token, made = find_token(http.host, http.token_env, http.token_file)
    app = http_app(server, token, host=http.host, allow_hosts=http.allow_hosts, allow_origins=http.allow_origins)
    place = listen(http.host, http.port)
    shown = f"[{http.host}]" if ":" in http.host else http.host

    def ready() -> None:
        say(f"serving at http://{shown}:{place.getsockname()[1]}{PATH}; Ctrl-C ends")
        if made:
            say(f"bearer token, for this run alone: {token} ({http.token_env} sets one)")
        if not is_loopback(http.host):
            say("other machines reach it without encryption; put a proxy with TLS before it")

    def wait(calls: int) -> None:
        say(f"ending; calls that are still answered: {calls}; Ctrl-C once more does not wait for them")

    with place:
        if asyncio.run(serve_http(app, place, on_ready=ready, on_wait=wait, closing=closing)):
            raise KeyboardInterrupt
    say("stopped")
