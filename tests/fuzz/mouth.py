"""A loopback server that says the bytes it is given, head and all, to whoever asks next, and hangs up."""

from __future__ import annotations

import socketserver
from typing import TYPE_CHECKING, cast

from tests.threaded import Threaded

if TYPE_CHECKING:
    from tests.fuzz.corpus import Sample

_SKIPPED = frozenset({"content-length", "transfer-encoding", "connection", "content-encoding", "date"})


def raw(sample: Sample) -> bytes:
    """Put *sample* into one HTTP answer."""
    lines = [f"{name}: {value}" for name, value in sample.headers.items() if name not in _SKIPPED]
    head = "\r\n".join([f"HTTP/1.1 {sample.status} Said", *lines, f"content-length: {len(sample.body)}", "", ""])
    return head.encode("latin-1", "replace") + sample.body


class Mouth(Threaded, socketserver.ThreadingTCPServer):
    """Answers every request with ``said``."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = True

    def __init__(self) -> None:
        """Listen at any free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.said = b""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Read one request, say what there is to say, and hang up."""
        length = 0
        while (line := self.rfile.readline().strip().lower()) != b"":
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        self.rfile.read(length)
        self.wfile.write(cast("Mouth", self.server).said)
