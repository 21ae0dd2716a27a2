"""HTTP/1.1 as a client speaks it, between bytes and values (RFC 9112); who carries the bytes is the connection's business."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from llmring.protocols.http1_chunks import END_OF_HEAD, LONGEST_HEAD, Chunks, MalformedError

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATUS: Final = re.compile(r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([^\x00\r\n]*))?\r?\n")
_FIELD: Final = re.compile(r"(?m)^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00\r\n]*)\r?\n")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")

_TO_THE_END: Final = -1
"""Stands for the length of a body that ends with its connection."""
_BODILESS: Final = frozenset({204, 304})
_BLANK: Final = b"\r\n\r\n"
"""The end of a head as nearly everybody writes it."""
_DIGITS: Final = 20
"""Digits of a length; one of more is longer than any body."""


def request_head(method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Render all of a request's head but the empty line that ends it; *headers* hold no line breaks."""
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"%b %b HTTP/1.1\r\n%b" % (method, target, b"".join(lines))


class Answer:
    """Reads one response from bytes cut anywhere: first its head, then its body."""

    __slots__ = ("_bodiless", "_chunked", "_held", "_left", "fields", "keeps", "over", "reason", "status", "version")

    def __init__(self, *, bodiless: bool = False) -> None:
        """Begin; *bodiless* says that the request was one whose answer has no body (HEAD)."""
        self.status = 0
        """Zero until the head is there."""
        self.version = ""
        self.reason = ""
        self.fields: list[tuple[str, str]] = []
        """The headers in their order, as they were spelt."""
        self.keeps = False
        """Whether the connection may carry another exchange after this one."""
        self.over = False
        """Whether the body is complete."""
        self._bodiless = bodiless
        self._held = b""
        """What is not enough to be understood yet."""
        self._chunked: Chunks | None = None
        self._left = 0
        """Bytes of the body to come."""

    def feed(self, data: bytes) -> bytes:
        """Read *data*, empty at the connection's end, and give what it holds of the body.

        Raises:
            MalformedError: this is no HTTP/1.1, or the end came too early.

        """
        if not data:
            return self._end()
        if not self.status:
            data = self._head(self._held + data if self._held else data)
            if not data:
                return data
        return self._plain(data) if self._chunked is None else self._chunks(data, self._chunked)

    # --- head ------------------------------------------------------------------------------------

    def _head(self, data: bytes) -> bytes:
        """Read the head, informational ones before it too, and give what follows it."""
        while not self.status:
            end = data.find(_BLANK) + len(_BLANK)
            if end < len(_BLANK) or data.find(b"\n\n", 0, end) >= 0:
                found = END_OF_HEAD.search(data)
                end = 0 if found is None else found.end()
            if not end or end > LONGEST_HEAD:
                if len(data) > LONGEST_HEAD:
                    message = f"the head of the answer is longer than {LONGEST_HEAD} bytes"
                    raise MalformedError(message)
                self._held = data
                return b""
            self._understand(data[:end].decode("latin-1"))
            data = data[end:]
        self._held = b""
        return data

    def _understand(self, text: str) -> None:
        line = _STATUS.match(text)
        if line is None:
            message = f"the answer does not begin with a status line of HTTP/1.1: {text[:40]!r}"
            raise MalformedError(message)
        minor, status, reason = line.groups()
        fields = _fields(text, line.end())
        if status[0] == "1":
            if status == "101":
                message = "the server switched to a protocol that nobody asked for"
                raise MalformedError(message)
            return
        self.version, self.status, self.reason = f"HTTP/1.{minor}", int(status), reason or ""
        self.fields = fields
        self._frame(minor)

    def _frame(self, minor: str) -> None:
        """Find out how long the body is, and whether the connection lives on."""
        said = {"content-length": "", "transfer-encoding": "", "connection": ""}
        for name, value in self.fields:
            key = name.lower()
            if key in said:
                said[key] = f"{said[key]},{value}" if said[key] else value
        lengths, coding, wish = said.values()
        self.keeps = minor == "1" and (not wish or "close" not in _listed(wish.lower()))
        if self._bodiless or self.status in _BODILESS:
            self.over = True
        elif coding:
            if coding.lower() != "chunked":
                message = f"the body comes in a transfer coding that nobody asked for: {coding!r}"
                raise MalformedError(message)
            self._chunked = Chunks()
            self.keeps = self.keeps and not lengths
        elif lengths:
            self._left = _length(_listed(lengths))
            self.over = self._left == 0
        else:
            self._left, self.keeps = _TO_THE_END, False

    # --- body ------------------------------------------------------------------------------------

    def _plain(self, data: bytes) -> bytes:
        if self._left == _TO_THE_END:
            return data
        self._left -= len(data)
        if self._left <= 0:
            if self._left < 0:
                data = data[: self._left]
                self.keeps = False  # nobody asked for what follows
                self._left = 0
            self.over = True
        return data

    def _chunks(self, data: bytes, chunks: Chunks) -> bytes:
        piece = chunks.feed(data)
        if chunks.over:
            self.over = True
            self.keeps = self.keeps and not chunks.more
        return piece

    def _end(self) -> bytes:
        """Take the end of the connection."""
        if self.status and self._left == _TO_THE_END:
            self.over = True
        elif not self.status:
            message = "the server hung up in the midst of a head" if self._held else "the server hung up without an answer"
            raise MalformedError(message)
        elif not self.over:
            missing = f"{self._left} bytes too early" if self._chunked is None else "in the midst of its chunks"
            message = f"the server hung up before the body was complete: {missing}"
            raise MalformedError(message)
        self.keeps = False
        return b""


def _fields(text: str, at: int) -> list[tuple[str, str]]:
    """Read the headers in *text* from *at* to its empty line."""
    found = _FIELD.findall(text, at)
    if len(found) != text.count("\n", at) - 1:
        if (unfolded := _FOLD.sub(" ", text[at:])) != text[at:]:
            return _fields(unfolded, 0)
        message = "the head of the answer has a line that is no header"
        raise MalformedError(message)
    return [(name, value.strip(" \t")) for name, value in found]


def _listed(value: str) -> set[str]:
    """Give the different members of a list in a header."""
    return {each.strip(" \t") for each in value.split(",")}


def _length(lengths: set[str]) -> int:
    """Read a body's length; repeating it is allowed, contradicting it is not."""
    one = next(iter(lengths))
    if len(lengths) > 1 or not (one.isascii() and one.isdigit()) or len(one) > _DIGITS:
        message = f"the body's length is unclear: {', '.join(sorted(lengths))[:80]!r}"
        raise MalformedError(message)
    return int(one)
