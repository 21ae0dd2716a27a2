"""What providers and the simulator really said, as raw material to be spoiled; how it is spoiled is not known here."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.http import HttpReply
from llmring._core.jsontext import dumps
from llmring.testing.simulator.routes import arrive, respond
from llmring.testing.simulator.world import World
from tests.protocols.wire import cases
from tests.recording.tape import FOLDER, Cassette

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROTOCOLS: Final = ("openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "ollama_chat")
RECORDED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "openai_chat": (
        ("openai", "chat_completions"),
        ("openai_compatible", "chat_completions"),
        ("openai", "completions"),
        ("openai", "embeddings"),
        ("openai_compatible", "embeddings"),
        ("openai", "models"),
        ("openai_compatible", "models"),
    ),
    "openai_responses": (
        ("openai", "responses"),
        ("openai_compatible", "responses"),
        ("openai", "input_tokens"),
        ("openai", "files"),
        ("openai_compatible", "files"),
    ),
    "anthropic_messages": (("anthropic", "messages"), ("anthropic", "models"), ("anthropic", "count_tokens"), ("anthropic", "files")),
    "gemini_generate": (
        ("gemini", "generateContent"),
        ("gemini", "streamGenerateContent"),
        ("gemini", "countTokens"),
        ("gemini", "embedContent"),
        ("gemini", "batchEmbedContents"),
        ("gemini", "models"),
        ("gemini", "files"),
    ),
    "ollama_chat": (("ollama", "chat"), ("ollama", "generate"), ("ollama", "embed"), ("ollama", "tags"), ("ollama", "show")),
}
"""Provider and API of the recordings that each protocol may meet."""
KINDS: Final = ("generation", "error", "embeddings", "models", "model_info", "count_tokens", "files")
_STREAMED: Final = ("text/event-stream", "application/x-ndjson")


@attrs.frozen
class Sample:
    """One reply as it was."""

    protocol: str
    name: str
    status: int
    headers: dict[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)

    @property
    def streamed(self) -> bool:
        """Whether the body came in events."""
        return self.headers.get("content-type", "").startswith(_STREAMED)

    @property
    def reply(self) -> HttpReply:
        """The reply as a protocol reads it."""
        return HttpReply(self.status, self.headers, self.body)


@cache
def own(protocol: str) -> tuple[Sample, ...]:
    """Give what our cassettes of *protocol* hold, and what the simulator says beside chat."""
    tapes = (Cassette.read(path) for path in sorted((FOLDER / protocol).glob("*.yaml")))
    taken = [Sample(protocol, str(tape), tape.reply.status, dict(tape.reply.headers), tape.reply.body) for tape in tapes]
    return (*taken, *_beside(protocol))


@cache
def recorded(protocol: str) -> tuple[Sample, ...]:
    """Give the recorded traffic of providers that *protocol* may meet; none where it is not on this machine."""
    found = [each for provider, api in RECORDED[protocol] for each in cases(provider, api, kinds=KINDS, left_out=True)]
    return tuple(Sample(protocol, each.name, each.status, dict(each.headers), each.body) for each in found)


# --- beside chat -------------------------------------------------------------------------------------

_KEYS: Final = {
    "openai": {"authorization": "Bearer sk-simulated"},
    "anthropic": {"x-api-key": "sk-simulated", "anthropic-version": "2023-06-01"},
    "gemini": {"x-goog-api-key": "sk-simulated"},
    "ollama": {},
}
_TALK: Final = [{"role": "user", "content": "Hello there"}]
_CONTENTS: Final = [{"parts": [{"text": "Hello there"}]}]
_ASKED: Final[Mapping[str, tuple[str, tuple[tuple[str, str, Any], ...]]]] = {
    "openai_chat": (
        "openai",
        (
            ("GET", "/v1/models", None),
            ("POST", "/v1/embeddings", {"model": "text-embedding-3-small", "input": ["a", "b"], "dimensions": 4}),
            ("POST", "/v1/embeddings", {"model": "text-embedding-3-small", "input": "a", "dimensions": 4, "encoding_format": "base64"}),
        ),
    ),
    "openai_responses": (
        "openai",
        (("POST", "/v1/responses/input_tokens", {"model": "gpt-5.4-mini", "input": "Hello there"}), ("GET", "/v1/files/file-none", None)),
    ),
    "anthropic_messages": (
        "anthropic",
        (
            ("GET", "/v1/models", None),
            ("POST", "/v1/messages/count_tokens", {"model": "claude-haiku-4-5", "messages": _TALK}),
            ("GET", "/v1/files/file_none", None),
        ),
    ),
    "gemini_generate": (
        "gemini",
        (
            ("GET", "/v1beta/models", None),
            ("POST", "/v1beta/models/gemini-3.5-flash:countTokens", {"contents": _CONTENTS}),
            ("POST", "/v1beta/models/gemini-embedding-001:batchEmbedContents", {"requests": [{"content": _CONTENTS[0]}]}),
            ("POST", "/upload/v1beta/files", {"file": {"displayName": "a.txt"}}),
        ),
    ),
    "ollama_chat": ("ollama", (("GET", "/api/tags", None), ("POST", "/api/embed", {"model": "all-minilm", "input": ["a", "b"]}))),
}


def _beside(protocol: str) -> Iterator[Sample]:
    family, asked = _ASKED[protocol]
    world = World(0)
    for method, path, body in asked:
        call = arrive(method, path, _KEYS[family], b"" if body is None else dumps(body), "http://127.0.0.1")
        said = respond(call, world)
        yield Sample(protocol, f"{method} {path}", said.status, said.headers, said.body)
