"""The chunked transfer coding of HTTP/1.1 (RFC 9112, section 7.1), from bytes cut anywhere."""

from __future__ import annotations

import re
from typing import Final

LONGEST_HEAD: Final = 100 * 1024
"""Bytes that a head, or the trailers of a body, may have."""
END_OF_HEAD: Final = re.compile(rb"\n\r?\n")

_LONGEST_SIZE: Final = 4 * 1024
"""Bytes that the line before a chunk may have, extensions included."""
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\x00\r\n]*)?\r?\n")
_RETURN: Final = ord("\r")


class MalformedError(ValueError):
    """What arrived is no HTTP/1.1, or ended too early."""


def chunk(piece: bytes) -> bytes:
    """Frame *piece* of a body whose length is not known beforehand; an empty one ends it."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


class Chunks:
    """Takes the content out of a chunked body."""

    __slots__ = ("_held", "_left", "_trailing", "more", "over")

    def __init__(self) -> None:
        """Begin before the first chunk."""
        self.over = False
        """Whether the body is complete."""
        self.more = False
        """Whether something followed it that does not belong to it."""
        self._held = b""
        """What is not enough to be understood yet."""
        self._left = 0
        """Bytes to come of the chunk at hand, the line break after it included."""
        self._trailing = False

    def feed(self, data: bytes) -> bytes:
        """Give the content of all chunks that have come, in one piece.

        Raises:
            MalformedError: these are no chunks.

        """
        if self._held:
            data, self._held = self._held + data, b""
        if self._trailing:
            self._end(data, 0)
            return b""
        pieces: list[bytes] = []
        at = 0
        while (start := self._begin(data, at)) is not None:
            at = start + self._left
            if at > len(data):
                self._part(data, start, pieces)
                break
            if data[at - 2 : at] != b"\r\n":
                message = "a chunk of the body does not end where it should"
                raise MalformedError(message)
            pieces.append(data[start : at - 2])
            self._left = 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _begin(self, data: bytes, at: int) -> int | None:
        """Read a chunk's size, unless one is at hand, and give where its content begins; None where there is no more."""
        if self._left:
            return at
        size = _SIZE.match(data, at)
        if size is None:
            self._wait(data[at:])
            return None
        length = int(size[1], 16)
        if not length:
            self._end(data, size.end())
            return None
        self._left = length + 2
        return size.end()

    def _part(self, data: bytes, at: int, pieces: list[bytes]) -> None:
        """Take what has come of a chunk."""
        content = min(len(data) - at, self._left - 2)
        if content > 0:
            pieces.append(data[at : at + content])
            at += content
            self._left -= content
        self._held = data[at:]

    def _wait(self, line: bytes) -> None:
        """Keep the beginning of a line that tells a chunk's size."""
        if b"\n" in line or len(line) > _LONGEST_SIZE:
            message = f"this is no size of a chunk: {line[:40]!r}"
            raise MalformedError(message)
        self._held = line

    def _end(self, data: bytes, at: int) -> None:
        """Pass over what may follow the last chunk, to the empty line that ends the body."""
        if data.startswith((b"\r\n", b"\n"), at):
            end = at + (2 if data[at] == _RETURN else 1)
        elif (found := END_OF_HEAD.search(data, at)) is not None:
            end = found.end()
        elif len(data) - at > LONGEST_HEAD:
            message = f"the trailers of the body are longer than {LONGEST_HEAD} bytes"
            raise MalformedError(message)
        else:
            self._trailing, self._held = True, data[at:]
            return
        self.over, self.more = True, end < len(data)
