"""What uploads to any provider have in common: multipart bodies, and moments as providers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from llmring._core.http import HttpCall
from llmring.exceptions import ProviderResponseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._core.http import HttpReply

IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""The pictures that every model with eyes takes."""
TEXT: Final = "text/plain"

_ENDLESS: Final = 1e12
"""Seconds of Unix time that nobody waits for."""
_ESCAPED: Final = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


def multipart(path: str, fields: Mapping[str, str], name: str, media_type: str, content: tuple[bytes, str]) -> HttpCall:
    """Render a form of *fields* and a file, *content* being its bytes and their SHA-256 (RFC 7578).

    The boundary comes from the digest, so equal files give equal bodies, and none holds its own.
    """
    data, digest = content
    boundary = f"llmring-{digest[:48]}"
    mark = f"--{boundary}\r\ncontent-disposition: form-data; name="
    head = "".join(f'{mark}"{field}"\r\n\r\n{value}\r\n' for field, value in fields.items())
    head += f'{mark}"file"; filename="{name.translate(_ESCAPED)}"\r\ncontent-type: {media_type}\r\n\r\n'
    body = b"".join((head.encode(errors="replace"), data, f"\r\n--{boundary}--\r\n".encode()))
    return HttpCall("POST", path, body, {"content-type": f"multipart/form-data; boundary={boundary}"})


def moment(told: Any) -> float | None:
    """Read a moment, seconds of Unix time or RFC 3339; None where there is none."""
    if type(told) is int or isinstance(told, float):
        return float(told) if abs(told) < _ENDLESS else None
    try:
        when = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    if when is None:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def misread(what: str, reply: HttpReply, body: Any) -> ProviderResponseError:
    """Make the error for a *reply* that does not say *what* it should."""
    return ProviderResponseError(f"the answer to an upload has no {what}", status_code=reply.status, body=body)
