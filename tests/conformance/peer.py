"""A loopback server that says what providers once said, its bytes cut at random, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from tests.protocols.wire import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.protocols.wire import Exchange

HOP_BY_HOP = frozenset({"connection", "content-encoding", "content-length", "date", "keep-alive", "server", "transfer-encoding"})
LONGEST_WHOLE = 4000
"""Bytes of a whole answer that go out at once."""


class Peer:
    """Serves each exchange below a base URL of its own."""

    def __init__(self, exchanges: Sequence[Exchange], seed: int = 0) -> None:
        """Hold *exchanges*; *seed* decides where bytes are cut."""
        self.exchanges = exchanges
        self.seed = seed
        self.asked: dict[int, dict[str, Any]] = {}
        """The last body sent to each exchange."""
        self.then: dict[int, int] = {}
        """The exchange that answers what is asked after one, below its base URL."""
        self._server = _Server(("127.0.0.1", 0), _Handler, self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="peer")

    def base_url(self, at: int) -> str:
        """Give the base URL below which exchange number *at* answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{at}"

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop, and wait for the end."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], peer: Peer) -> None:
        self.peer = peer
        super().__init__(address, handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's word
        """Keep quiet."""

    def do_POST(self) -> None:
        """Answer with what was recorded."""
        assert isinstance(self.server, _Server)
        peer = self.server.peer
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        at = int(self.path.split("/")[1])
        exchange = peer.exchanges[peer.then.get(at, at) if at in peer.asked else at]
        peer.asked[at] = json.loads(body)
        self.send_response_only(exchange.status)
        for name, value in exchange.headers.items():
            if name not in HOP_BY_HOP:
                self.send_header(name, value.replace("\n", " "))
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in cut(exchange.body, peer.seed + at, 200 if exchange.framing else LONGEST_WHOLE):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")
