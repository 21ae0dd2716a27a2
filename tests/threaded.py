"""Serve while a block runs, in a thread of its own; what is answered is each server's business."""

from __future__ import annotations

import socketserver
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType


class Threaded(socketserver.BaseServer):
    """What the servers of the tests have in common; to be named before the class that accepts connections."""

    def __init__(self, *arguments: Any) -> None:
        """Listen as the class that accepts connections does."""
        super().__init__(*arguments)
        self.stopping = threading.Event()
        """Set when the block ends, for answers that hang until then."""
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop serving; answers that hang let go."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join()
