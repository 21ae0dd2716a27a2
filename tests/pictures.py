"""A server of pictures on loopback, for what fetches them: some are there, some elsewhere, some too large."""

from __future__ import annotations

import gzip
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast

from tests.threaded import Threaded

PNG: Final = b"\x89PNG\r\n\x1a\n and some more"
BIG: Final = 30_000_000
"""More bytes than are ever fetched."""


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer as the path says."""
        cast("Pictures", self.server).seen.append((self.path, dict(self.headers)))
        with suppress(OSError):
            match self.path.strip("/").split("/", 1):
                case ["picture.png"]:
                    self.say(PNG, content_type="image/png")
                case ["packed.png"]:
                    self.say(gzip.compress(PNG), content_encoding="gzip")
                case ["to", target]:
                    self.say(b"look there", 302, location=target)
                case ["round"]:
                    self.say(b"", 307, location="/round")
                case ["nowhere"]:
                    self.say(b"", 301)
                case ["announced.png"]:
                    self.begin(content_length=str(BIG))
                case ["endless.png"]:
                    self.begin(transfer_encoding="chunked")
                    for _ in range(BIG // 65536):
                        self.wfile.write(b"10000\r\n%s\r\n" % bytes(65536))
                case ["slow.png"]:
                    time.sleep(1)
                    self.close_connection = True
                case _:
                    self.say(b"no such picture", 404)

    def begin(self, status: int = 200, **headers: str) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Answer with a whole *body*."""
        self.begin(status, content_length=str(len(body)), **headers)
        self.wfile.write(body)


class Pictures(Threaded, ThreadingHTTPServer):
    """Serves while the block runs."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        """Path and headers of every request."""
        self.port = self.server_address[1]
        self.url = f"http://localhost:{self.port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""
