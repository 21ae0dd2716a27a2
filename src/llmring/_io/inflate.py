"""Undo gzip and deflate as bytes arrive, never giving out more than a limit."""

from __future__ import annotations

import zlib
from typing import Final

from llmring.exceptions import ProviderResponseError

ACCEPTED: Final = b"gzip, deflate"
"""What a whole answer may be packed in; the two that the standard library unpacks."""
_AUTO: Final = 47
"""zlib's window bits for *gzip or zlib, look for yourself*."""
_RAW: Final = -15
"""The same for deflate without a header, which some servers send."""
_TELLING: Final = 2
"""Bytes by which the headers are told apart."""


class Inflater:
    """Decompresses one body piece by piece; *limit* bounds the sum of what it gives out."""

    __slots__ = ("_begun", "_foreign", "_head", "_left", "_limit", "_unpacker")

    def __init__(self, encoding: str, limit: int) -> None:
        """Prepare for one content-*encoding*."""
        self._foreign = None if encoding in {"gzip", "x-gzip", "deflate"} else encoding
        self._unpacker = zlib.decompressobj(_AUTO)
        self._limit = self._left = limit
        self._head = b""
        self._begun = False

    def feed(self, packed: bytes) -> bytes:
        """Unpack what *packed* completes.

        Raises:
            ProviderResponseError: it cannot be unpacked, or holds more than the limit; said only here, where whoever reads closes.

        """
        if self._foreign is not None:
            raise ProviderResponseError(f"The answer is packed as {self._foreign!r}, which was not asked for and cannot be read.")
        try:
            plain = self._unpack(packed)
        except zlib.error as error:
            raise ProviderResponseError(f"The answer's compression is broken: {error}.") from error
        self._left -= len(plain)
        if self._left < 0:
            raise too_large(self._limit)
        return plain

    def _unpack(self, packed: bytes) -> bytes:
        if self._begun:
            return self._unpacker.decompress(packed, self._left + 1)
        self._head += packed
        if len(self._head) < _TELLING:
            return b""
        self._begun = True
        try:
            return self._unpacker.decompress(self._head, self._left + 1)
        except zlib.error:
            self._unpacker = zlib.decompressobj(_RAW)
            return self._unpacker.decompress(self._head, self._left + 1)

    def finish(self) -> None:
        """Complain about a body that ended before its compression did."""
        if self._head and not self._unpacker.eof:
            raise ProviderResponseError("The answer's compressed body ends early.")


def too_large(limit: int) -> ProviderResponseError:
    """Make the error for an answer of more than *limit* bytes."""
    return ProviderResponseError(f"The answer is larger than {limit:,} bytes (max_response_bytes).")
