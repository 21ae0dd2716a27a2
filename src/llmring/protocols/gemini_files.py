"""Gemini's files API: resumable upload in two calls, look up, delete; which requests name a file is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from llmring._core.file_parts import kind_of
from llmring._core.http import HttpCall
from llmring._core.uploads import Received
from llmring.exceptions import InvalidRequestError
from llmring.protocols.framing import whole
from llmring.protocols.gemini_errors import decode_error
from llmring.protocols.reading import object_of, text_of
from llmring.protocols.uploading import TEXT, misread, moment

if TYPE_CHECKING:
    from llmring._core.http import HttpReply

_LONGEST_NAME: Final = 512
_FORBIDDEN: Final = 403
_ABSENT: Final = 404
_WAITING: Final = frozenset({"PROCESSING", "STATE_UNSPECIFIED"})


def taken(media_type: str) -> str | None:
    """Give the media type as which a file of *media_type* is uploaded; text that is none by its name is plain text."""
    return TEXT if kind_of(media_type) == "text" and not media_type.startswith("text/") else media_type


def encode_upload(name: str, media_type: str, data: bytes, digest: str) -> HttpCall:
    """Announce *data* by ``POST /upload/v1beta/files`` (docs: Files, upload, resumable)."""
    headers = {
        "x-goog-upload-protocol": "resumable",
        "x-goog-upload-command": "start",
        "x-goog-upload-header-content-length": str(len(data)),
        "x-goog-upload-header-content-type": media_type,
    }
    return HttpCall("POST", "/upload/v1beta/files", {"file": {"displayName": name[:_LONGEST_NAME]}}, headers)


def encode_rest(reply: HttpReply, base_url: str, data: bytes) -> HttpCall | None:
    """Send *data* to where the *reply* to the announcement says, at the host of *base_url*: the key goes nowhere else.

    Raises:
        ProviderResponseError: the reply says nowhere.

    """
    where = reply.headers.get("x-goog-upload-url", "")
    path = where.removeprefix(base_url) if where.startswith(f"{base_url}/") else _path(where)
    if not path:
        raise misread("x-goog-upload-url", reply, reply.body.decode(errors="replace"))
    headers = {"content-type": "application/octet-stream", "x-goog-upload-offset": "0", "x-goog-upload-command": "upload, finalize"}
    return HttpCall("POST", path, data, headers)


def _path(url: str) -> str:
    """Give path and query of *url*; "" where it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.path.startswith("/") else ""


def decode_upload(reply: HttpReply) -> Received:
    """Read what is known of a file; one that is still being processed is not ready.

    Raises:
        ProviderResponseError: the reply describes no file.
        InvalidRequestError: Gemini could not process the file.

    """
    body = whole(reply)
    file = object_of(body.get("file", body))
    name = text_of(file.get("name"))
    if name is None:
        raise misread("name", reply, body)
    state = text_of(file.get("state"))
    if state == "FAILED":
        told = text_of(object_of(file.get("error")).get("message")) or "no reason is given"
        raise InvalidRequestError(f"{name} could not be processed: {told}", status_code=reply.status, body=body)
    return Received(file_id=name, uri=text_of(file.get("uri")), expires=moment(file.get("expirationTime")), ready=state not in _WAITING)


def encode_get(file_id: str) -> HttpCall:
    """Ask for what is known of the file ``files/…`` (docs: Files, get)."""
    return HttpCall("GET", f"/v1beta/{quote(file_id, errors='replace')}")


def encode_delete(file_id: str) -> HttpCall:
    """Ask to delete the file ``files/…`` (docs: Files, delete)."""
    return HttpCall("DELETE", f"/v1beta/{quote(file_id, errors='replace')}")


def gone(reply: HttpReply) -> bool:
    """Tell whether *reply*, to a deletion, says that there is no such file; Gemini calls that forbidden."""
    return reply.status == _ABSENT or (reply.status == _FORBIDDEN and "not exist" in decode_error(reply).message)
