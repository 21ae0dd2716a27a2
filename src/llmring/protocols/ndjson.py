"""JSON lines: bytes cut anywhere in, one payload per line out; what a payload means is the frame's business."""

from __future__ import annotations

from llmring.protocols.framing import is_whole


class NdjsonDecoder:
    """Splits a body at line feeds alone: U+2028, U+2029 and U+0085 may stand inside JSON text."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        """Begin at the first byte of a body."""
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and give the lines they complete, in order; blank ones are dropped."""
        if b"\n" not in data:
            self._pieces.append(data)
            return []
        self._pieces.append(data)
        *lines, rest = b"".join(self._pieces).split(b"\n")
        self._pieces = [rest] if rest else []
        return [line for line in map(bytes.strip, lines) if line]

    def flush(self) -> list[bytes]:
        """Give the last line where the body ended without a line feed; one that was cut short is dropped."""
        line = b"".join(self._pieces).strip()
        self._pieces = []
        # What is no object was not cut short: it never was a line of a stream, and whoever reads it says so.
        return [line] if is_whole(line) or (line and not line.startswith(b"{")) else []
