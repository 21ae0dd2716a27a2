"""Speak HTTP: accept connections, read requests, hand them to ``routes`` and their replies to ``wire``."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from llmring.testing.simulator.routes import arrive, respond
from llmring.testing.simulator.script import read_script
from llmring.testing.simulator.wire import GoneError, Wire
from llmring.testing.simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from llmring.testing.simulator.values import Call, Reply

__all__ = ["RecordedRequest", "Simulator", "serve_forever"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """A request as the simulator got it; header names are lower case, *body* is decoded where it is JSON."""

    method: str
    path: str
    """With the query."""
    headers: dict[str, str]
    body: Any


class Simulator:
    """A local server that speaks as OpenAI, Anthropic, Gemini and Ollama do; entering it starts it, leaving it ends every connection."""

    def __init__(
        self,
        port: int = 0,
        seed: int = 0,
        host: str = "127.0.0.1",
        on_request: Callable[[str], None] | None = None,
        script: str | Sequence[Any] | None = None,
    ) -> None:
        """Prepare a server at *host* and *port* (0: any free one) whose answers follow from *seed*; *on_request* gets a line for each.

        *script* is what the assistant says and calls, turn by turn: a list, or its JSON; see the setting of that name.
        """
        self.requests: list[RecordedRequest] = []
        """What was asked so far, in order of arrival."""
        self._address = (host, port)
        self._seed = seed
        self._on_request = on_request
        self._script = None if script is None else read_script(script)
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._closed_port: socket.socket | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a path.

        Raises:
            RuntimeError: it is not started.

        """
        if self._server is None:
            raise RuntimeError("the simulator is not started: enter it, or call start()")
        return self._server.url

    @property
    def urls(self) -> dict[str, str]:
        """The base URL of each provider, as its SDK takes it."""
        return {"openai": f"{self.url}/v1", "anthropic": self.url, "google": self.url, "ollama": self.url}

    @property
    def refused_url(self) -> str:
        """A base URL at which every connection is refused, for as long as the simulator runs."""
        if self._closed_port is None:
            self._closed_port = socket.socket()
            self._closed_port.bind((self._address[0], 0))
        return f"http://{self._address[0]}:{self._closed_port.getsockname()[1]}"

    def start(self) -> Self:
        """Listen from now on, in a thread of its own; a second call changes nothing.

        Raises:
            OSError: the port is taken.

        """
        if self._server is None:
            self._server = _Server(self._address, World(self._seed, self._script), self._note)
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="llmring-simulator", daemon=True)
            self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening and end every connection, hanging ones too; no thread is left. A second call changes nothing."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            server.shutdown()
            self._thread.join()
            server.end()
        if self._closed_port is not None:
            self._closed_port.close()
            self._closed_port = None

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close."""
        self.close()

    def _note(self, call: Call, target: str, reply: Reply | None) -> None:
        if reply is None:
            recorded = RecordedRequest(method=call.method, path=target, headers=call.headers, body=_decoded(call.raw))
            with self._lock:
                self.requests.append(recorded)
        elif self._on_request is not None:
            stream, fault = " stream" if reply.frames is not None else "", f" fault={reply.fault}" if reply.fault else ""
            with self._lock:
                self._on_request(f"{call.method} {call.path}{f' {call.model}' if call.model else ''} -> {reply.status}{stream}{fault}")


def serve_forever(  # noqa: PLR0913, PLR0917 - as the simulator has them
    port: int = 8765,
    seed: int = 0,
    host: str = "127.0.0.1",
    on_request: Callable[[str], None] | None = None,
    on_ready: Callable[[Simulator], None] | None = None,
    script: str | Sequence[Any] | None = None,
) -> None:
    """Run a simulator until this thread is interrupted; *on_ready* gets it once it listens, *on_request* a line for each request."""
    with Simulator(port, seed, host, on_request, script) as simulator, suppress(KeyboardInterrupt):
        if on_ready is not None:
            on_ready(simulator)
        threading.Event().wait()


def _decoded(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw


class _Server(ThreadingHTTPServer):
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], world: World, note: Callable[[Call, str, Reply | None], None]) -> None:
        self.world = world
        self.note = note
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
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
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
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
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = arrive(self.command, self.path, headers, self._body(), self.server.url)
        self.server.note(call, self.path, None)
        reply = respond(call, self.server.world)
        self.server.note(call, self.path, reply)
        Wire(self.connection, self.server.world.stopping).deliver(reply, call.steering)

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
