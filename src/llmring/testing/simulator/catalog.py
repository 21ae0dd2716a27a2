"""What is not a conversation: model lists, embeddings, cached contents and what Ollama tells about itself."""

from __future__ import annotations

import base64
import hashlib
import random
import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from llmring.testing.simulator.reading import chars, compact, number, obj, rows, text_of, tokens
from llmring.testing.simulator.values import CREATED, CREATED_ISO, RejectedError, Reply

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Call, Family, JsonObject
    from llmring.testing.simulator.world import World

__all__ = ["caches", "embed", "model", "models", "ollama_self"]

_MODELS: Final[dict[Family, tuple[str, ...]]] = {
    "openai": ("gpt-5.6", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-4.1-mini", "text-embedding-3-small"),
    "anthropic": ("claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5"),
    "gemini": ("gemini-3.5-flash", "gemini-3.1-flash-lite", "gemini-3-pro-preview", "gemini-2.5-flash", "gemini-embedding-001"),
    "ollama": ("llama3.2:latest", "qwen3:4b", "nomic-embed-text:latest"),
}
_WIDTH: Final[dict[Family, int]] = {"openai": 1536, "anthropic": 0, "gemini": 3072, "ollama": 768}


def models(call: Call, _world: World) -> Reply:
    """Serve the list of models, all on one page."""
    shown = [_model(call.family, name) for name in _MODELS[call.family]]
    match call.family:
        case "openai":
            return _json({"object": "list", "data": shown})
        case "anthropic":
            return _json({"data": shown, "has_more": False, "first_id": shown[0]["id"], "last_id": shown[-1]["id"]})
        case _:
            return _json({"models": shown})


def model(call: Call, _world: World) -> Reply:
    """Serve one model; every name is one, but those that begin with ``missing-``."""
    return _json(_model(call.family, call.model))


def ollama_self(call: Call, _world: World) -> Reply:
    """Serve Ollama's ``/``, ``/api/version``, ``/api/ps`` and ``/api/show``."""
    if call.path == "/":
        return Reply(headers={"content-type": "text/plain; charset=utf-8"}, body=b"Ollama is running")
    if call.path.endswith("version"):
        return _json({"version": "0.12.0"})
    if call.path.endswith("ps"):
        running = {**_model("ollama", _MODELS["ollama"][0]), "expires_at": "2026-01-01T00:05:00Z", "size_vram": 0, "context_length": 4096}
        return _json({"models": [running]})
    shown = _model("ollama", call.model)
    info = {"general.architecture": "llama", "general.parameter_count": 3212749888, "llama.context_length": 131072}
    abilities = ["embedding"] if "embed" in call.model else ["completion", "tools", "thinking"]
    about = {"license": "none", "modelfile": f"FROM {call.model}", "parameters": "", "template": "{{ .Prompt }}"}
    return _json({**about, "details": shown["details"], "model_info": info, "capabilities": abilities, "modified_at": CREATED_ISO})


def embed(call: Call, _world: World) -> Reply:
    """Serve the embeddings of OpenAI, Gemini and Ollama: vectors of length one that depend on model and text alone."""
    match call.family:
        case "openai":
            return _json(_openai_embeddings(call))
        case "ollama":
            texts = _texts(call.body.get("input"))
            width = number(call.body.get("dimensions")) or _WIDTH["ollama"]
            vectors = [_vector(call.model, text, width) for text in texts]
            spent = {"total_duration": 2_000_000, "load_duration": 1_000_000, "prompt_eval_count": sum(map(tokens, texts))}
            return _json({"model": call.model, "embeddings": vectors, **spent})
        case _:
            asked = rows(call.body.get("requests")) or [call.body]
            made = [_gemini_embedding(call.model, request) for request in asked]
            counted = {"usageMetadata": {"promptTokenCount": max(1, chars(asked) // 4)}}
            return _json({"embeddings": made, **counted} if "requests" in call.body else {"embedding": made[0], **counted})


def caches(call: Call, world: World) -> Reply:
    """Serve Gemini's cached contents: create, list, get, change and delete."""
    name = call.path.partition("/v1beta/")[2]
    if call.method == "GET" and name == "cachedContents":
        return _json({"cachedContents": list(world.caches.values())} if world.caches else {})
    if call.method == "POST":
        name = f"cachedContents/{hashlib.sha256(call.raw).hexdigest()[:24]}"
        counted = {"totalTokenCount": chars([call.body.get("contents"), call.body.get("systemInstruction")]) // 4}
        about = {"model": call.body.get("model"), "displayName": call.body.get("displayName", "")}
        world.caches[name] = {"name": name, **about, **_times(call.body), "usageMetadata": counted}
    elif name not in world.caches:
        raise RejectedError(403, "CachedContent not found (or permission denied)")
    elif call.method == "DELETE":
        del world.caches[name]
        return _json({})
    elif call.method == "PATCH":
        world.caches[name] |= {"expireTime": _times(call.body)["expireTime"]}
    return _json(world.caches[name])


def _times(body: JsonObject) -> JsonObject:
    now = datetime.now(UTC)
    ends = now + timedelta(seconds=float(str(body.get("ttl", "3600s")).rstrip("s")))
    made = now.isoformat().replace("+00:00", "Z")
    return {"createTime": made, "updateTime": made, "expireTime": body.get("expireTime") or ends.isoformat().replace("+00:00", "Z")}


def _model(family: Family, name: str) -> JsonObject:
    title = name.replace("-", " ").title()
    match family:
        case "openai":
            return {"id": name, "object": "model", "created": CREATED, "owned_by": "openai"}
        case "anthropic":
            limits = {"max_input_tokens": 1_000_000, "max_tokens": 128_000}
            return {"type": "model", "id": name, "display_name": title, "created_at": CREATED_ISO, **limits, "capabilities": None}
        case "gemini":
            verbs = ["embedContent"] if "embedding" in name else ["generateContent", "countTokens", "createCachedContent"]
            limits = {"inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536, "supportedGenerationMethods": verbs}
            return {"name": f"models/{name}", "version": "001", "displayName": title, "description": "A simulated model.", **limits}
        case "ollama":
            kind = name.partition(":")[0].rstrip("0123456789.")
            sizes = {"parameter_size": "3.2B", "quantization_level": "Q4_K_M"}
            details = {"parent_model": "", "format": "gguf", "family": kind, "families": [kind], **sizes}
            digest = hashlib.sha256(name.encode()).hexdigest()
            return {"name": name, "model": name, "modified_at": CREATED_ISO, "size": 2019393189, "digest": digest, "details": details}


def _openai_embeddings(call: Call) -> JsonObject:
    texts = _texts(call.body.get("input"))
    if not texts:
        raise RejectedError(400, "Missing required parameter: 'input'.", "", "input")
    width = number(call.body.get("dimensions")) or _WIDTH["openai"]
    packed = call.body.get("encoding_format") == "base64"
    vectors = [_vector(call.model, text, width) for text in texts]
    data = [{"object": "embedding", "index": at, "embedding": _pack(vector) if packed else vector} for at, vector in enumerate(vectors)]
    spent = sum(map(tokens, texts))
    return {"object": "list", "data": data, "model": call.model, "usage": {"prompt_tokens": spent, "total_tokens": spent}}


def _gemini_embedding(name: str, request: JsonObject) -> JsonObject:
    config = obj(request.get("embedContentConfig"))
    width = number(request.get("outputDimensionality")) or number(config.get("outputDimensionality")) or _WIDTH["gemini"]
    return {"values": _vector(name, text_of(obj(request.get("content")).get("parts")), width)}


def _texts(given: object) -> list[str]:
    """Give the texts to embed; a list of token ids counts as a text."""
    if isinstance(given, list):
        many = cast("list[object]", given)
        return [text_of(many)] if many and isinstance(many[0], int) else [text_of(item) for item in many]
    return [text_of(given)] if given else []


def _vector(name: str, text: str, width: int) -> list[float]:
    dice = random.Random(f"{name}\n{text}")  # noqa: S311 - made up, not secret
    raw = [dice.gauss(0, 1) for _ in range(width)]
    length = sum(value * value for value in raw) ** 0.5
    return [round(value / length, 8) for value in raw]


def _pack(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _json(value: JsonObject) -> Reply:
    return Reply(body=compact(value).encode())
