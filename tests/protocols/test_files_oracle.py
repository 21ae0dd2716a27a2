"""Uploads beside those of the official SDKs: the same forms, and descriptions that they read as we do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import openai
import pytest
from google.genai import Client, types

from llmring._core.http import HttpReply
from llmring.protocols import anthropic_files, gemini_files, openai_files
from llmring.testing.simulator import Simulator
from llmring.testing.simulator.multipart import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.extra

DIGEST = "9f" * 32
PART = tuple[str, dict[str, str], bytes]


@pytest.fixture(name="simulator", scope="module")
def running_simulator() -> Iterator[Simulator]:
    """Serve all providers."""
    with Simulator() as running:
        yield running


def sent_by(upload: Callable[[httpx2.Client], object]) -> httpx2.Request:
    """Give the request by which an SDK, given a client, does *upload*."""
    seen: list[httpx2.Request] = []

    def note(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        request.read()
        return httpx2.Response(200, json={"id": "file-1"})

    with httpx2.Client(transport=httpx2.MockTransport(note)) as client:
        upload(client)
    return seen[0]


def plain(parts: list[PART]) -> dict[str, tuple[dict[str, str], bytes]]:
    """Give the parts of a form by name, without what only says the same again."""
    return {name: ({key: value for key, value in headers.items() if key != "content-disposition"}, data) for name, headers, data in parts}


def test_forms_equal_those_of_the_sdks() -> None:
    """Names, types, contents and addresses."""
    file = ("a.pdf", b"%PDF-1", "application/pdf")
    by_openai = sent_by(lambda client: openai.OpenAI(api_key="k", http_client=client).files.create(file=file, purpose="user_data"))
    by_anthropic = sent_by(lambda client: anthropic.Anthropic(api_key="k", http_client=client).files.upload(file=file))
    for theirs, module, base in ((by_openai, openai_files, "/v1"), (by_anthropic, anthropic_files, "")):
        ours: Any = module.encode_upload("a.pdf", "application/pdf", b"%PDF-1", DIGEST)
        assert plain(parts_of(ours.headers["content-type"], ours.body)) == plain(parts_of(theirs.headers["content-type"], theirs.content))
        assert base + ours.path == theirs.url.path
        assert "anthropic-beta" not in theirs.headers


def test_google_is_called_as_its_sdk_does(simulator: Simulator) -> None:
    """The same two addresses, and the same headers of the protocol."""
    client = Client(api_key="k", http_options=types.HttpOptions(base_url=simulator.urls["google"], api_version="v1beta"))
    from io import BytesIO

    uploaded = client.files.upload(file=BytesIO(b"1,2"), config={"mime_type": "text/csv", "display_name": "a.csv"})
    first, second = simulator.requests[-2:]
    ours = gemini_files.encode_upload("a.csv", "text/csv", b"1,2", DIGEST)
    told = {name: value for name, value in first.headers.items() if name.startswith("x-goog-upload")}
    assert (first.path, told) == (ours.path, dict(ours.headers))
    where = {"x-goog-upload-url": f"{simulator.urls['google']}{second.path}"}
    rest = gemini_files.encode_rest(HttpReply(200, where, b"{}"), simulator.urls["google"], b"1,2")
    assert rest is not None
    protocol = {name: value for name, value in rest.headers.items() if name.startswith("x-goog-upload")}
    assert second.path == rest.path
    assert protocol.items() <= second.headers.items()  # the SDK repeats what it announced
    client.files.delete(name=str(uploaded.name))
    assert simulator.requests[-1].path == gemini_files.encode_delete(str(uploaded.name)).path
