"""The files APIs of OpenAI, Anthropic and Google: what is asked, what is understood, and what providers really said."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from llmring._core.http import HttpCall, HttpReply
from llmring._core.uploads import Received
from llmring.exceptions import InvalidRequestError, ProviderResponseError
from llmring.protocols import anthropic_files, gemini_files, openai_files
from llmring.protocols.uploading import moment, multipart
from tests.protocols.wire import WIRE

if TYPE_CHECKING:
    from types import ModuleType

DIGEST = "9f" * 32
GEMINI = "https://generativelanguage.googleapis.com"
ALL = [openai_files, anthropic_files, gemini_files]


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpReply:
    """Answer with *body*."""
    return HttpReply(status, headers or {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def named(module: ModuleType) -> str:
    """Name the test of *module*."""
    return module.__name__.rpartition(".")[2]


# --- uploads ---------------------------------------------------------------------------------------


def test_a_form_is_the_same_for_the_same_file() -> None:
    """Fields, then the file; the boundary comes from the content."""
    call = multipart("/files", {"purpose": "vision"}, "a.png", "image/png", (b"\x00\xff", DIGEST))
    assert call.headers == {"content-type": f"multipart/form-data; boundary=llmring-{DIGEST[:48]}"}
    mark = b"--llmring-" + DIGEST[:48].encode()
    assert call.body == (
        mark + b'\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nvision\r\n'
        + mark + b'\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n\x00\xff\r\n'
        + mark + b"--\r\n"
    )  # fmt: skip


@pytest.mark.parametrize("name,told", [('a"b.txt', "a%22b.txt"), ("a\r\nb", "a%0D%0Ab"), ("zürich.txt", "zürich.txt"), ("\udcff", "?")])
def test_names_cannot_break_a_form(name: str, told: str) -> None:
    """Quotes and line ends are escaped as browsers do; other letters are UTF-8."""
    body = multipart("/files", {}, name, "text/plain", (b"", DIGEST)).body
    assert isinstance(body, bytes)
    assert f'filename="{told}"\r\n'.encode() in body


@pytest.mark.parametrize(
    "told,seconds",
    [
        (1769149768, 1769149768.0),
        (1.5, 1.5),
        ("2025-11-06T03:56:33Z", 1762401393.0),
        ("2025-09-14T16:18:57.676358056Z", 1757866737.676358),
        ("2025-11-06T03:56:33", 1762401393.0),
        (None, None),
        (True, None),
        ("soon", None),
    ],
)
def test_moments(told: Any, seconds: float | None) -> None:
    """As OpenAI, Anthropic and Google write them."""
    assert moment(told) == seconds


@pytest.mark.parametrize(
    "module,media_type,told",
    [
        (openai_files, "application/pdf", "application/pdf"),
        (openai_files, "text/csv", "text/csv"),
        (openai_files, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ...),
        (openai_files, "image/png", "image/png"),
        (openai_files, "image/svg+xml", "image/svg+xml"),
        (openai_files, "image/tiff", None),
        (openai_files, "audio/wav", None),
        (openai_files, "video/mp4", None),
        (anthropic_files, "application/pdf", "application/pdf"),
        (anthropic_files, "text/csv", "text/plain"),
        (anthropic_files, "application/json", "text/plain"),
        (anthropic_files, "image/svg+xml", "text/plain"),
        (anthropic_files, "image/webp", "image/webp"),
        (anthropic_files, "image/tiff", None),
        (anthropic_files, "application/zip", None),
        (gemini_files, "application/pdf", "application/pdf"),
        (gemini_files, "text/csv", "text/csv"),
        (gemini_files, "application/json", "text/plain"),
        (gemini_files, "image/heic", "image/heic"),
        (gemini_files, "audio/mpeg", "audio/mpeg"),
    ],
)
def test_what_is_taken_and_as_what(module: Any, media_type: str, told: Any) -> None:
    """Text of any kind is plain text where only that is known; what no model takes is not uploaded."""
    assert module.taken(media_type) == (media_type if told is ... else told)


@pytest.mark.parametrize("media_type,purpose", [("image/png", "vision"), ("application/pdf", "user_data"), ("text/csv", "user_data")])
def test_openai_is_told_what_for(media_type: str, purpose: str) -> None:
    """Pictures are to be seen."""
    call = openai_files.encode_upload("a", media_type, b"x", DIGEST)
    assert (call.method, call.path) == ("POST", "/files")
    assert f'name="purpose"\r\n\r\n{purpose}\r\n'.encode() in bytes(call.body)  # type: ignore[arg-type]
    assert openai_files.encode_rest(reply({}), GEMINI, b"x") is None


def test_anthropic_is_given_the_file_alone() -> None:
    """In one call, without a beta header."""
    call = anthropic_files.encode_upload("a", "text/plain", b"x", DIGEST)
    assert (call.method, call.path, list(call.headers)) == ("POST", "/v1/files", ["content-type"])
    assert anthropic_files.encode_rest(reply({}), GEMINI, b"x") is None


def test_google_is_told_first_and_given_then() -> None:
    """A resumable upload in one piece."""
    call = gemini_files.encode_upload("a" * 600, "text/csv", b"1,2", DIGEST)
    assert (call.method, call.path, call.body) == ("POST", "/upload/v1beta/files", {"file": {"displayName": "a" * 512}})
    assert call.headers == {
        "x-goog-upload-protocol": "resumable",
        "x-goog-upload-command": "start",
        "x-goog-upload-header-content-length": "3",
        "x-goog-upload-header-content-type": "text/csv",
    }


@pytest.mark.parametrize(
    "url,base_url",
    [
        (f"{GEMINI}/upload/v1beta/files?upload_id=1", GEMINI),
        (f"{GEMINI}/upload/v1beta/files?upload_id=1", "https://proxy/google"),
        ("https://proxy/google/upload/v1beta/files?upload_id=1", "https://proxy/google"),
    ],
)
def test_bytes_go_to_the_host_of_the_settings(url: str, base_url: str) -> None:
    """Whatever host the answer names: the key is sent nowhere else."""
    call = gemini_files.encode_rest(reply({}, headers={"x-goog-upload-url": url}), base_url, b"1,2")
    assert call == HttpCall(
        "POST",
        "/upload/v1beta/files?upload_id=1",
        b"1,2",
        {"content-type": "application/octet-stream", "x-goog-upload-offset": "0", "x-goog-upload-command": "upload, finalize"},
    )


@pytest.mark.parametrize("headers", [{}, {"x-goog-upload-url": ""}, {"x-goog-upload-url": "nowhere"}])
def test_an_upload_that_leads_nowhere(headers: dict[str, str]) -> None:
    """Is a typed error."""
    with pytest.raises(ProviderResponseError, match="x-goog-upload-url"):
        gemini_files.encode_rest(reply({}, headers=headers), GEMINI, b"")


# --- what providers say ----------------------------------------------------------------------------


@pytest.mark.parametrize("module", ALL, ids=named)
@pytest.mark.parametrize("body", [{}, {"id": "", "name": None}, {"file": "x"}, [], b"no"])
def test_what_is_no_file_is_told(module: Any, body: Any) -> None:
    """By a typed error."""
    with pytest.raises(ProviderResponseError):
        module.decode_upload(reply(body))


@pytest.mark.parametrize(
    "module,body,received",
    [
        (openai_files, {"id": "file-1", "expires_at": 99}, Received(file_id="file-1", expires=99.0)),
        (openai_files, {"id": "file-1", "status": "uploaded", "expires_at": None}, Received(file_id="file-1")),
        (anthropic_files, {"id": "file_1"}, Received(file_id="file_1")),
        (anthropic_files, {"id": "file_1", "expires_at": "1970-01-01T00:01:39Z"}, Received(file_id="file_1", expires=99.0)),
        (gemini_files, {"file": {"name": "files/1", "uri": "u", "state": "ACTIVE"}}, Received(file_id="files/1", uri="u")),
        (gemini_files, {"name": "files/1", "state": "PROCESSING"}, Received(file_id="files/1", ready=False)),
        (gemini_files, {"name": "files/1", "expirationTime": "1970-01-01T00:01:39Z"}, Received(file_id="files/1", expires=99.0)),
    ],
)
def test_files_are_understood(module: Any, body: Any, received: Received) -> None:
    """Name, address, end, and whether they may be used yet."""
    assert module.decode_upload(reply(body)) == received


@pytest.mark.parametrize(
    "module,body,why",
    [
        (openai_files, {"id": "file-1", "status": "error", "status_details": "bad page"}, "bad page"),
        (openai_files, {"id": "file-1", "status": "error"}, "no reason is given"),
        (gemini_files, {"name": "files/1", "state": "FAILED", "error": {"message": "bad codec"}}, "bad codec"),
        (gemini_files, {"name": "files/1", "state": "FAILED"}, "no reason is given"),
    ],
)
def test_files_that_cannot_be_used(module: Any, body: Any, why: str) -> None:
    """Are the request's fault, and the provider's reason is told."""
    with pytest.raises(InvalidRequestError, match=why):
        module.decode_upload(reply(body))


@pytest.mark.parametrize(
    "module,file_id,path",
    [
        (openai_files, "file-1", "/files/file-1"),
        (openai_files, "../x", "/files/..%2Fx"),
        (anthropic_files, "file_1", "/v1/files/file_1"),
        (gemini_files, "files/1", "/v1beta/files/1"),
    ],
)
def test_files_are_looked_up_and_deleted_by_id(module: Any, file_id: str, path: str) -> None:
    """At the same address."""
    assert module.encode_get(file_id) == HttpCall("GET", path)
    assert module.encode_delete(file_id) == HttpCall("DELETE", path)


DENIED = {
    "error": {"code": 403, "message": "You do not have permission to access the File 1 or it may not exist.", "status": "PERMISSION_DENIED"}
}


@pytest.mark.parametrize(
    "module,status,body,gone",
    [
        (openai_files, 404, {}, True),
        (openai_files, 403, DENIED, False),
        (anthropic_files, 404, {}, True),
        (anthropic_files, 500, {}, False),
        (gemini_files, 404, {}, True),
        (gemini_files, 403, DENIED, True),
        (gemini_files, 403, {"error": {"message": "API key expired"}}, False),
        (gemini_files, 500, {}, False),
    ],
)
def test_what_is_gone_need_not_be_deleted(module: Any, status: int, body: Any, *, gone: bool) -> None:
    """Google says that it is forbidden, or may not exist."""
    assert module.gone(reply(body, status)) is gone


# --- recorded --------------------------------------------------------------------------------------

TAPES = [
    (module, path)
    for module, provider in ((openai_files, "openai"), (anthropic_files, "anthropic"), (gemini_files, "gemini"))
    for path in sorted((WIRE / provider / "files").glob("*.json"))
]
UPLOADS = [(module, path) for module, path in TAPES if '"method": "POST"' in path.read_text(encoding="utf-8")]
FORMS = [(module, path) for module, path in UPLOADS if module is not gemini_files and '"raw": "LS' in path.read_text(encoding="utf-8")]


def tape_id(value: Any) -> str:
    """Name the test of a recording."""
    return value.stem if hasattr(value, "stem") else ""


@pytest.mark.conformance
@pytest.mark.parametrize("module,path", TAPES, ids=tape_id)
def test_understands_what_was_recorded(module: Any, path: Any) -> None:
    """Descriptions of files and deletions; what was refused is not gone by that."""
    tape = json.loads(path.read_text(encoding="utf-8"))
    answer = tape["response"]
    body: Any = answer["body"] or {}
    told = reply(body or answer.get("raw", "{}").encode(), answer["status"], answer["headers"])
    method = tape["request"]["method"]
    if answer["status"] >= 400:
        assert not module.gone(told)
    elif method == "DELETE" or "/content" in tape["request"]["url"] or "files" in body:
        name = tape["request"]["url"].partition("?")[0].rpartition("/")[2]
        prefix = "files/" if module is gemini_files else ""
        assert method != "DELETE" or tape["request"]["url"].partition("?")[0].endswith(module.encode_delete(prefix + name).path)
    else:
        received = module.decode_upload(told)
        described = body.get("file", body)
        assert received.file_id == described.get("id", described.get("name"))
        assert received.uri == described.get("uri")
        assert received.ready
        assert (received.expires is None) == (module is not gemini_files)


@pytest.mark.conformance
@pytest.mark.parametrize("module,path", FORMS, ids=tape_id)
def test_forms_are_as_official_clients_send_them(module: Any, path: Any) -> None:
    """Field by field and header by header, up to the case of names and the boundary."""
    tape = json.loads(path.read_text(encoding="utf-8"))
    raw = tape["request"]["raw"].partition("\n")[0]
    sent = base64.b64decode(raw[: len(raw) // 4 * 4])
    head, _, data = sent.partition(b"\r\n\r\n")
    while b"filename=" not in head:
        more, _, data = data.partition(b"\r\n\r\n")
        head += b"\r\n\r\n" + more
    answer = tape["response"]["body"]
    kind = answer.get("mime_type", "image/png")
    call = module.encode_upload(answer["filename"], kind, data, DIGEST)
    ours, _, rest = bytes(call.body).partition(data)
    assert _plain(ours.removesuffix(b"\r\n\r\n")) == _plain(head)
    assert rest.endswith(b"--\r\n")
    assert tape["request"]["url"].partition("?")[0].endswith(call.path)


def _plain(head: bytes) -> str:
    """Forget the boundary and the case of headers' names."""
    text = re.sub(r"--\S+", "--", head.decode())
    return re.sub(r"(?im)^(content-\w+):", lambda found: found[0].lower(), text)


@pytest.mark.conformance
def test_bytes_go_to_google_as_recorded() -> None:
    """The second call of an upload: its address, its headers."""
    for module, path in UPLOADS:
        if module is gemini_files:
            asked = json.loads(path.read_text(encoding="utf-8"))["request"]
            headers = {name: value for name, value in asked["headers"].items() if name.startswith("x-goog-upload")}
            call = gemini_files.encode_rest(reply({}, headers={"x-goog-upload-url": GEMINI + asked["url"]}), GEMINI, b"x")
            assert call is not None
            assert (call.method, call.path) == (asked["method"], asked["url"])
            assert {name: value for name, value in call.headers.items() if name.startswith("x-goog")} == headers
