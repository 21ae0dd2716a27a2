"""Counting the pages of a PDF by its page tree."""

from __future__ import annotations

import zlib

import pytest

from llmring._core.pdf import pages

TREE = b"2 0 obj\n<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 120 >>\nendobj"


def packed(inner: bytes) -> bytes:
    """Give a PDF whose objects are packed into a stream, as most are since version 1.5."""
    return (
        b"%PDF-1.5\n7 0 obj\n<</Type/ObjStm/N 3/First 18/Filter/FlateDecode/Length 99>>\nstream\r\n" + zlib.compress(inner) + b"\nendstream"
    )


@pytest.mark.parametrize(
    "data, count",
    [
        (b"%PDF-1.4\n" + TREE, 120),
        (b"%PDF-1.4\n<</Count 7/Kids[3 0 R]/Type/Pages>>", 7),
        (b"%PDF-1.4\n<</Type/Pages/Parent 1 0 R/Count 60>>" + TREE, 120),
        (b"%PDF-1.4\n<</Type/Outlines/Count 900>>" + TREE, 120),
        (packed(TREE), 120),
        (packed(b"<</Type/Page>>"), None),
        (packed(TREE).replace(b"stream\r\n\x78", b"stream\r\nx"), 120),
        (b"%PDF-1.5\n<</Type/ObjStm>>\nstream\nencrypted", None),
        (b"%PDF-1.4 hello", None),
    ],
)
def test_counts_pages(data: bytes, count: int | None) -> None:
    """The root of the tree counts all; what cannot be read is not known."""
    assert pages(data) == count
