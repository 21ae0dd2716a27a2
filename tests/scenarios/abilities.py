"""For each cell of the capability matrix, a talk that needs it: evidence where the cell says that it works, a refusal where not."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from llmring.schemas import AudioPart, DocumentPart, ImagePart, VideoPart
from tests.scenarios.scenario import Talk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.providers import Capability

RED_DOT: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
)
"""A picture of one red pixel."""
CITY: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER: Final[Mapping[str, Any]] = {
    "type": "function",
    "function": {"name": "weather", "description": "Tell the weather of a city.", "parameters": CITY},
}
STRICT: Final[Mapping[str, Any]] = {"type": "function", "function": {**WEATHER["function"], "strict": True}}
FORM: Final[Mapping[str, Any]] = {"type": "json_schema", "json_schema": {"name": "place", "schema": CITY, "strict": True}}
ASKED: Final = "What is the weather in Paris?"


def shown(text: str, *parts: Any) -> list[dict[str, Any]]:
    """Ask *text* about *parts*."""
    return [{"role": "user", "content": [{"type": "text", "text": text}, *parts]}]


ABILITIES: Final[Mapping[Capability, Talk]] = {
    "streaming": Talk(whole=False, stream=True, shows=("streaming",)),
    "tools": Talk(messages=ASKED, options={"tools": [WEATHER]}, stream=True, shows=("tools",)),
    "tool_choice": Talk(messages=ASKED, options={"tools": [WEATHER], "tool_choice": "required"}, shows=("tools", "tool_choice")),
    "parallel_tools": Talk(
        messages="What is the weather in Paris and in Rome?",
        options={"tools": [WEATHER], "parallel_tool_calls": True},
        simulate="calls=2",
        stream=True,
        shows=("tools", "parallel_tools"),
    ),
    "strict_tools": Talk(messages=ASKED, options={"tools": [STRICT]}, shows=("tools", "strict_tools")),
    "hosted_tools": Talk(messages="What happened today?", options={"tools": [{"type": "web_search"}]}, shows=("hosted_tools",)),
    "structured": Talk(messages="Where is the Louvre?", options={"response_format": FORM}, stream=True, shows=("structured",)),
    "json_mode": Talk(
        messages="Greet the world, as JSON.",
        options={"response_format": {"type": "json_object"}},
        simulate="say=%7B%22hello%22: %22world%22%7D",
        shows=("json_mode",),
    ),
    "reasoning": Talk(options={"reasoning": "low", "max_tokens": 3000}, model="reasoning", stream=True, shows=("reasoning",)),
    "vision": Talk(messages=shown("Which colour is it?", ImagePart(data=RED_DOT)), shows=("vision",)),
    "image_url": Talk(
        messages=shown("What is it?", ImagePart(url="https://www.python.org/static/img/python-logo.png")), shows=("vision", "image_url")
    ),
    "pdf": Talk(
        messages=shown("What does it say?", DocumentPart(data=b"%PDF-1.4 hello", name="hello.pdf")), simulated=True, shows=("pdf",)
    ),
    "text_document": Talk(messages=shown("How many rows?", DocumentPart(text="a,b\n1,2\n", name="table.csv")), shows=("text_document",)),
    "audio_input": Talk(
        messages=shown("Who speaks?", AudioPart(data=b"RIFF\x04\x00\x00\x00WAVE", media_type="audio/wav")),
        model="hearing",
        simulated=True,
        shows=("audio_input",),
    ),
    "video_input": Talk(
        messages=shown("Who moves?", VideoPart(data=b"\x00\x00\x00\x18ftypmp42", media_type="video/mp4")),
        simulated=True,
        shows=("video_input",),
    ),
    "cache": Talk(
        messages=[
            {"role": "system", "content": "Speak of cats. " * 400, "metadata": {"cache_control": {"type": "ephemeral"}}},
            {"role": "user", "content": "Who purrs?"},
        ],
        options={"cache": True},
        shows=("cache",),
    ),
    "citations": Talk(
        messages=shown("What is green?", DocumentPart(text="The grass is green.", name="Grass", citations=True)),
        shows=("text_document", "citations"),
    ),
    "temperature": Talk(options={"temperature": 0.5}, shows=("temperature",)),
    "top_p": Talk(options={"top_p": 0.5}, shows=("top_p",)),
    "top_k": Talk(options={"top_k": 5}, shows=("top_k",)),
    "penalties": Talk(options={"presence_penalty": 0.5, "frequency_penalty": -0.5}, shows=("penalties",)),
    "seed": Talk(options={"seed": 7}, shows=("seed",)),
    "stop": Talk(messages="Count to five.", options={"stop": ["three"]}, simulate="say=one%2C two%2C three", stream=True, shows=("stop",)),
    "n": Talk(options={"n": 2}, stream=True, shows=("n",)),
    "logprobs": Talk(options={"logprobs": True, "top_logprobs": 2, "max_tokens": 20}, stream=True, shows=("logprobs",)),
    "service_tier": Talk(options={"service_tier": "auto"}, shows=("service_tier",)),
    "user": Talk(options={"user": "somebody"}, shows=("user",)),
    "metadata": Talk(options={"metadata": {"team": "cats"}}, shows=("metadata",)),
}
"""Everything that a chat can need; what other verbs do (files, embeddings, counting, listing) has tests of its own."""
