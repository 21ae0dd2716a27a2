"""Attachments are known by their first bytes, and data URLs come apart."""

from __future__ import annotations

import pytest

from llmring.exceptions import InvalidMessageError
from llmring.protocols.media import base64_text, data_url, media_type


@pytest.mark.parametrize(
    "data, kind",
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"RIFF....WAVEfmt ", "audio/wav"),
        (b"RIFF....????", None),
        (b"%PDF-1.7", "application/pdf"),
        (b"ID3\x04", "audio/mpeg"),
        (b"....ftypisom", "video/mp4"),
        (b"....ftypheic", "image/heic"),
        (b"plain", None),
        (b"", None),
    ],
)
def test_beginnings_tell(data: bytes, kind: str | None) -> None:
    """Each kind of file begins in its own way."""
    assert media_type(data) == kind


@pytest.mark.parametrize(
    "url, parts",
    [
        ("https://a/b", None),
        ("data:image/png;base64,AAAA", ("image/png", "AAAA")),
        ("data:text/plain;charset=utf-8;base64,AAAA", ("text/plain", "AAAA")),
        ("data:;base64,AAAA", (None, "AAAA")),
        ("data:,a%20b", ("text/plain", base64_text(b"a b"))),
    ],
)
def test_data_urls_come_apart(url: str, parts: tuple[str | None, str] | None) -> None:
    """The data is base64 in the end, whatever it was."""
    assert data_url(url) == parts


def test_a_data_url_has_data() -> None:
    """Without a comma there is none."""
    with pytest.raises(InvalidMessageError, match="data:"):
        data_url("data:image/png")
