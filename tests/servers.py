"""Small servers on loopback that behave well or badly on purpose; what a path does stands beside its name."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import threading
import time
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, cast

from tests.threaded import Threaded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

CERTIFICATES: Final = Path(__file__).parent / "certificates"
AUTHORITY: Final = CERTIFICATES / "authority.pem"
TEXT: Final = b'{"text": "' + b"the quick brown fox " * 50 + b'"}'
PIECES: Final = 200
"""What a stream has, two hundredths of a second apart."""


class Handler(BaseHTTPRequestHandler):
    """Answers by path; see the methods named after them."""

    protocol_version = "HTTP/1.1"

    @property
    def serving(self) -> Server:
        """The server, which counts."""
        return cast("Server", self.server)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer like a POST."""
        self.do_POST()

    def do_POST(self) -> None:
        """Read the request and do what its path says."""
        self.serving.seen[self.path] += 1
        try:
            if self.path != "/early":
                self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
            answer: Callable[[], None] = getattr(self, "on_" + self.path.strip("/").partition("?")[0].replace("-", "_"))
            answer()
        except OSError:
            self.close_connection = True
            self.serving.dropped += 1

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Answer with a whole *body*."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self) -> None:
        """Begin an answer in chunks."""
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def piece(self, data: bytes) -> None:
        """Send one chunk, or the end of them."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def on_echo(self) -> None:
        """Say who asked and how."""
        self.say(json.dumps({"port": self.client_address[1], "body": self.body.decode("latin-1"), "headers": dict(self.headers)}).encode())

    def on_open(self) -> None:
        """Say how many connections are open."""
        self.say(b"%d" % self.serving.open)

    def on_refuse(self) -> None:
        """Answer 429 with two headers of the same name."""
        self.send_response(429)
        self.send_header("X-Twice", "a")
        self.send_header("x-twice", "b")
        self.send_header("Retry-After", "7")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"no")

    def on_gzip(self) -> None:
        """Answer packed."""
        self.say(gzip.compress(TEXT), content_encoding="gzip")

    def on_deflate(self) -> None:
        """Answer packed with zlib's header."""
        self.say(zlib.compress(TEXT), content_encoding="deflate")

    def on_raw_deflate(self) -> None:
        """Answer packed without it."""
        packer = zlib.compressobj(wbits=-15)
        self.say(packer.compress(TEXT) + packer.flush(), content_encoding="deflate")

    def on_half_gzip(self) -> None:
        """Answer packed, and end early."""
        self.say(gzip.compress(TEXT)[:-12], content_encoding="gzip")

    def on_broken_gzip(self) -> None:
        """Answer with something else than was said."""
        self.say(TEXT, content_encoding="gzip")

    def on_brotli(self) -> None:
        """Answer packed as nobody asked."""
        self.say(TEXT, content_encoding="br")

    def on_bomb(self) -> None:
        """Answer with little that unpacks to much."""
        self.say(gzip.compress(bytes(50_000_000)), content_encoding="gzip")

    def on_huge(self) -> None:
        """Answer with a megabyte."""
        self.say(bytes(1_000_000))

    def on_goodbye(self) -> None:
        """Answer as if to go on, then hang up."""
        self.say(b"bye")
        self.close_connection = True

    def on_early(self) -> None:
        """Answer before the request is read, and hang up."""
        self.say(b"too much", 413, connection="close")
        self.close_connection = True

    def on_hang(self) -> None:
        """Answer nothing until the client hangs up."""
        self.connection.settimeout(0.02)
        while not self.serving.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                self.connection.recv(1)
                break
        self.close_connection = True

    def on_drip_headers(self) -> None:
        """Send a header every twentieth of a second."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._drip(b"x-h: 1\r\n")

    def on_drip_body(self) -> None:
        """Send a byte of the body every twentieth of a second."""
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self._drip(b"x")

    def _drip(self, drop: bytes) -> None:
        for _ in range(400):
            self.wfile.write(drop)
            if self.serving.stopping.wait(0.05):
                break
        self.close_connection = True

    def on_stall(self) -> None:
        """Stream two pieces, then nothing."""
        self.begin()
        self.piece(b"one")
        self.piece(b"two")
        self.on_hang()

    def on_stream(self) -> None:
        """Stream for four seconds."""
        self.begin()
        for number in range(PIECES):
            self.piece(b"data: %d\n\n" % number)
            self.serving.stopping.wait(0.02)
        self.piece(b"")

    def on_short_stream(self) -> None:
        """Stream three pieces."""
        self.begin()
        for data in (b"one", b"two", b"three"):
            self.piece(data)
            time.sleep(0.02)
        self.piece(b"")

    def on_packed_stream(self) -> None:
        """Stream three pieces, packed, each flushed."""
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.send_header("content-encoding", "gzip")
        self.end_headers()
        packer = zlib.compressobj(wbits=31)
        for data in (b"one", b"two", b"three"):
            self.piece(packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))
            time.sleep(0.02)
        self.piece(packer.flush())
        self.piece(b"")

    def on_cut(self) -> None:
        """Promise more than is sent."""
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def on_close(self) -> None:
        """Hang up without a word."""
        self.close_connection = True

    def on_garbage(self) -> None:
        """Speak no HTTP."""
        self.wfile.write(b"220 mail.example ESMTP\r\n\r\n")
        self.close_connection = True


class Server(Threaded, ThreadingHTTPServer):
    """Serves `Handler` on a free port of loopback while the block runs."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, *, tls: bool = False) -> None:
        """Listen; *tls* with a certificate that `AUTHORITY` signed."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.open = 0
        self.accepted = 0
        self.seen: Counter[str] = Counter()
        self.gone = threading.Semaphore(0)
        """Released once for each connection that is closed."""
        self.dropped = 0
        """How often a client hung up in the middle of an answer."""
        self.url = f"http{'s' if tls else ''}://localhost:{self.server_address[1]}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / "localhost.pem")
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count the connection."""
        with self._lock:
            self.open += 1
            self.accepted += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Count it as gone."""
        with self._lock:
            self.open -= 1
        super().shutdown_request(request)
        self.gone.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients are supposed to misbehave."""

    def empty_by(self, seconds: float) -> bool:
        """Wait until no connection is open."""
        end = time.monotonic() + seconds
        while self.open and time.monotonic() < end:
            time.sleep(0.01)
        return not self.open


class Script:
    """Gives every request the same answer, whatever it asks, while the block runs."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Answer with *status*, *headers* and *body*."""
        answer = self

        class Reciting(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
                """Say nothing."""

            def do_POST(self) -> None:
                """Count the request, and answer."""
                self.rfile.read(int(self.headers.get("content-length", 0)))
                answer.asked += 1
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.asked = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Reciting)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class DeafSocket:
    """Listens, but its queue is full: connecting to it never ends."""

    def __enter__(self) -> Self:
        """Listen and fill the queue."""
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(0)
        self._filling: list[socket.socket] = []
        for _ in range(4):
            caller = socket.socket()
            caller.setblocking(False)  # noqa: FBT003 - positional in the standard library
            with contextlib.suppress(BlockingIOError):
                caller.connect(self._listening.getsockname())
            self._filling.append(caller)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        return self

    def listen_but_never_read(self) -> None:
        """Make room in the queue, so that connecting works and nothing else does."""
        self._listening.listen(16)
        for caller in self._filling:
            caller.close()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Hang up."""
        for sock in (*self._filling, self._listening):
            sock.close()


def closed_port() -> int:
    """Give a port of loopback on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class ProxyHandler(BaseHTTPRequestHandler):
    """Opens tunnels, and answers plain requests itself, saying what it was asked for."""

    protocol_version = "HTTP/1.1"

    @property
    def serving(self) -> ProxyServer:
        """The server, which keeps a list."""
        return cast("ProxyServer", self.server)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer in the place of the host."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.serving.asked.append(self.path)
        body = json.dumps({"proxied": self.path, "auth": self.headers.get("proxy-authorization")}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        """Pass bytes both ways until either side hangs up."""
        self.serving.asked.append(self.path)
        if self.serving.refusing:
            self.send_error(403)
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(there, self.connection))
            back.start()
            _pump(self.connection, there)
            back.join()
        self.close_connection = True


class ProxyServer(Threaded, ThreadingHTTPServer):
    """Serves `ProxyHandler` on a free port of loopback while the block runs."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *, tls: bool = False, refusing: bool = False) -> None:
        """Listen; *tls* as `Server`, *refusing* to open tunnels."""
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.asked: list[str] = []
        self.refusing = refusing
        self.address = f"localhost:{self.server_address[1]}"
        self.url = f"http{'s' if tls else ''}://{self.address}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / "localhost.pem")
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
