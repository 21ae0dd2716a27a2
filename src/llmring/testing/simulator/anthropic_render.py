"""Anthropic's Messages: render an answer as a message and as the events of its stream."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator import errors
from llmring.testing.simulator.framing import sse
from llmring.testing.simulator.reading import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator.values import Answer, Ask, JsonObject, Trouble

__all__ = ["SIGNED", "broken", "frames", "message", "sign"]

SIGNED: Final = "EqSimulated0"
"""How the simulator's own signatures begin; a block that carries one must not have changed."""
_REASONS: Final = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal", "refusal": "refusal"}


def sign(thinking: str) -> str:
    """Sign *thinking*, so that a changed one is known when it comes back."""
    return f"{SIGNED}{hashlib.sha256(thinking.encode()).hexdigest()}"


def message(ask: Ask, answer: Answer) -> JsonObject:
    """Render *answer* as a whole message."""
    content: list[JsonObject] = []
    if answer.reasoning:
        shown = answer.reasoning if ask.shows_reasoning else ""
        content.append({"type": "thinking", "thinking": shown, "signature": sign(shown)})
    if answer.text:
        content.append({"type": "text", "text": answer.text})
    content += [
        {
            "type": "tool_use",
            "id": ask.id("toolu_01", call.at),
            "name": call.name,
            "input": call.arguments if call.whole else {},
            "caller": {"type": "direct"},
        }
        for call in answer.calls
    ]
    return {
        "model": ask.model,
        "id": ask.id("msg_01"),
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": "stop_sequence" if answer.stopped_by is not None else _REASONS[answer.finish],
        "stop_sequence": answer.stopped_by,
        "stop_details": None,
        "usage": _usage(ask, answer),
    }


def _usage(ask: Ask, answer: Answer) -> JsonObject:
    return {
        "input_tokens": ask.input_tokens,
        "cache_creation_input_tokens": ask.written_tokens,
        "cache_read_input_tokens": ask.cached_tokens,
        "cache_creation": {"ephemeral_5m_input_tokens": ask.written_tokens, "ephemeral_1h_input_tokens": 0},
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"thinking_tokens": answer.reasoning_tokens},
        "service_tier": "standard",
    }


def frames(message: JsonObject, answer: Answer) -> Iterator[bytes]:
    """Stream *message*; *answer* says how far its tool calls came."""
    for event in _events(message, answer):
        yield sse(event, event["type"])


def _events(message: JsonObject, answer: Answer) -> Iterator[JsonObject]:
    usage: JsonObject = message["usage"]
    first = {name: value for name, value in usage.items() if name != "output_tokens_details"}
    begun: JsonObject = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": {**first, "output_tokens": 1}}
    yield {"type": "message_start", "message": {**message, **begun}}
    yield {"type": "ping"}
    raws = [call.raw if call.arguments else "" for call in answer.calls]
    before = len(message["content"]) - len(raws)
    for at, block in enumerate(message["content"]):
        yield from _block(block, at, raws[at - before] if at >= before else "")
    reason = {name: message[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
    counted = {name: value for name, value in usage.items() if name not in {"cache_creation", "service_tier"}}
    yield {"type": "message_delta", "delta": reason, "usage": counted}
    yield {"type": "message_stop"}


def _block(block: JsonObject, at: int, raw: str) -> Iterator[JsonObject]:
    def delta(kind: str, field: str, value: str) -> JsonObject:
        return {"type": "content_block_delta", "index": at, "delta": {"type": kind, field: value}}

    empty: dict[str, JsonObject] = {"thinking": {"thinking": "", "signature": ""}, "text": {"text": ""}, "tool_use": {"input": {}}}
    yield {"type": "content_block_start", "index": at, "content_block": {**block, **empty[block["type"]]}}
    match block:
        case {"type": "thinking", "thinking": str(text), "signature": str(signature)}:
            yield from (delta("thinking_delta", "thinking", piece) for piece in pieces(text))
            yield delta("signature_delta", "signature", signature)
        case {"type": "text", "text": str(text)}:
            yield from (delta("text_delta", "text", piece) for piece in pieces(text))
        case _:
            yield from (delta("input_json_delta", "partial_json", piece) for piece in ["", *pieces(raw, 9)])
    yield {"type": "content_block_stop", "index": at}


def broken(trouble: Trouble, _at: int) -> bytes:
    """Report *trouble* in the stream."""
    return sse(errors.body("anthropic", trouble), "error")
