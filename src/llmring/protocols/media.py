"""Bytes, data URLs and media types of attachments, as JSON bodies need them; reading files is done elsewhere."""

from __future__ import annotations

import base64

from llmring._core.media_types import media_type
from llmring.exceptions import InvalidMessageError

__all__ = ["base64_text", "data_url", "media_type"]


def base64_text(data: bytes) -> str:
    """Give *data* as base64 text."""
    return base64.b64encode(data).decode("ascii")


def data_url(url: str) -> tuple[str | None, str] | None:
    """Take a ``data:`` *url* apart into media type and base64 text; None for an address.

    Raises:
        InvalidMessageError: it is a data URL without data.

    """
    if not url.startswith("data:"):
        return None
    head, comma, data = url[5:].partition(",")
    if not comma:
        message = "a data: URL must be data:<media type>;base64,<data>"
        raise InvalidMessageError(message, path="url")
    kind, *parameters = head.split(";")
    if "base64" in parameters:
        return kind or None, data
    from urllib.parse import unquote_to_bytes

    return kind or "text/plain", base64_text(unquote_to_bytes(data))
