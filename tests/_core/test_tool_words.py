"""What tools gave and a model does not take is told in words; everything else stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.fit import fit
from llmring._core.fitting import Target
from llmring._core.request import NormalRequest
from llmring.exceptions import UnsupportedParameterError
from llmring.schemas import AudioPart, DocumentPart, ImagePart, Message, TextPart, ToolCall, ToolResultPart, VideoPart

DEAF: dict[str, Any] = {"audio_input": "unsupported", "video_input": "unsupported"}
PNG = ImagePart(data=b"\x89PNG", media_type="image/png")
SVG = ImagePart(data=b"<svg/>", media_type="image/svg+xml")
WAV = AudioPart(data=b"RIFF", media_type="audio/wav")
OGG = AudioPart(data=b"OggS", media_type="audio/ogg")
MOVIE = VideoPart(data=b"ftyp", media_type="video/mp4")
PDF = DocumentPart(data=b"%PDF", media_type="application/pdf")
CSV = DocumentPart(data=b"a,b", media_type="text/csv")
DOCX = DocumentPart(data=b"PK\x03\x04", media_type="application/vnd.word", name="a.docx")
BYTES = DocumentPart(data=b"\xff\x00", media_type="application/octet-stream")
NOTES = DocumentPart(data=b"a\tb\nc", media_type="application/octet-stream")
LINK = ImagePart(url="https://x.org/a.svg")


def fitted(protocol: str, able: Any, *parts: Any, worded: bool = True) -> tuple[list[Any], tuple[str, ...]]:
    """Fit a result of *parts*, and give what became of it with the warnings."""
    call = ToolCall(id="call_1", name="look")
    said = Message(role="user", content=[TextPart(text="Look.")]), Message(role="assistant", tool_calls=[call])
    results: list[Any] = [ToolResultPart(tool_call_id="call_1", name="look", content=list(parts))]
    results.append(ToolResultPart(tool_call_id="call_2", name="look", content="nothing"))
    told = Message(role="tool", tool_call_id="call_1", content=results)
    request = NormalRequest(messages=(*said, told), worded=worded)
    done = fit(request, Target(name="p:m", protocol=protocol, capabilities=able))
    first: Any = done.request.messages[2].content
    return first[0].content, done.warnings


@pytest.mark.parametrize(
    "protocol, able, part, words",
    [
        ("anthropic_messages", DEAF, WAV, "(audio/wav, 4 bytes; it cannot be shown here)"),
        ("gemini_generate", DEAF, MOVIE, "(video/mp4, 4 bytes; it cannot be shown here)"),
        ("openai_responses", {}, WAV, "(audio/wav, 4 bytes; it cannot be shown here)"),
        ("ollama_chat", {"vision": "unsupported"}, LINK, "(image; it cannot be shown here)"),
        ("anthropic_messages", {}, SVG, "(image/svg+xml):\n<svg/>"),
        ("anthropic_messages", {}, DOCX, "(application/vnd.word a.docx, 4 bytes; it cannot be shown here)"),
        ("openai_responses", {}, BYTES, "(application/octet-stream, 2 bytes; it cannot be shown here)"),
        ("gemini_generate", {}, NOTES, "(application/octet-stream):\na\tb\nc"),
    ],
)
def test_is_told_in_words(protocol: str, able: dict[str, Any], part: Any, words: str) -> None:
    """The model is told what it was, and its text where it has one; a warning says so."""
    content, warnings = fitted(protocol, able, TextPart(text="See:"), part)
    assert content == [TextPart(text="See:"), TextPart(text=words)]
    kind = part.media_type or part.type
    assert f"p:m does not take {kind} from a tool; it was told in words" in warnings


@pytest.mark.parametrize(
    "protocol, part",
    [
        ("anthropic_messages", PNG),
        ("anthropic_messages", PDF),
        ("anthropic_messages", CSV),
        ("anthropic_messages", LINK),
        ("gemini_generate", OGG),
        ("openai_responses", DOCX),
    ],
)
def test_stays_as_it_is(protocol: str, part: Any) -> None:
    """What the model takes is left alone."""
    content, warnings = fitted(protocol, {}, part)
    assert content == [part]
    assert not any("from a tool" in warning for warning in warnings)


@pytest.mark.parametrize("part, kept", [(WAV, True), (OGG, False)])
def test_sounds_for_openai(part: Any, kept: bool) -> None:  # noqa: FBT001 - what is expected
    """It hears two kinds, which are shown after the results."""
    content, _ = fitted("openai_chat", {}, part)
    assert (content == [TextPart(text="(audio/ogg, 4 bytes; it cannot be shown here)")]) is not kept


def test_only_where_nobody_chose() -> None:
    """What a caller puts into a conversation is refused like any other content that the model does not take."""
    with pytest.raises(UnsupportedParameterError):
        fitted("anthropic_messages", DEAF, WAV, worded=False)
