"""Content parts in every style, each as the part that it means."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from llmring._core.parts import as_parts, result_content, understand
from llmring._gen.message import (
    AudioPart,
    Citation,
    DocumentPart,
    FilePart,
    ImagePart,
    OpaquePart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolResultPart,
    VideoPart,
)
from llmring._gen.stream import TextDelta
from llmring._gen.tool import ToolCall
from llmring.exceptions import InvalidMessageError

MARK = {"type": "ephemeral"}
PDF = "data:application/pdf;base64,JVBERg=="
LOCATION = {"type": "char_location", "cited_text": "words", "document_title": "Book", "start_char_index": 0}
WEB = {"type": "web_search_result_location", "url": "https://e.org", "title": "Page", "cited_text": "words"}
SEARCH: dict[str, Any] = {"type": "search_result", "source": "s", "title": "t", "content": []}
SERVER: dict[str, Any] = {"type": "server_tool_use", "id": "1", "name": "web_search", "input": {}}
RESULT: dict[str, Any] = {"type": "web_search_tool_result", "tool_use_id": "1", "content": []}

STYLES: list[tuple[Any, Any]] = [
    # ours
    ("Hi", TextPart(text="Hi")),
    ({"type": "text", "text": "Hi"}, TextPart(text="Hi")),
    (MappingProxyType({"type": "text", "text": "Hi"}), TextPart(text="Hi")),
    (
        {"type": "text", "text": "Hi", "signature": "s", "citations": [{"url": "u"}]},
        TextPart(text="Hi", signature="s", citations=[Citation(url="u")]),
    ),
    ({"type": "text", "text": "Hi", "citations": [Citation(url="u")]}, TextPart(text="Hi", citations=[Citation(url="u")])),
    ({"type": "text", "text": "Hi", "cache_control": MARK}, TextPart(text="Hi", cache_control=MARK)),
    ({"type": "image", "url": "https://e.org/a.png"}, ImagePart(url="https://e.org/a.png")),
    ({"type": "image", "data": "AP8="}, ImagePart(data=b"\x00\xff")),
    ({"type": "image", "path": "a.png"}, ImagePart(path="a.png")),
    ({"type": "document", "text": "words", "name": "n"}, DocumentPart(text="words", name="n")),
    ({"type": "audio", "data": b"x", "media_type": "audio/wav"}, AudioPart(data=b"x", media_type="audio/wav")),
    ({"type": "audio", "transcript": "said"}, AudioPart(transcript="said")),
    ({"type": "video", "url": "https://e.org/v.mp4"}, VideoPart(url="https://e.org/v.mp4")),
    ({"type": "file", "file_id": "f"}, FilePart(file_id="f")),
    ({"type": "reasoning", "text": "hm", "native": []}, ReasoningPart(text="hm", native=[])),
    ({"type": "refusal", "refusal": "no"}, RefusalPart(refusal="no")),
    ({"type": "opaque", "protocol": "p", "data": {}}, OpaquePart(protocol="p", data={})),
    ({"type": "tool_result", "tool_call_id": "1", "content": "18"}, ToolResultPart(tool_call_id="1", content="18")),
    # OpenAI's, chat and Responses
    ({"type": "input_text", "text": "Hi"}, TextPart(text="Hi")),
    ({"type": "output_text", "text": "Hi", "annotations": []}, TextPart(text="Hi")),
    ({"type": "image_url", "image_url": {"url": "u", "detail": "low"}}, ImagePart(url="u", detail="low")),
    ({"type": "image_url", "image_url": {"url": "u"}, "cache_control": MARK}, ImagePart(url="u", cache_control=MARK)),
    ({"type": "image_url", "image_url": "u"}, ImagePart(url="u")),
    ({"type": "input_image", "image_url": "u", "detail": "high"}, ImagePart(url="u", detail="high")),
    ({"type": "input_image", "file_id": "f", "detail": "auto"}, ImagePart(file_id="f", detail="auto")),
    ({"type": "input_audio", "input_audio": {"data": "AP8=", "format": "wav"}}, AudioPart(data=b"\x00\xff", media_type="audio/wav")),
    ({"type": "input_audio", "input_audio": {"data": "AP8="}}, AudioPart(data=b"\x00\xff")),
    ({"type": "file", "file": {"file_id": "f"}}, DocumentPart(file_id="f")),
    (
        {"type": "file", "file": {"file_data": "JVBERg==", "filename": "a.pdf"}, "cache_control": MARK},
        DocumentPart(url=PDF, name="a.pdf", cache_control=MARK),
    ),
    ({"type": "input_file", "file_data": PDF}, DocumentPart(url=PDF)),
    ({"type": "input_file", "file_url": "https://e.org/a.pdf"}, DocumentPart(url="https://e.org/a.pdf")),
    ({"type": "input_file", "file_id": "f", "filename": "a.pdf"}, DocumentPart(file_id="f", name="a.pdf")),
    # Anthropic's
    (
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AP8="}},
        ImagePart(data=b"\x00\xff", media_type="image/png"),
    ),
    ({"type": "image", "source": {"type": "base64", "data": b"x"}}, ImagePart(data=b"x")),
    ({"type": "image", "source": {"type": "url", "url": "u"}, "cache_control": MARK}, ImagePart(url="u", cache_control=MARK)),
    ({"type": "image", "source": {"type": "file", "file_id": "f"}}, ImagePart(file_id="f")),
    (
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "words"},
            "title": "t",
            "citations": {"enabled": True},
        },
        DocumentPart(text="words", media_type="text/plain", name="t", citations=True),
    ),
    (
        {"type": "document", "source": {"type": "content", "content": []}},
        OpaquePart(protocol="anthropic_messages", data={"type": "document", "source": {"type": "content", "content": []}}),
    ),
    (
        {"type": "text", "text": "Hi", "citations": [LOCATION, WEB]},
        TextPart(
            text="Hi",
            citations=[
                Citation(title="Book", cited_text="words", source=LOCATION),
                Citation(url="https://e.org", title="Page", cited_text="words", source=WEB),
            ],
        ),
    ),
    ({"type": "text", "text": "Hi", "citations": None}, TextPart(text="Hi")),
    ({"type": "thinking", "thinking": "hm", "signature": "s"}, ReasoningPart(text="hm", signature="s", protocol="anthropic_messages")),
    ({"type": "redacted_thinking", "data": "d"}, ReasoningPart(data="d", protocol="anthropic_messages")),
    ({"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}}, ToolCall(id="1", name="f", arguments={"a": 1})),
    (
        {"type": "tool_result", "tool_use_id": "1", "is_error": True, "cache_control": MARK},
        ToolResultPart(tool_call_id="1", content="", is_error=True, cache_control=MARK),
    ),
    (
        {
            "type": "tool_result",
            "tool_use_id": "1",
            "content": [{"type": "text", "text": "18"}, {"type": "image", "source": {"type": "url", "url": "u"}}],
        },
        ToolResultPart(tool_call_id="1", content=[TextPart(text="18"), ImagePart(url="u")]),
    ),
    (SEARCH, OpaquePart(protocol="anthropic_messages", data=SEARCH)),
    (SERVER, OpaquePart(protocol="anthropic_messages", data=SERVER)),
    (RESULT, OpaquePart(protocol="anthropic_messages", data=RESULT)),
]


@pytest.mark.parametrize("written, meant", STYLES)
def test_understands(written: Any, meant: Any) -> None:
    """Ours, OpenAI's and Anthropic's; what is understood once is understood again as it is."""
    part = understand(written, "p")
    assert part == meant
    if not isinstance(part, ToolCall):
        assert understand(part, "p") == part


def test_takes_plain_text_as_it_is() -> None:
    """Without making it again."""
    part = TextPart(text="Hi")
    assert understand(part, "p") is part


FAULTS: list[tuple[Any, str, str]] = [
    (None, "", "must be a content part or a mapping with a type, not null"),
    (5, "", "must be a content part or a mapping with a type, not int"),
    (TextDelta(delta="x"), "", "must be a content part or a mapping with a type, not TextDelta"),
    ({}, ".type", 'is missing; a text part is {"type": "text", "text": …}'),
    ({"type": "txt"}, ".type", "'txt' is unknown; known are text, image"),
    ({"type": []}, ".type", "[] is unknown; known are text, image"),
    ({"type": "text"}, ".text", "is missing"),
    ({"type": "text", "text": 5}, ".text", "must be a string, not int"),
    (TextPart(text=None), ".text", "must be a string, not null"),  # type: ignore[arg-type]
    ({"type": "text", "text": "", "signature": 5}, ".signature", "must be a string, not int"),
    ({"type": "text", "text": "", "citations": {}}, ".citations", "must be a list, not dict"),
    ({"type": "text", "text": "", "citations": [5]}, ".citations[0]", "must be an object, not int"),
    ({"type": "text", "text": "", "citations": [{"type": "x", "url": 5}]}, ".citations[0].url", "must be a string, not int"),
    ({"type": "text", "text": "", "cache_control": "1h"}, ".cache_control", "must be an object, not str"),
    (TextPart(text="", cache_control=5), ".cache_control", "must be an object or null, not int"),  # type: ignore[arg-type]
    ({"type": "image"}, "", "has no content; give url, data, path, file_id"),
    (ImagePart(), "", "has no content; give url, data, path, file_id"),
    ({"type": "document"}, "", "has no content; give url, data, path, text, file_id"),
    ({"type": "image", "uri": "u"}, ".uri", "is unknown; did you mean 'url'?"),
    ({"type": "image", "data": "?"}, ".data", "must be base64"),
    ({"type": "image", "source": None}, ".source", "is missing; it is an object with a type"),
    ({"type": "image", "source": 5}, ".source", "must be an object, not int"),
    ({"type": "image", "source": {}}, ".source.type", "must be base64, url, file, text or content, not None"),
    ({"type": "image", "source": {"type": "base64", "data": "?"}}, ".source.data", "is not valid base64"),
    ({"type": "image", "source": {"type": "base64", "data": "é"}}, ".source.data", "is not valid base64"),
    ({"type": "image", "source": {"type": "text", "data": "x"}}, ".source.type", "must be base64, url or file for an image, not 'text'"),
    ({"type": "document", "source": {"type": "url", "url": "u"}, "citations": True}, ".citations", "must be an object, not bool"),
    ({"type": "image_url"}, ".image_url", "is missing"),
    ({"type": "image_url", "image_url": 5}, ".image_url", "must be a string, not int"),
    ({"type": "image_url", "image_url": {}}, ".image_url.url", "is missing"),
    ({"type": "image_url", "image_url": {"url": "u", "detail": 5}}, ".image_url.detail", "must be a string, not int"),
    ({"type": "input_image", "file_id": 5}, ".file_id", "must be a string, not int"),
    ({"type": "input_audio"}, ".input_audio", "is missing; it is an object with data and format"),
    ({"type": "input_audio", "input_audio": {"data": "?"}}, ".input_audio.data", "is not valid base64"),
    ({"type": "file"}, ".file_id", "is missing"),
    ({"type": "file", "file": {}}, ".file.file_id", "is missing"),
    ({"type": "file", "file": {"file_data": 5}}, ".file.file_data", "must be a string, not int"),
    ({"type": "input_file", "file_url": 5}, ".file_url", "must be a string, not int"),
    ({"type": "thinking"}, ".thinking", "is missing"),
    ({"type": "redacted_thinking", "data": 5}, ".data", "must be a string, not int"),
    ({"type": "tool_use", "name": "f"}, ".id", "is missing"),
    ({"type": "tool_use", "id": "1", "name": "f", "input": [1]}, ".input", "must be an object, not list"),
    ({"type": "tool_result"}, ".tool_call_id", "is missing"),
    ({"type": "tool_result", "tool_use_id": "1", "content": 5}, ".content", "must be a string or a list of parts, not int"),
    ({"type": "tool_result", "tool_use_id": "1", "content": [{}]}, ".content[0].type", "is missing"),
    ({"type": "tool_result", "tool_use_id": "1", "is_error": "no"}, ".is_error", "must be true or false, not str"),
    (ToolResultPart(tool_call_id="1", content=[TextPart(text=5)]), ".content[0].text", "must be a string, not int"),  # type: ignore[arg-type]
    (
        {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "tool_use", "id": "1", "name": "f"}]},
        ".content[0]",
        "is a tool call",
    ),
]


@pytest.mark.parametrize("written, place, said", FAULTS)
def test_tells_faults_by_path(written: Any, place: str, said: str) -> None:
    """The place and what is wrong there, whoever made the part."""
    with pytest.raises(InvalidMessageError) as caught:
        understand(written, "messages[2].content[0]")
    assert caught.value.path == f"messages[2].content[0]{place}"
    assert f"{caught.value.path} {said}" in caught.value.message


def test_a_tools_result_is_text_or_parts() -> None:
    """Nothing is the empty text."""
    assert result_content(None, "p") == ""
    assert result_content("18", "p") == "18"
    assert result_content(("18",), "p") == [TextPart(text="18")]


def test_content_as_parts() -> None:
    """Text is one part, no text none."""
    assert as_parts("Hi") == [TextPart(text="Hi")]
    assert as_parts("") == as_parts(None) == []
    assert as_parts([TextPart(text="Hi")]) == [TextPart(text="Hi")]
