"""Gemini's generateContent: read an ask, refuse what the API refuses, count tokens. What is answered is in ``gemini_render``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring.testing.simulator.answer import answers
from llmring.testing.simulator.framing import array, sse
from llmring.testing.simulator.gemini_render import SIGNED, broken, chunks, details, whole
from llmring.testing.simulator.reading import chars, compact, number, obj, rows, spelled, strings
from llmring.testing.simulator.values import Ask, Offer, RejectedError, Reply

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Call, JsonObject, Streaming
    from llmring.testing.simulator.world import World

__all__ = ["count_tokens", "generate", "stream"]


def generate(call: Call, world: World) -> Reply:
    """Serve ``POST /v1beta/models/{model}:generateContent``."""
    ask = _read(call, world, "")
    return Reply(body=compact(whole(ask, answers(ask))).encode())


def stream(call: Call, world: World) -> Reply:
    """Serve ``POST /v1beta/models/{model}:streamGenerateContent``: events with ``alt=sse``, else one array in pieces."""
    ask = _read(call, world, "sse" if call.query.get("alt") == "sse" else "array")
    said = chunks(ask, answers(ask))
    if ask.streaming == "array":
        return Reply(frames=array(said), broken=lambda trouble, at: (b",\r\n" if at else b"[") + broken(trouble) + b"]")
    frames = (sse(chunk, end="\r\n") for chunk in said)
    headers = {"content-type": "text/event-stream"}
    return Reply(headers=headers, frames=frames, broken=lambda trouble, _: sse(broken(trouble).decode(), end="\r\n"))


def count_tokens(call: Call, world: World) -> Reply:
    """Serve ``POST /v1beta/models/{model}:countTokens``."""
    call.body = obj(call.body.get("generateContentRequest")) or call.body
    total = _read(call, world, "").input_tokens
    return Reply(body=compact({"totalTokens": total, "promptTokensDetails": details(total)}).encode())


def _read(call: Call, world: World, streaming: Streaming) -> Ask:
    body = call.body
    contents = _contents(body, call.model)
    said = max((at for at, content in enumerate(contents) if content.get("role") == "model"), default=-1)
    config = _camel(obj(body.get("generationConfig")))
    calling = _camel(obj(_camel(obj(body.get("toolConfig"))).get("functionCallingConfig")))
    mode = str(calling.get("mode", "AUTO")).upper()
    allowed = strings(calling.get("allowedFunctionNames"))
    offers = [offer for offer in _offers(body) if not allowed or offer.name in allowed]
    thinking = _camel(obj(config.get("thinkingConfig")))
    kept = number(obj(obj(world.caches.get(str(body.get("cachedContent")))).get("usageMetadata")).get("totalTokenCount")) or 0
    steering = call.steering
    return Ask(
        body=body,
        model=call.model,
        steering=steering,
        seed=steering.seed if steering.seed is not None else world.seed,
        prompt=next((text for content in reversed(contents) if content.get("role", "user") == "user" and (text := _said(content))), ""),
        results=tuple(_result(part) for content in contents[said + 1 :] for part in _parts(content) if "functionResponse" in part),
        turns=sum(content.get("role") == "model" for content in contents),
        input_tokens=kept + 1 + (chars([contents, body.get("systemInstruction")]) + spelled(body.get("tools"))) // 4,
        cached_tokens=kept,
        tools=tuple(offers),
        choice="none" if mode == "NONE" else "required" if mode in {"ANY", "VALIDATED"} else "auto",
        forced=allowed[0] if mode == "ANY" and len(allowed) == 1 else None,
        schema=config.get("responseJsonSchema") or config.get("responseSchema"),
        json_mode=config.get("responseMimeType") == "application/json",
        reasoning=steering.reasoning if steering.reasoning is not None else _thinks(thinking),
        shows_reasoning=thinking.get("includeThoughts") is True or steering.reasoning is True,
        limit=number(config.get("maxOutputTokens")),
        stops=strings(config.get("stopSequences")),
        n=number(config.get("candidateCount")) or 1,
        streaming=streaming,
    )


def _camel(value: JsonObject) -> JsonObject:
    """Take either spelling of a field's name, as the API does."""
    return {_camel_word(name): item for name, item in value.items()}


def _camel_word(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _parts(content: JsonObject) -> list[JsonObject]:
    return [_camel(part) for part in rows(content.get("parts"))]


def _said(content: JsonObject) -> str:
    return "\n".join(part["text"] for part in _parts(content) if isinstance(part.get("text"), str))


def _result(part: JsonObject) -> str:
    value: Any = obj(part["functionResponse"]).get("response")
    inner = obj(value)
    for name in ("result", "output", "error"):
        value = inner[name] if len(inner) == 1 and name in inner else value
    return value if isinstance(value, str) else compact(value)


def _thinks(config: JsonObject) -> bool:
    return config.get("includeThoughts") is True or bool(number(config.get("thinkingBudget"))) or "thinkingLevel" in config


def _offers(body: JsonObject) -> list[Offer]:
    declared = [_camel(item) for tool in rows(body.get("tools")) for item in rows(_camel(tool).get("functionDeclarations"))]
    return [Offer(name=str(item.get("name")), schema=obj(item.get("parametersJsonSchema") or item.get("parameters"))) for item in declared]


def _contents(body: JsonObject, model: str) -> list[JsonObject]:
    contents = rows(body.get("contents"))
    if not contents:
        raise RejectedError(400, "* GenerateContentRequest.contents: contents is not specified", "", "contents")
    for at, content in enumerate(contents):
        if content.get("role", "user") not in {"user", "model", "function"}:
            raise RejectedError(400, "Please use a valid role: user, model.", "", "contents")
        if not _parts(content):
            raise RejectedError(400, f"* GenerateContentRequest.contents[{at}].parts: contents.parts must not be empty.", "", "contents")
    if model.startswith("gemini-3"):
        _check_signatures(contents)
    return contents


def _check_signatures(contents: list[JsonObject]) -> None:
    """Refuse a call of the current turn that lost its thought signature, as Gemini 3 does; the first of parallel calls carries it."""
    asked = max((at for at, content in enumerate(contents) if content.get("role") == "user" and _said(content)), default=0)
    for at, content in enumerate(contents[asked:], asked):
        called = [part for part in _parts(content) if "functionCall" in part]
        signature = str(called[0].get("thoughtSignature", "")) if called else SIGNED
        if not signature:
            name = obj(called[0]["functionCall"]).get("name")
            text = f"Function call is missing a thought_signature in functionCall parts. Function call `{name}`, position {at + 1}."
            raise RejectedError(400, text, "", "contents")
