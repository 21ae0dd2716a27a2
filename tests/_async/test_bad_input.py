"""Bad input, seen by a caller: a typed error that names the place, from answers and streams alike, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmring.exceptions import FileSizeError, InvalidMessageError, LLMRingError, RequestError, UnsupportedParameterError
from llmring.schemas import AudioPart, DocumentPart, ImagePart, VideoPart
from tests.rings import MODELS

if TYPE_CHECKING:
    from llmring._async.ring import AsyncLLMRing
    from llmring.testing.simulator import Simulator


def undescribed(picture: complex) -> str:
    """Take what JSON does not have."""
    return str(picture)


def nowhere(place: str) -> str:
    """Take what nobody has defined."""
    return place


nowhere.__annotations__["place"] = "Nowhere"


def said(*parts: Any) -> list[dict[str, Any]]:
    """Ask about *parts*."""
    return [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, *parts]}]


HI = "Hello"
SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "numeral"}}}
LOST = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"$ref": "#/$defs/none"}}}
OPENAI, ANTHROPIC, OLLAMA = MODELS["openai"], MODELS["anthropic"], MODELS["ollama"]
BASE64 = {"type": "base64", "media_type": "image/png", "data": "??"}
FUNCTION = {"type": "function", "function": {"description": "Nameless."}}
BAD: list[tuple[str, Any, dict[str, Any], type[LLMRingError], str]] = [
    (OPENAI, HI, {"tools": [FUNCTION]}, InvalidMessageError, "tools[0].function.name"),
    (ANTHROPIC, HI, {"tools": [{"name": "", "input_schema": {}}]}, InvalidMessageError, "tools[0].name"),
    (OPENAI, HI, {"tools": [undescribed]}, RequestError, "tools[0].parameters.picture"),
    (OPENAI, HI, {"tools": [nowhere]}, InvalidMessageError, "tools[0].parameters.place"),
    (OPENAI, HI, {"tools": [lambda: 3]}, InvalidMessageError, "tools[0].name"),
    (OPENAI, HI, {"tool_choice": "always"}, InvalidMessageError, "tool_choice"),
    (OPENAI, HI, {"response_format": SCHEMA}, RequestError, "response_format.json_schema.schema.type"),
    (OPENAI, HI, {"response_format": LOST}, RequestError, "response_format.json_schema.schema.$ref"),
    (OPENAI, HI, {"response_format": complex}, RequestError, "response_format"),
    (OPENAI, HI, {"reasoning": "hard"}, RequestError, "reasoning"),
    (OPENAI, HI, {"temperature": "hot"}, RequestError, "temperature"),
    (ANTHROPIC, HI, {"temperature": 1.5}, UnsupportedParameterError, "temperature"),
    (ANTHROPIC, HI, {"seed": 7}, UnsupportedParameterError, "seed"),
    ("openai:o3", HI, {"temperature": 0.2}, UnsupportedParameterError, "temperature"),
    ("anthropic:claude-opus-5", HI, {"top_k": 5}, UnsupportedParameterError, "top_k"),
    ("openai:o3", HI, {"reasoning": "none"}, UnsupportedParameterError, "reasoning"),
    (OLLAMA, HI, {"tools": [{"type": "web_search"}]}, UnsupportedParameterError, "tools[0]"),
    (OPENAI, said(ImagePart(url="data:image/png;base64,??")), {}, InvalidMessageError, "messages[0].content[1].url"),
    (ANTHROPIC, said({"type": "image", "source": BASE64}), {}, InvalidMessageError, "messages[0].content[1].source.data"),
    (OPENAI, said({"type": "hologram"}), {}, InvalidMessageError, "messages[0].content[1].type"),
    (OPENAI, said(ImagePart(path="no-such.png")), {}, InvalidMessageError, "messages[0].content[1].path"),
    (ANTHROPIC, said(AudioPart(data=b"RIFF", media_type="audio/wav")), {}, UnsupportedParameterError, "messages[0].content[1]"),
    (OPENAI, said(VideoPart(data=b"ftyp", media_type="video/mp4")), {}, UnsupportedParameterError, "messages[0].content[1]"),
    (OLLAMA, said(DocumentPart(data=b"%PDF-1.4")), {}, UnsupportedParameterError, "messages[0].content[1]"),
    (OPENAI, said(DocumentPart(text="Grass.", citations=True)), {}, UnsupportedParameterError, "messages[0].content[1]"),
    (ANTHROPIC, said(ImagePart(data=b"\x89PNG" + bytes(5_242_880))), {}, FileSizeError, "messages[0].content[1].data"),
    (OPENAI, HI, {"files": ["file_none"]}, RequestError, "files[0]"),
    (OPENAI, [], {}, InvalidMessageError, "messages"),
]


@pytest.mark.parametrize("model, messages, options, kind, path", BAD)
async def test_answers_to_bad_input(  # noqa: PLR0917 - a case of five, and where it is put to
    ring: AsyncLLMRing, simulator: Simulator, model: str, messages: Any, options: dict[str, Any], kind: type[LLMRingError], path: str
) -> None:
    """The error is of its own kind, names the place in its path and its text, and nothing was sent."""
    before = len(simulator.requests)
    with pytest.raises(RequestError) as caught:
        await ring.chat(model, messages, **options)
    assert type(caught.value) is kind
    assert caught.value.path == path
    assert len(simulator.requests) == before


@pytest.mark.parametrize("model, messages, options, kind, path", BAD)
async def test_streams_of_bad_input(  # noqa: PLR0917 - a case of five, and where it is put to
    ring: AsyncLLMRing, simulator: Simulator, model: str, messages: Any, options: dict[str, Any], kind: type[LLMRingError], path: str
) -> None:
    """A stream says the same, at once or before its first event."""
    before = len(simulator.requests)
    with pytest.raises(RequestError) as caught:
        await anext(ring.chat_stream(model, messages, **options))
    assert (type(caught.value), caught.value.path) == (kind, path)
    assert len(simulator.requests) == before
