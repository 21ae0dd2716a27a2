"""A stream that sends the head of a request together with its body; what carries the bytes is its heirs' business."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from llmring._io.wire_errors import WriteError

if TYPE_CHECKING:
    import ssl

_HEAD_END: Final = b"\r\n\r\n"


class GatheringStream(ABC):
    """Sends the head of a request together with its body, in one packet where they fit."""

    def __init__(self, *, gather: bool) -> None:
        """Hold heads back if *gather*; HTTP/2, whose frames mean something else, does not want that."""
        self.gather = gather
        self._held = b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of *buffer*, except that a request's head waits for what follows it."""
        if not buffer:
            return
        if self._held:
            buffer, self._held = self._held + buffer, b""
        elif self.gather and buffer.endswith(_HEAD_END):
            self._held = buffer
            return
        self._send(buffer, timeout)

    def _release(self, timeout: float | None) -> None:
        """Send a head that nothing followed."""
        buffer, self._held = self._held, b""
        # A server may have answered and closed before it read everything: then its answer is what counts.
        with contextlib.suppress(WriteError):
            self._send(buffer, timeout)

    @abstractmethod
    def _send(self, buffer: bytes, timeout: float | None) -> None:
        """Send all of *buffer*."""

    @abstractmethod
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for bytes and give at most *max_bytes* of them; none at the end."""

    @abstractmethod
    def close(self) -> None:
        """Hang up."""

    @abstractmethod
    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> GatheringStream:
        """Speak TLS from here on."""

    @abstractmethod
    def get_extra_info(self, info: str) -> object:
        """Answer what a pool asks of a connection."""
