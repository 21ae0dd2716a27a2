"""The simulator as its users have it: started, asked what it was asked, stopped; speaking HTTP is left to ``listening``."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmring.testing.simulator.listening import Server
from llmring.testing.simulator.script import read_script
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
        self._server: Server | None = None
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
            self._server = Server(self._address, World(self._seed, self._script), self._note)
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
