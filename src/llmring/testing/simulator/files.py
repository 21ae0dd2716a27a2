"""Uploaded files: keep them, and serve the file endpoints of OpenAI, Anthropic and Gemini."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator.multipart import parts_of
from llmring.testing.simulator.reading import compact, obj
from llmring.testing.simulator.values import RejectedError, Reply

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Call, Family, JsonObject
    from llmring.testing.simulator.world import World

__all__ = ["FileStore", "content", "delete", "get", "listing", "start_upload", "upload"]

_LIFETIME: Final = 48 * 3600
"""How long Gemini keeps a file, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    id: str
    name: str
    mime: str
    data: bytes
    purpose: str
    at: float


class FileStore:
    """The files of one provider; ids depend on content and order alone."""

    def __init__(self, family: Family) -> None:
        """Begin empty."""
        self.family = family
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._uploads: dict[str, JsonObject] = {}
        self._count = 0

    def add(self, name: str, mime: str, data: bytes, purpose: str = "") -> _Kept:
        """Keep *data* under a new id."""
        prefix = {"openai": "file-", "anthropic": "file_011C"}.get(self.family, "")
        with self._lock:
            self._count += 1
            mark = hashlib.sha256(data + str(self._count).encode()).hexdigest()
            kept = _Kept(id=prefix + mark[: 22 if prefix else 12], name=name, mime=mime, data=data, purpose=purpose, at=time.time())
            self._kept[kept.id] = kept
        return kept

    def find(self, name: str) -> _Kept:
        """Give the file called *name*, or refuse."""
        with self._lock:
            kept = self._kept.get(name)
        if kept is None:
            if self.family == "gemini":
                raise RejectedError(403, f"You do not have permission to access the File {name} or it may not exist.")
            raise RejectedError(404, f"No such File object: {name}", "", "id")
        return kept

    def drop(self, name: str) -> None:
        """Forget the file called *name*, or refuse."""
        self.find(name)
        with self._lock:
            self._kept.pop(name, None)

    def all(self) -> list[_Kept]:
        """Give all files, the newest first."""
        with self._lock:
            return list(self._kept.values())[::-1]

    def begin(self, about: JsonObject) -> str:
        """Open a resumable upload and name it."""
        with self._lock:
            self._count += 1
            name = hashlib.sha256(f"upload{self._count}".encode()).hexdigest()[:24]
            self._uploads[name] = {**about, "data": b""}
        return name

    def extend(self, name: str, data: bytes) -> JsonObject:
        """Add *data* to the upload called *name* and give all that is known of it."""
        with self._lock:
            if name not in self._uploads:
                raise RejectedError(404, f"Upload {name} not found")
            self._uploads[name]["data"] += data
            return self._uploads[name]


def upload(call: Call, world: World) -> Reply:
    """Serve a multipart upload of any provider."""
    fields = parts_of(call.headers.get("content-type", ""), call.raw)
    store = world.files[call.family]
    if call.family == "gemini":
        about, data = (fields + [("", {}, b"")] * 2)[:2]
        told = obj(obj(json.loads(about[2] or b"{}")).get("file"))
        kept = store.add(str(told.get("displayName", "")), data[1].get("content-type", "application/octet-stream"), data[2])
        return Reply(body=compact({"file": _shown(kept, call)}).encode())
    by_name = {name: (headers, data) for name, headers, data in fields}
    if "file" not in by_name:
        raise RejectedError(400, "'file' is a required property", "", "file")
    if call.family == "openai" and "purpose" not in by_name:
        raise RejectedError(400, "'purpose' is a required property", "", "purpose")
    headers, data = by_name["file"]
    purpose = by_name["purpose"][1].decode() if "purpose" in by_name else ""
    kept = store.add(headers.get("filename", "upload"), headers.get("content-type", "application/octet-stream"), data, purpose)
    return Reply(body=compact(_shown(kept, call)).encode())


def start_upload(call: Call, world: World) -> Reply:
    """Serve every upload to Gemini: the opening of a resumable one here, its pieces and multipart ones further on."""
    if "upload_id" in call.query:
        return _resume(call, world)
    if call.headers.get("x-goog-upload-protocol") != "resumable":
        return upload(call, world)
    told = {**obj(call.body.get("file")), "mime": call.headers.get("x-goog-upload-header-content-type", "application/octet-stream")}
    name = world.files["gemini"].begin(told)
    where = f"{call.url}/upload/v1beta/files?upload_id={name}&upload_protocol=resumable"
    return Reply(headers={"x-goog-upload-url": where, "x-goog-upload-status": "active"}, body=b"{}")


def _resume(call: Call, world: World) -> Reply:
    store = world.files["gemini"]
    held = store.extend(call.query["upload_id"], call.raw)
    if "finalize" not in call.headers.get("x-goog-upload-command", ""):
        return Reply(headers={"x-goog-upload-status": "active"}, body=b"{}")
    mime = str(held.get("mimeType") or held.get("mime_type") or held["mime"])
    kept = store.add(str(held.get("displayName") or held.get("display_name") or ""), mime, held["data"])
    return Reply(headers={"x-goog-upload-status": "final"}, body=compact({"file": _shown(kept, call)}).encode())


def listing(call: Call, world: World) -> Reply:
    """Serve the list of files."""
    shown = [_shown(kept, call) for kept in world.files[call.family].all()]
    if call.family == "gemini":
        return Reply(body=compact({"files": shown} if shown else {}).encode())
    ends = {"first_id": shown[0]["id"] if shown else None, "last_id": shown[-1]["id"] if shown else None, "has_more": False}
    return Reply(body=compact({"data": shown, **ends, **({"object": "list"} if call.family == "openai" else {})}).encode())


def get(call: Call, world: World) -> Reply:
    """Serve what is known of a file."""
    return Reply(body=compact(_shown(world.files[call.family].find(_name(call)), call)).encode())


def content(call: Call, world: World) -> Reply:
    """Serve the bytes of a file; those that were uploaded to Anthropic cannot be had back."""
    kept = world.files[call.family].find(call.path.rsplit("/", 2)[-2])
    if call.family == "anthropic":
        raise RejectedError(400, f"File '{kept.id}' is not downloadable")
    return Reply(headers={"content-type": "application/octet-stream"}, body=kept.data)


def delete(call: Call, world: World) -> Reply:
    """Serve the deletion of a file."""
    name = _name(call)
    world.files[call.family].drop(name)
    told: dict[Family, JsonObject] = {
        "openai": {"id": name, "object": "file", "deleted": True},
        "anthropic": {"id": name, "type": "file_deleted"},
    }
    return Reply(body=compact(told.get(call.family, {})).encode())


def _name(call: Call) -> str:
    return call.path.rsplit("/", 1)[-1]


def _shown(kept: _Kept, call: Call) -> JsonObject:
    made = datetime.fromtimestamp(kept.at, UTC)
    stamp = made.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    match call.family:
        case "openai":
            sizes = {"bytes": len(kept.data), "created_at": int(kept.at), "expires_at": None}
            return {"object": "file", "id": kept.id, "purpose": kept.purpose, "filename": kept.name, **sizes, "status": "processed"}
        case "anthropic":
            about = {"size_bytes": len(kept.data), "created_at": stamp, "mime_type": kept.mime, "downloadable": False}
            return {"type": "file", "id": kept.id, "filename": kept.name, **about}
        case _:
            digest = base64.b64encode(hashlib.sha256(kept.data).hexdigest().encode()).decode()
            ends = datetime.fromtimestamp(kept.at + _LIFETIME, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            times = {"createTime": stamp, "updateTime": stamp, "expirationTime": ends}
            named = {"displayName": kept.name} if kept.name else {}
            about = {"mimeType": kept.mime, "sizeBytes": str(len(kept.data)), **times, "sha256Hash": digest}
            where = {"uri": f"{call.url}/v1beta/files/{kept.id}", "state": "ACTIVE", "source": "UPLOADED"}
            return {"name": f"files/{kept.id}", **named, **about, **where}
