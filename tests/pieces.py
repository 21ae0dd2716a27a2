"""A server whose streams come piece by piece, each when it is wanted; what they say is each test's business."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal, cast

from tests.threaded import Threaded

if TYPE_CHECKING:
    from collections.abc import Callable

Ending = Literal["ends", "breaks", "stays", "chatters"]
"""The answer is complete, or cut off; or nothing more comes, or nothing but comments, as long as the client stays."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""

    def do_POST(self) -> None:
        """Give the first piece at once, and each other one when it is wanted."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        server = cast("Pieces", self.server)
        self.close_connection = server.ending != "ends"
        with contextlib.suppress(OSError):  # the client may leave
            for at, piece in enumerate(server.pieces):
                if at:
                    server.wanted.acquire()
                self._chunk(piece)
            self._end(server.ending)

    def _end(self, ending: Ending) -> None:
        if ending == "ends":
            self.wfile.write(b"0\r\n\r\n")
        elif ending == "stays":
            self.rfile.read(1)
        while ending == "chatters":
            self._chunk(b": still here\n\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))


class Pieces(Threaded, ThreadingHTTPServer):
    """Gives every request the same pieces on a free port of loopback while the block runs."""

    daemon_threads = True

    def __init__(self, *pieces: bytes, ending: Ending = "ends") -> None:
        """Answer with *pieces*, and then as *ending* says."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pieces = pieces
        self.ending: Ending = ending
        self.wanted = threading.Semaphore(0)
        """To be released once for each piece after the first one."""
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"

    def then(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Give *call*, after which the next piece is wanted."""

        def called(*args: Any) -> Any:
            result = call(*args)
            self.wanted.release()
            return result

        return called
