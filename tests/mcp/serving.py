"""Serve an application over HTTP on loopback, in a thread, for as long as a test needs it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def served(app: Any, port: int = 0) -> Generator[str]:
    """Serve *app* and give its address; it is down afterwards."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on", timeout_graceful_shutdown=1, ws="none"))
        thread = threading.Thread(target=server.run, args=([listening],))
        listening.listen()  # who comes before the server does waits for it
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
