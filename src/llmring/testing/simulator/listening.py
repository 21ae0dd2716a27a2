"""Speak HTTP: accept connections, read requests, hand them to ``routes`` and their replies to ``wire``."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from llmring.testing.simulator.routes import arrive, respond
from llmring.testing.simulator.wire import GoneError, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring.testing.simulator.values import Call, Reply
    from llmring.testing.simulator.world import World

__all__ = ["Server"]


class Server(ThreadingHTTPServer):
    """Accepts connections, each in a thread that ``end`` finds."""

    request_queue_size = 256

    def __init__(self, address: tuple[str, int], world: World, note: Callable[[Call, str, Reply | None], None]) -> None:
        """Listen at *address* for *world*; *note* hears of each call, without its reply when it comes and with it when it goes."""
        self.world = world
        self.note = note
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without asking the resolver for the host's name, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread that ``end`` can find."""
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._open[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(threading.current_thread(), None)

    def end(self) -> None:
        """End every connection and wait for its thread."""
        self.world.stopping.set()
        with self._lock:
            left = dict(self._open)
        for connection in left.values():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in left:
            thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with suppress(ConnectionError, GoneError):
            super().handle()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing: who wants a log hands in ``on_request``."""

    def _serve(self) -> None:
        server = cast("Server", self.server)
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = arrive(self.command, self.path, headers, self._body(), server.url)
        server.note(call, self.path, None)
        reply = respond(call, server.world)
        server.note(call, self.path, reply)
        Wire(self.connection, server.world.stopping).deliver(reply, call.steering)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names are the standard library's

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body
