"""Anthropic's files API: upload, look up, delete; which requests name a file is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from llmring._core.file_parts import kind_of
from llmring._core.http import HttpCall
from llmring._core.media_types import PDF
from llmring._core.uploads import Received
from llmring.protocols.framing import whole
from llmring.protocols.reading import text_of
from llmring.protocols.uploading import IMAGES, TEXT, misread, moment, multipart

if TYPE_CHECKING:
    from llmring._core.http import HttpReply

_ABSENT: Final = 404


def taken(media_type: str) -> str | None:
    """Give the media type as which a file of *media_type* is uploaded, None where messages take none such.

    Of documents they take PDF and plain text, which is what CSV, JSON and the like are too (docs: Files API, file types).
    """
    if kind_of(media_type) == "text":
        return TEXT
    return media_type if media_type == PDF or media_type in IMAGES else None


def encode_upload(name: str, media_type: str, data: bytes, digest: str) -> HttpCall:
    """Render *data*, whose SHA-256 is *digest*, for ``POST /v1/files`` (docs: Files, upload); no beta header is needed."""
    return multipart("/v1/files", {}, name, media_type, (data, digest))


def encode_rest(reply: HttpReply, base_url: str, data: bytes) -> HttpCall | None:
    """Give the call that has to follow the first of an upload: none."""
    return None


def decode_upload(reply: HttpReply) -> Received:
    """Read what is known of a file.

    Raises:
        ProviderResponseError: the reply describes no file.

    """
    body = whole(reply)
    file_id = text_of(body.get("id"))
    if file_id is None:
        raise misread("id", reply, body)
    return Received(file_id=file_id, expires=moment(body.get("expires_at")))


def encode_get(file_id: str) -> HttpCall:
    """Ask for what is known of a file (docs: Files, get metadata)."""
    return HttpCall("GET", f"/v1/files/{quote(file_id, safe='', errors='replace')}")


def encode_delete(file_id: str) -> HttpCall:
    """Ask to delete a file (docs: Files, delete)."""
    return HttpCall("DELETE", f"/v1/files/{quote(file_id, safe='', errors='replace')}")


def gone(reply: HttpReply) -> bool:
    """Tell whether *reply*, to a deletion, says that there is no such file."""
    return reply.status == _ABSENT
