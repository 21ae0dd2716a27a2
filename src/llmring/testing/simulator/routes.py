"""From a request to a reply: which provider is meant, which endpoint, may the caller, and is a fault due. No socket is touched here."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from llmring.testing.simulator import anthropic, catalog, errors, faults, files, gemini, ollama, openai_chat, openai_responses
from llmring.testing.simulator.steer import Steering, parse, split_model
from llmring.testing.simulator.values import Call, Family, RejectedError, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring.testing.simulator.world import World

    Serve: TypeAlias = Callable[[Call, World], Reply]

__all__ = ["arrive", "respond"]

_MODEL: Final = r"/v1beta/models/(?P<model>[^:]+(?::[^:]+)*)"
_ROUTES: Final[tuple[tuple[Family, str, str, Serve], ...]] = (
    ("openai", "POST", r"/v1/chat/completions", openai_chat.chat),
    ("openai", "POST", r"/v1/responses", openai_responses.responses),
    ("openai", "POST", r"/v1/responses/input_tokens", openai_responses.count_tokens),
    ("openai", "POST", r"/v1/embeddings", catalog.embed),
    ("openai", "GET", r"/v1/models", catalog.models),
    ("openai", "GET", r"/v1/models/(?P<model>.+)", catalog.model),
    ("openai", "POST", r"/v1/files", files.upload),
    ("openai", "GET", r"/v1/files", files.listing),
    ("openai", "GET", r"/v1/files/[^/]+", files.get),
    ("openai", "DELETE", r"/v1/files/[^/]+", files.delete),
    ("openai", "GET", r"/v1/files/[^/]+/content", files.content),
    ("anthropic", "POST", r"/v1/messages", anthropic.messages),
    ("anthropic", "POST", r"/v1/messages/count_tokens", anthropic.count_tokens),
    ("anthropic", "GET", r"/v1/models", catalog.models),
    ("anthropic", "GET", r"/v1/models/(?P<model>.+)", catalog.model),
    ("anthropic", "POST", r"/v1/files", files.upload),
    ("anthropic", "GET", r"/v1/files", files.listing),
    ("anthropic", "GET", r"/v1/files/[^/]+", files.get),
    ("anthropic", "DELETE", r"/v1/files/[^/]+", files.delete),
    ("anthropic", "GET", r"/v1/files/[^/]+/content", files.content),
    ("gemini", "POST", _MODEL + ":generateContent", gemini.generate),
    ("gemini", "POST", _MODEL + ":streamGenerateContent", gemini.stream),
    ("gemini", "POST", _MODEL + ":countTokens", gemini.count_tokens),
    ("gemini", "POST", _MODEL + ":(?:embedContent|batchEmbedContents)", catalog.embed),
    ("gemini", "GET", r"/v1beta/models", catalog.models),
    ("gemini", "GET", _MODEL, catalog.model),
    ("gemini", "POST", r"/upload/v1beta/files", files.start_upload),
    ("gemini", "GET", r"/v1beta/files", files.listing),
    ("gemini", "GET", r"/v1beta/files/[^/]+", files.get),
    ("gemini", "DELETE", r"/v1beta/files/[^/]+", files.delete),
    ("gemini", "POST", r"/v1beta/cachedContents", catalog.caches),
    ("gemini", "GET", r"/v1beta/cachedContents(?:/[^/]+)?", catalog.caches),
    ("gemini", "PATCH", r"/v1beta/cachedContents/[^/]+", catalog.caches),
    ("gemini", "DELETE", r"/v1beta/cachedContents/[^/]+", catalog.caches),
    ("ollama", "POST", r"/api/chat", ollama.chat),
    ("ollama", "POST", r"/api/generate", ollama.generate),
    ("ollama", "POST", r"/api/embed", catalog.embed),
    ("ollama", "GET", r"/api/tags", catalog.models),
    ("ollama", "GET", r"/(?:api/(?:version|ps))?", catalog.ollama_self),
    ("ollama", "POST", r"/api/show", catalog.ollama_self),
)
_TABLE: Final = tuple((family, method, re.compile(pattern), serve) for family, method, pattern, serve in _ROUTES)
_NEEDS_MODEL: Final = re.compile(r"/v1/(?:chat|responses|embeddings|messages).*|/api/(?:chat|generate|embed|show)")
_KEYS: Final[dict[Family, tuple[str, ...]]] = {
    "openai": ("authorization",),
    "anthropic": ("x-api-key", "authorization"),
    "gemini": ("x-goog-api-key", "authorization"),
    "ollama": (),
}
_LIMIT: Final = 10_000
"""Requests that one may make, by the headers that say so."""


def arrive(method: str, target: str, headers: dict[str, str], raw: bytes, url: str) -> Call:
    """Take a request as it came; who is meant is told by its path, and where two providers share one, by its headers."""
    split = urlsplit(target)
    path = unquote(split.path)
    query = dict(parse_qsl(split.query, keep_blank_values=True))
    family = _family(path, headers, query)
    if family == "gemini":
        path = re.sub(r"^(/upload)?/v1/", r"\1/v1beta/", path)
    return Call(
        method=method, path=path, query=query, headers=headers, raw=raw, body={}, family=family, model="", steering=Steering(), url=url
    )


def respond(call: Call, world: World) -> Reply:
    """Answer *call*: the fault that is due, or what its endpoint says, or why it is refused."""
    serial = world.serial()
    try:
        serve = _understand(call, world)
        fault = world.fault(call.steering, call.steering.key or f"{call.family} {call.model} {call.steering.fault} {call.steering.status}")
        if fault in faults.STATUSES:
            reply = errors.reply(call.family, errors.trouble(fault, call.steering.status, call.steering.retry_after))
        else:
            _check_key(call)
            reply = serve(call, world)
            reply.fault = fault
    except RejectedError as error:
        reply = errors.reply(call.family, error.trouble)
    reply.headers = {"content-type": "application/json", **_headers(call.family, serial), **reply.headers}
    return faults.spoil(reply, call)


def _family(path: str, headers: dict[str, str], query: dict[str, str]) -> Family:
    if path.startswith("/api/") or path == "/":
        return "ollama"
    if path.startswith(("/v1/chat/", "/v1/responses", "/v1/embeddings")):
        return "openai"
    if path.startswith(("/v1beta/", "/upload/")) or "x-goog-api-key" in headers or "key" in query:
        return "gemini"
    return "anthropic" if path.startswith("/v1/messages") or "anthropic-version" in headers or "x-api-key" in headers else "openai"


def _understand(call: Call, world: World) -> Serve:
    """Read body, model and steering into *call* and find its endpoint, or refuse."""
    own = [(method, pattern.fullmatch(call.path), serve) for family, method, pattern, serve in _TABLE if family == call.family]
    ways = [(method, found, serve) for method, found, serve in own if found]
    if call.raw and "multipart" not in call.headers.get("content-type", "") and "upload_id" not in call.query:
        call.body = _json(call.raw)
    named = next((found["model"] for _, found, _ in ways if "model" in found.groupdict()), None)
    name = named if named is not None else call.body.get("model") or call.body.get("name") or ""
    try:
        call.model, steering = split_model(str(name))
        call.steering = parse(call.headers.get("x-simulate", "")).over(steering).over(Steering(script=world.script))
    except ValueError as error:
        raise RejectedError(400, str(error)) from None
    if not ways:
        raise RejectedError(404, f"Invalid URL ({call.method} {call.path})")
    serve = next((serve for method, _, serve in ways if method == call.method), None)
    if serve is None:
        raise RejectedError(405, f"Not allowed to {call.method} on {call.path}")
    if call.model.startswith("missing-"):
        raise _missing(call)
    if not name and _NEEDS_MODEL.fullmatch(call.path):
        raise RejectedError(400, "model: Field required", "", "model")
    return serve


def _json(raw: bytes) -> dict[str, Any]:
    try:
        value: object = json.loads(raw)
    except ValueError:
        raise RejectedError(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(value, dict):
        raise RejectedError(400, "The body of your request must be a JSON object.")
    return cast("dict[str, Any]", value)


def _missing(call: Call) -> RejectedError:
    texts: dict[Family, str] = {
        "openai": f"The model `{call.model}` does not exist or you do not have access to it.",
        "anthropic": f"model: {call.model}",
        "gemini": f"models/{call.model} is not found for API version v1beta, or is not supported for this method.",
        "ollama": f"model '{call.model}' not found",
    }
    return RejectedError(404, texts[call.family], "model", None)


def _check_key(call: Call) -> None:
    """Refuse a missing key, and one that begins with ``bad``, each in the provider's own way."""
    known = _KEYS[call.family]
    given = next((call.headers[name] for name in known if call.headers.get(name)), None)
    key = (given or call.query.get("key", "")).removeprefix("Bearer").strip()
    if known and "upload_id" not in call.query and (not key or key.startswith("bad")):
        raise _wrong_key(call.family, missing=not key)
    if call.family == "anthropic" and "anthropic-version" not in call.headers:
        raise RejectedError(400, "anthropic-version: header is required")


def _wrong_key(family: Family, *, missing: bool) -> RejectedError:
    if family == "openai":
        text = "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth."
        return RejectedError(401, text) if missing else RejectedError(401, "Incorrect API key provided.", "key")
    if family == "anthropic":
        return RejectedError(401, "x-api-key header is required" if missing else "invalid x-api-key")
    if missing:
        text = "Method doesn't allow unregistered callers (callers without established identity). Please use API Key."
        return RejectedError(403, text)
    return RejectedError(400, "API key not valid. Please pass a valid API key.", "key")


def _headers(family: Family, serial: int) -> dict[str, str]:
    """Give the headers that come with every reply of *family*; *serial* makes the request's id."""
    left, name = str(_LIMIT - serial), f"req_simulated{serial:06d}"
    match family:
        case "openai":
            limits = {"limit-requests": str(_LIMIT), "remaining-requests": left, "reset-requests": "6ms"}
            limits |= {"limit-tokens": "2000000", "remaining-tokens": "1999990", "reset-tokens": "0s"}
            own = {"x-request-id": name, "openai-processing-ms": "12", "openai-version": "2020-10-01"}
            return own | {f"x-ratelimit-{key}": value for key, value in limits.items()}
        case "anthropic":
            limits = {"requests-limit": str(_LIMIT), "requests-remaining": left, "requests-reset": "2026-01-01T00:01:00Z"}
            limits |= {"tokens-limit": "2000000", "tokens-remaining": "1999990", "tokens-reset": "2026-01-01T00:01:00Z"}
            return {"request-id": name} | {f"anthropic-ratelimit-{key}": value for key, value in limits.items()}
        case "gemini":
            return {"content-type": "application/json; charset=UTF-8", "x-gemini-service-tier": "standard"}
        case "ollama":
            return {"content-type": "application/json; charset=utf-8"}
