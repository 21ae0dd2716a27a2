"""A server on loopback that speaks HTTP/2 alone; what a path does stands beside its name."""

from __future__ import annotations

import contextlib
import json
import select
import socketserver
import ssl
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError

from tests.servers import CERTIFICATES
from tests.threaded import Threaded

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK: Final = 16_000


class Handler(socketserver.BaseRequestHandler):
    """One connection; each request is answered by a thread of its own, so that a client may have several at once."""

    def setup(self) -> None:
        """Shake hands and say which settings count."""
        self.serving = cast("Http2Server", self.server)
        self.request.settimeout(20)
        self.request.do_handshake()
        self.engine = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.lock = threading.Lock()
        self.requests: dict[int, tuple[dict[str, str], bytearray]] = {}
        self.answering: list[threading.Thread] = []
        with self.lock:
            self.engine.initiate_connection()
            self.flush()

    def flush(self) -> None:
        """Send what the engine has."""
        self.request.sendall(self.engine.data_to_send())

    def handle(self) -> None:
        """Read until the client hangs up."""
        with contextlib.suppress(OSError, ProtocolError):
            while data := self.hear():
                with self.lock:
                    events = self.engine.receive_data(data)
                    self.flush()
                for event in events:
                    self.take(event)

    def hear(self) -> bytes:
        """Wait for bytes; OpenSSL must not read while another thread writes, so the lock is held, but never for a wait."""
        while True:
            with self.lock:
                self.request.settimeout(0)
                try:
                    return self.request.recv(65536)
                except ssl.SSLWantReadError:
                    pass
                finally:
                    self.request.settimeout(20)
            if not select.select([self.request], [], [], 20)[0]:
                raise TimeoutError

    def take(self, event: Any) -> None:
        """Collect a request; answer it when it is whole."""
        match event:
            case RequestReceived():
                self.requests[event.stream_id] = (cast("dict[str, str]", dict(event.headers)), bytearray())
            case DataReceived():
                self.requests[event.stream_id][1].extend(event.data)
                with self.lock:
                    self.engine.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    self.flush()
            case StreamEnded():
                self.answering.append(threading.Thread(target=self.answer, args=(event.stream_id,), daemon=True))
                self.answering[-1].start()
            case _:
                pass

    def finish(self) -> None:
        """Wait for the answers, which notice that the client is gone."""
        self.serving.gone.set()
        for thread in self.answering:
            thread.join()

    def answer(self, stream: int) -> None:
        """Do what the path says."""
        headers, body = self.requests.pop(stream)
        path = headers[":path"]
        self.serving.seen[path] += 1
        do: Callable[[int, dict[str, str], bytes], None] = getattr(self, "on_" + path.strip("/").replace("-", "_"))
        try:
            do(stream, headers, bytes(body))
        except (OSError, ProtocolError):
            self.serving.dropped += 1

    def head(self, stream: int, status: int = 200) -> None:
        """Begin an answer."""
        with self.lock:
            self.engine.send_headers(stream, [(":status", str(status)), ("content-type", "text/plain")])
            self.flush()

    def piece(self, stream: int, data: bytes, *, last: bool = False) -> None:
        """Send more of the body."""
        with self.lock:
            for at in range(0, len(data), CHUNK):
                self.engine.send_data(stream, data[at : at + CHUNK])
            if last:
                self.engine.end_stream(stream)
            self.flush()

    def on_echo(self, stream: int, headers: dict[str, str], body: bytes) -> None:
        """Say who asked and how."""
        self.head(stream)
        told = {"port": self.client_address[1], "headers": headers, "body": body.decode()}
        self.piece(stream, json.dumps(told).encode(), last=True)

    def on_stream(self, stream: int, _headers: dict[str, str], _body: bytes) -> None:
        """Stream for four seconds."""
        self.head(stream)
        for number in range(200):
            self.piece(stream, b"data: %d\n\n" % number)
            self.serving.stopping.wait(0.02)
        self.piece(stream, b"", last=True)

    def on_short_stream(self, stream: int, _headers: dict[str, str], _body: bytes) -> None:
        """Stream three pieces."""
        self.head(stream)
        for data in (b"one", b"two", b"three"):
            self.piece(stream, data)
            self.serving.stopping.wait(0.02)
        self.piece(stream, b"", last=True)

    def on_hang(self, _stream: int, _headers: dict[str, str], _body: bytes) -> None:
        """Answer nothing but pings, which are no answer."""
        while not self.serving.stopping.wait(0.05):
            with self.lock:
                self.engine.ping(b"areyouup")
                self.flush()

    def on_stall(self, stream: int, headers: dict[str, str], body: bytes) -> None:
        """Stream two pieces, then nothing but pings."""
        self.head(stream)
        self.piece(stream, b"one")
        self.piece(stream, b"two")
        self.on_hang(stream, headers, body)

    def on_refuse(self, stream: int, _headers: dict[str, str], _body: bytes) -> None:
        """Reset the stream."""
        with self.lock:
            self.engine.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
            self.flush()

    def on_away(self, _stream: int, _headers: dict[str, str], _body: bytes) -> None:
        """Say goodbye to the whole connection."""
        with self.lock:
            self.engine.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
            self.flush()


class Http2Server(Threaded, socketserver.ThreadingTCPServer):
    """Serves `Handler` on a free port of loopback while the block runs."""

    daemon_threads = True
    request_queue_size = 64
    allow_reuse_address = True

    def __init__(self) -> None:
        """Listen, with a certificate that the tests' authority signed."""
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "localhost.pem")
        context.set_alpn_protocols(["h2"])
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.server_address[1]}"
        self.seen: Counter[str] = Counter()
        self.accepted = 0
        self.dropped = 0
        self.gone = threading.Event()
        """Whether any client has hung up."""

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count the connection."""
        self.accepted += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients are supposed to misbehave."""
