"""How much a model takes of pictures, pages, tools, keys and bytes, by the limits in its provider's spec."""

from __future__ import annotations

import base64
from typing import Any

import attrs
import pytest

from llmring._core.fit import Target, fit
from llmring._core.http import HttpCall
from llmring._core.model_info import ModelInfo
from llmring._core.plan import Candidate
from llmring._core.readying import make_ready
from llmring._core.request import NormalRequest
from llmring._core.settings import Settings
from llmring._gen.message import DocumentPart, ImagePart, Message, TextPart, ToolResultPart
from llmring._gen.tool import Tool
from llmring.exceptions import FileSizeError, UnsupportedParameterError
from llmring.protocols import anthropic_messages

PICTURE = ImagePart(url="https://a/b.png")
LONG = b"%PDF-1.4\n<</Type/Pages/Count 3>>" + b" " * 200


def target(**limits: int) -> Target:
    """Make a model with *limits*."""
    return Target(name="p:m", protocol="openai_chat", capabilities={}, limits=limits)


def asked(*parts: Any, **more: Any) -> NormalRequest:
    """Make a request of *parts*."""
    return NormalRequest(messages=(Message(role="user", content=[TextPart(text="Hi"), *parts]),), **more)


def test_pictures_are_counted() -> None:
    """All of a request, those in results of tools too."""
    request = asked(PICTURE, ToolResultPart(tool_call_id="a", content=[PICTURE]), PICTURE)
    assert fit(request, target(images=3)).warnings == ()
    with pytest.raises(UnsupportedParameterError, match="p:m does not take more than 2 images in a request") as caught:
        fit(request, target(images=2))
    assert (caught.value.parameter, caught.value.path) == ("image", "messages[0].content[3]")


@pytest.mark.parametrize(
    "part", [DocumentPart(data=LONG), DocumentPart(url=f"data:application/pdf;base64,{base64.b64encode(LONG).decode()}")]
)
def test_pages_are_counted(part: DocumentPart) -> None:
    """Of each PDF, whether given as bytes or as data URL."""
    assert fit(asked(part), target(pdf_pages=3)).warnings == ()
    with pytest.raises(FileSizeError, match="has 3 pages; p:m takes 2 of a PDF") as caught:
        fit(asked(part), target(pdf_pages=2))
    assert (caught.value.size, caught.value.limit, caught.value.path) == (3, 2, "messages[0].content[1]")


@pytest.mark.parametrize(
    "part",
    [
        DocumentPart(data=b"%PDF-1.4 hidden" + b" " * 200),
        DocumentPart(data=LONG[:40]),
        DocumentPart(data=b"PK" + b" " * 200),
        DocumentPart(url="https://a/b.pdf"),
        DocumentPart(text="Hi"),
    ],
)
def test_what_cannot_be_counted_is_the_providers_to_judge(part: DocumentPart) -> None:
    """Hidden page trees, other kinds, addresses; and what is too short to have so many pages is not looked at."""
    assert fit(asked(part), target(pdf_pages=2)).request.messages[0].content == [TextPart(text="Hi"), part]


def test_tools_are_counted() -> None:
    """One too many is refused, for nobody can say which to leave out."""
    tools = (Tool(name="a"), Tool(name="b"))
    assert fit(asked(tools=tools), target(tools=2)).request.tools == tools
    with pytest.raises(UnsupportedParameterError, match="p:m does not take more than 1 tools, and there are 2") as caught:
        fit(asked(tools=tools), target(tools=1), "drop")
    assert caught.value.path == "tools[1]"


def test_keys_of_metadata_are_counted() -> None:
    """As other options are that a model does not take as they are."""
    request = asked(options={"metadata": {"a": "1", "b": "2"}})
    assert fit(request, target(metadata_keys=2)).request is request
    assert fit(request, target(metadata_keys=1), "warn").request.options == {}
    with pytest.raises(UnsupportedParameterError, match="more than 1 keys of metadata"):
        fit(request, target(metadata_keys=1))


@pytest.mark.parametrize("context, images, pages", [(200_000, 100, 100), (1_000_000, 600, 600), (None, 600, 600)])
def test_small_windows_take_less(context: int | None, images: int, pages: int) -> None:
    """Anthropic's models differ by what fits into their window."""
    endpoint = Settings().endpoint("anthropic", {"ANTHROPIC_API_KEY": "k"})
    info = ModelInfo(provider="anthropic", id="m", context=context, abilities={}, as_of="2026-11-23")
    limits = make_ready(Candidate("anthropic", "m"), endpoint, info, anthropic_messages).limits.limits
    assert (limits["images"], limits["pdf_pages"]) == (images, pages)


def test_requests_have_a_size() -> None:
    """One that is too large is not sent; an upload has limits of its own."""
    endpoint = Settings().endpoint("anthropic", {"ANTHROPIC_API_KEY": "k"})
    ready = make_ready(Candidate("anthropic", "m"), endpoint, None, anthropic_messages)
    most = endpoint.entry["limits"]["request_bytes"]
    call = HttpCall("POST", "/v1/messages", b" " * (most + 1))
    with pytest.raises(FileSizeError, match="the request has 33,554,433 bytes; anthropic:m takes 33,554,432") as caught:
        ready.prepare(call, asked())
    assert (caught.value.size, caught.value.limit) == (most + 1, most)
    assert ready.prepare(call).content == call.body
    assert ready.prepare(attrs.evolve(call, body=b" " * most), asked()).method == "POST"
