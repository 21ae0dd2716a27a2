"""Find in a body what the official SDK of its protocol does not know: a key, or a value of another type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from llmring._gen.providers import Protocol

OLDER: Final[Mapping[str, frozenset[str]]] = {"anthropic_messages": frozenset({"temperature", "top_p", "top_k"})}
"""Keys that the newest SDK leaves out because its newest models refuse them; older models take them."""
BESIDE: Final = ("generationConfig", frozenset({"responseJsonSchema"}))
"""Keys of Gemini's that its SDK has in the config of a call, not in the body's own object."""

FREE: Final = ".function.parameters"
"""Where a JSON Schema stands, which may say more than the SDK's own model of one."""


def build() -> None:
    """Import the SDKs and build their validators now, which takes seconds, and not in the first call that is checked."""
    kinds: tuple[Protocol, ...] = ("openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "ollama_chat")
    for protocol in kinds:
        for stream in (False, True):
            faults(protocol, {"stream": stream})


def check_body(protocol: Protocol, body: Mapping[str, Any]) -> None:
    """Insist that the official SDK of *protocol* knows all of *body*.

    Raises:
        AssertionError: it does not; the text lists every fault with its place.

    """
    found = faults(protocol, body)
    assert not found, "\n".join([f"{protocol} does not know:", *found])


def faults(protocol: Protocol, body: Mapping[str, Any]) -> list[str]:
    """List what is wrong with *body* by the types of the official SDK of *protocol*."""
    plain = json.loads(json.dumps(body))
    own = {key: value for key, value in plain.items() if key not in OLDER.get(protocol, ())}
    reader = _read_gemini if protocol == "gemini_generate" else _read_whole
    try:
        kept = reader(protocol, own)
    except _validation_error() as error:
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in cast("Any", error).errors()]
    return list(_lost(own, kept, ""))


def _read_whole(protocol: str, body: dict[str, Any]) -> Any:
    return _plain(_adapter(*_kind(protocol, stream=body.get("stream") is True)).validate_python(body))


def _kind(protocol: str, *, stream: bool) -> tuple[str, str]:
    """Name the module and the type of the requests of *protocol*."""
    way = "Streaming" if stream else "NonStreaming"
    match protocol:
        case "openai_chat":
            return "openai.types.chat.completion_create_params", f"CompletionCreateParams{way}"
        case "openai_responses":
            return "openai.types.responses.response_create_params", f"ResponseCreateParams{way}"
        case "anthropic_messages":
            return "anthropic.types.message_create_params", f"MessageCreateParams{way}"
        case _:
            return "ollama._types", "ChatRequest"


@cache
def _adapter(module: str, name: str) -> Any:
    """Give what validates the type *name* of *module*."""
    kind: Any = import_module(module)
    for step in name.split("."):
        kind = getattr(kind, step)
    return import_module("pydantic").TypeAdapter(kind)


@cache
def _gemini() -> Any:
    """Make the model of a whole request: the SDK has types for its parts only, which refuse unknown keys."""
    types: Any = import_module("google.genai.types")
    pydantic: Any = import_module("pydantic")
    kinds: dict[str, Any] = {
        "contents": list[types.Content],
        "systemInstruction": types.Content,
        "generationConfig": types.GenerationConfig,
        "tools": list[types.Tool],
        "toolConfig": types.ToolConfig,
        "safetySettings": list[types.SafetySetting],
        "cachedContent": str,
        "serviceTier": types.ServiceTier,
    }
    fields = {name: (kind, pydantic.Field(default=None)) for name, kind in kinds.items()}
    return pydantic.create_model("GenerateContentRequest", __config__=pydantic.ConfigDict(extra="forbid"), **fields)


def _read_gemini(_protocol: str, body: dict[str, Any]) -> Any:
    place, names = BESIDE
    config = {name: value for name, value in body.get(place, {}).items() if name not in names}
    _gemini().model_validate_json(json.dumps({**body, place: config} if place in body else body))
    return body


def _validation_error() -> type[Exception]:
    return import_module("pydantic").ValidationError


def _plain(value: Any) -> Any:
    """Read lazily checked lists to their end, and models as the keys that were given."""
    if hasattr(value, "model_dump"):
        return value.model_dump(exclude_unset=True, by_alias=True, mode="json")
    match value:
        case Mapping():
            return {key: _plain(item) for key, item in cast("Mapping[str, Any]", value).items()}
        case str() | bytes():
            return value
        case Sequence() | Iterator():
            return [_plain(item) for item in cast("Iterator[Any]", value)]
        case _:
            return value


def _lost(body: Any, kept: Any, path: str) -> Iterator[str]:
    """Name the places of *body* that *kept* does not have."""
    match body, kept:
        case dict(), dict():
            mine, theirs = cast("dict[str, Any]", body), cast("dict[str, Any]", kept)
            for key, value in mine.items():
                at = f"{path}.{key}" if path else key
                if key not in theirs:
                    yield f"{at}: unknown"
                elif not at.endswith(FREE):
                    yield from _lost(value, theirs[key], at)
        case list(), list():
            items = zip(cast("list[Any]", body), cast("list[Any]", kept), strict=True)
            for at, (value, other) in enumerate(items):
                yield from _lost(value, other, f"{path}[{at}]")
        case _ if body != kept:
            yield f"{path}: read as {kept!r}, not {body!r}"
        case _:
            pass
