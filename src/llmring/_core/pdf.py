"""Count the pages of a PDF, as far as its page tree can be read; nothing else of it is understood."""

from __future__ import annotations

import re
import zlib
from typing import Final

_TREE: Final = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d{1,7})|/Count\s+(\d{1,7})\b[^>]*?/Type\s*/Pages\b")
_PACKED: Final = re.compile(rb"/Type\s*/ObjStm\b[^>]*>>\s*stream\r?\n")
_MOST: Final = 4 * 1024 * 1024
"""Bytes that are unpacked of one stream."""
LEAST: Final = 60
"""Bytes that a page takes at least, with its entry in the page tree."""


def pages(data: bytes) -> int | None:
    """Count the pages of the PDF in *data*; None where its page tree is encrypted or otherwise hidden."""
    counts = [_count(found) for found in _TREE.finditer(data)]
    if not counts:
        counts = [_count(found) for packed in _PACKED.finditer(data) for found in _TREE.finditer(_unpacked(data, packed.end()))]
    return max(counts, default=None)


def _count(found: re.Match[bytes]) -> int:
    return int(found[1] or found[2])


def _unpacked(data: bytes, start: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(memoryview(data)[start:], _MOST)
    except zlib.error:
        return b""
