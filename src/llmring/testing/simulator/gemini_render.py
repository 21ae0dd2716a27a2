"""Gemini's generateContent: render answers as one response and as the chunks of its stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from llmring.testing.simulator import errors
from llmring.testing.simulator.reading import compact, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator.values import Answer, Ask, JsonObject, Trouble

__all__ = ["SIGNED", "broken", "chunks", "details", "whole"]

SIGNED: Final = "EqSimulated0"
"""How the simulator's own thought signatures begin."""
_REASONS: Final = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "tool_calls": "STOP",
    "content_filter": "SAFETY",
    "refusal": "PROHIBITED_CONTENT",
}
_STEP: Final = 2
"""Words per chunk: Gemini's are longer than those of others."""


def whole(ask: Ask, said: list[Answer]) -> JsonObject:
    """Render all candidates."""
    return {"candidates": [_candidate(answer, _parts(ask, answer), last=True) for answer in said], **_rest(ask, said)}


def chunks(ask: Ask, said: list[Answer]) -> Iterator[JsonObject]:
    """Stream the candidates one after the other; usage is on every chunk and the last one counts."""
    for answer in said:
        parts = [smaller for part in _parts(ask, answer) for smaller in _split(part)]
        if not parts:
            yield {"candidates": [_candidate(answer, [], last=True)], **_rest(ask, said)}
        for at, part in enumerate(parts):
            yield {"candidates": [_candidate(answer, [part], last=at == len(parts) - 1)], **_rest(ask, said)}


def broken(trouble: Trouble) -> bytes:
    """Report *trouble* as an element of the stream."""
    return compact(errors.body("gemini", trouble)).encode()


def details(count: int) -> list[JsonObject]:
    """Tell that all *count* tokens are text."""
    return [{"modality": "TEXT", "tokenCount": count}]


def _parts(ask: Ask, answer: Answer) -> list[JsonObject]:
    signature = f"{SIGNED}{ask.digest('thought', answer.at)}"
    parts: list[JsonObject] = [{"text": answer.reasoning, "thought": True}] if answer.reasoning and ask.shows_reasoning else []
    signed = bool(answer.reasoning) or ask.model.startswith("gemini-3")
    calls: list[JsonObject] = [
        {"functionCall": {"id": ask.id("", "call", answer.at, call.at, length=8), "name": call.name, "args": call.arguments}}
        for call in answer.calls
        if call.whole
    ]
    said: list[JsonObject] = calls or ([{"text": answer.text}] if answer.text else [])
    if said and signed:
        said[0]["thoughtSignature"] = signature
    return parts + said


def _split(part: JsonObject) -> list[JsonObject]:
    """Cut a text into chunks; the signature comes last, on a part without text."""
    if "text" not in part:
        return [part]
    words = pieces(part["text"])
    texts = ["".join(words[at : at + _STEP]) for at in range(0, len(words), _STEP)]
    kept = {name: value for name, value in part.items() if name == "thought"}
    tail = [{"text": "", "thoughtSignature": part["thoughtSignature"]}] if "thoughtSignature" in part else []
    return [*({"text": text, **kept} for text in texts), *tail]


def _candidate(answer: Answer, parts: list[JsonObject], *, last: bool) -> JsonObject:
    candidate: JsonObject = {"content": {"parts": parts, "role": "model"}, "index": answer.at}
    if not parts:
        del candidate["content"]
    if last:
        candidate["finishReason"] = _REASONS[answer.finish]
        if answer.finish == "tool_calls":
            candidate["finishMessage"] = "Model generated function call(s)."
    return candidate


def _rest(ask: Ask, said: list[Answer]) -> JsonObject:
    thought = sum(answer.reasoning_tokens for answer in said)
    spoken = sum(answer.output_tokens for answer in said) - thought
    usage: JsonObject = {
        "promptTokenCount": ask.input_tokens,
        "candidatesTokenCount": spoken,
        "totalTokenCount": ask.input_tokens + spoken + thought,
        "promptTokensDetails": details(ask.input_tokens),
        "serviceTier": "standard",
    }
    if thought:
        usage["thoughtsTokenCount"] = thought
    if ask.cached_tokens:
        usage |= {"cachedContentTokenCount": ask.cached_tokens, "cacheTokensDetails": details(ask.cached_tokens)}
    return {"usageMetadata": usage, "modelVersion": ask.model, "responseId": ask.id("", "response", length=22)}
