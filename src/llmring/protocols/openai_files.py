"""OpenAI's files API: upload, look up, delete; which requests name a file is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from llmring._core.http import HttpCall
from llmring._core.uploads import Received
from llmring.exceptions import InvalidRequestError
from llmring.protocols.framing import whole
from llmring.protocols.reading import text_of
from llmring.protocols.uploading import IMAGES, misread, moment, multipart

if TYPE_CHECKING:
    from llmring._core.http import HttpReply

_HEARD_OR_SEEN: Final = frozenset({"audio", "video"})
_ABSENT: Final = 404


def taken(media_type: str) -> str | None:
    """Give the media type as which a file of *media_type* is uploaded, None where the Responses API takes none such.

    Documents are told apart by their names; which of them it reads is the API's to say.
    """
    family = media_type.partition("/")[0]
    if family in _HEARD_OR_SEEN or (family == "image" and media_type not in IMAGES and media_type != "image/svg+xml"):
        return None
    return media_type


def encode_upload(name: str, media_type: str, data: bytes, digest: str) -> HttpCall:
    """Render *data*, whose SHA-256 is *digest*, for ``POST /files`` (docs: Files, upload)."""
    purpose = "vision" if media_type in IMAGES else "user_data"
    return multipart("/files", {"purpose": purpose}, name, media_type, (data, digest))


def encode_rest(reply: HttpReply, base_url: str, data: bytes) -> HttpCall | None:
    """Give the call that has to follow the first of an upload: none."""
    return None


def decode_upload(reply: HttpReply) -> Received:
    """Read what is known of a file.

    Raises:
        ProviderResponseError: the reply describes no file.
        InvalidRequestError: OpenAI cannot use the file.

    """
    body = whole(reply)
    file_id = text_of(body.get("id"))
    if file_id is None:
        raise misread("id", reply, body)
    if body.get("status") == "error":
        told = text_of(body.get("status_details")) or "no reason is given"
        raise InvalidRequestError(f"the file cannot be used: {told}", status_code=reply.status, body=body)
    return Received(file_id=file_id, expires=moment(body.get("expires_at")))


def encode_get(file_id: str) -> HttpCall:
    """Ask for what is known of a file (docs: Files, retrieve)."""
    return HttpCall("GET", f"/files/{quote(file_id, safe='', errors='replace')}")


def encode_delete(file_id: str) -> HttpCall:
    """Ask to delete a file (docs: Files, delete)."""
    return HttpCall("DELETE", f"/files/{quote(file_id, safe='', errors='replace')}")


def gone(reply: HttpReply) -> bool:
    """Tell whether *reply*, to a deletion, says that there is no such file."""
    return reply.status == _ABSENT
