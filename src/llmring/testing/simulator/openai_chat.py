"""OpenAI's chat completions: read an ask, render answers whole and as chunks."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from llmring.testing.simulator import errors
from llmring.testing.simulator.answer import answers
from llmring.testing.simulator.framing import sse
from llmring.testing.simulator.logprobs import logprobs
from llmring.testing.simulator.reading import chars, compact, number, obj, pieces, rows, spelled, strings, text_of
from llmring.testing.simulator.values import CREATED, Ask, Offer, RejectedError, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator.values import Answer, Call, JsonObject, ToolUse, Trouble
    from llmring.testing.simulator.world import World

__all__ = ["cached_prompt", "chat"]

_ROLES: Final = {"system", "developer", "user", "assistant", "tool", "function"}
_CACHEABLE: Final = 1024
"""Prompts of fewer tokens are not cached."""


def chat(call: Call, world: World) -> Reply:
    """Serve ``POST /v1/chat/completions``."""
    ask = read(call, world)
    if not ask.streaming:
        return Reply(body=compact(whole(ask)).encode())
    return Reply(headers={"content-type": "text/event-stream; charset=utf-8"}, frames=_frames(ask), broken=_broken)


def read(call: Call, world: World) -> Ask:
    """Read what the body of *call* asks for, refusing what OpenAI refuses."""
    body = call.body
    messages = _messages(body)
    said = max((at for at, message in enumerate(messages) if message.get("role") == "assistant"), default=-1)
    form = obj(body.get("response_format"))
    choice = body.get("tool_choice")
    prompt_tokens = 3 + 4 * len(messages) + (chars(messages) + spelled(body.get("tools"), form)) // 4
    cached, written = cached_prompt(world, body, prompt_tokens, call.model)
    return Ask(
        body=body,
        model=call.model,
        steering=call.steering,
        seed=call.steering.seed if call.steering.seed is not None else world.seed,
        prompt=next((text_of(message.get("content")) for message in reversed(messages) if message.get("role") == "user"), ""),
        results=tuple(text_of(message.get("content")) for message in messages[said + 1 :] if message.get("role") in {"tool", "function"}),
        turns=sum(message.get("role") == "assistant" for message in messages),
        input_tokens=prompt_tokens,
        cached_tokens=cached,
        written_tokens=written,
        tools=_offers(body),
        choice="none" if choice == "none" else "auto" if choice in (None, "auto") else "required",
        forced=obj(obj(choice).get("function")).get("name"),
        parallel=body.get("parallel_tool_calls") is not False,
        schema=obj(form.get("json_schema")).get("schema") if form.get("type") == "json_schema" else None,
        json_mode=form.get("type") == "json_object",
        reasoning=call.steering.reasoning if call.steering.reasoning is not None else body.get("reasoning_effort") not in {None, "none"},
        limit=number(body.get("max_completion_tokens")) or number(body.get("max_tokens")),
        stops=strings(body.get("stop")),
        n=number(body.get("n")) or 1,
        logprobs=body.get("logprobs") is True,
        top_logprobs=number(body.get("top_logprobs")) or 0,
        streaming="sse" if body.get("stream") is True else "",
    )


def cached_prompt(world: World, body: JsonObject, prompt_tokens: int, model: str) -> tuple[int, int]:
    """Count the tokens of a long prompt that are read from the cache, and those written to it."""
    if prompt_tokens < _CACHEABLE:
        return 0, 0
    whole = prompt_tokens // 128 * 128
    start = compact(body.get("messages") or body.get("input"))[: _CACHEABLE * 4]
    return (whole, 0) if world.cached("openai", model, body.get("instructions"), start) else (0, whole)


def whole(ask: Ask) -> JsonObject:
    """Render a completion."""
    said = answers(ask)
    return {
        "id": ask.id("chatcmpl-"),
        "object": "chat.completion",
        "created": CREATED,
        "model": ask.model,
        "choices": [_choice(ask, answer) for answer in said],
        "usage": _usage(ask, said),
        "service_tier": "default",
        "system_fingerprint": "fp_simulated",
    }


def _messages(body: JsonObject) -> list[JsonObject]:
    messages = rows(body.get("messages"))
    if not isinstance(body.get("messages"), list):
        raise RejectedError(400, "Missing required parameter: 'messages'.", "missing", "messages")
    if not messages:
        raise RejectedError(400, "Invalid 'messages': empty array. Expected an array with minimum length 1.", "", "messages")
    open_calls: set[Any] = set()
    for at, message in enumerate(messages):
        role = message.get("role")
        if role not in _ROLES:
            text = f"Invalid value: {role!r}. Supported values are: {', '.join(sorted(_ROLES))}."
            raise RejectedError(400, text, "", f"messages[{at}].role")
        if role == "tool" and message.get("tool_call_id") not in open_calls:
            text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            raise RejectedError(400, f"Invalid parameter: {text}", "", f"messages.[{at}].role")
        if role == "tool":
            open_calls.discard(message.get("tool_call_id"))
        elif open_calls:
            text = f"An assistant message with 'tool_calls' must be followed by tool messages; missing: {', '.join(map(str, open_calls))}"
            raise RejectedError(400, text, "", "messages")
        else:
            open_calls = {item.get("id") for item in rows(message.get("tool_calls"))}
    return messages


def _offers(body: JsonObject) -> tuple[Offer, ...]:
    functions = [obj(tool.get("function")) for tool in rows(body.get("tools")) if tool.get("type") == "function"]
    return tuple(Offer(name=str(tool.get("name")), schema=obj(tool.get("parameters"))) for tool in functions)


def _finish(ask: Ask, answer: Answer) -> str:
    """Name the reason as OpenAI does: a call that was forced by name ends with ``stop``."""
    forced = answer.finish == "tool_calls" and ask.forced is not None
    return "stop" if forced or answer.finish == "refusal" else answer.finish


def _choice(ask: Ask, answer: Answer) -> JsonObject:
    refused = answer.finish == "refusal"
    silent = bool(answer.calls) or refused
    message: JsonObject = {
        "role": "assistant",
        "content": None if silent else answer.text,
        "refusal": answer.text if refused else None,
        "annotations": [],
    }
    if answer.calls:
        message["tool_calls"] = [_tool_call(ask, answer, call) for call in answer.calls]
    shown = {"content": logprobs(ask, pieces(answer.text), answer.at), "refusal": None} if ask.logprobs else None
    return {"index": answer.at, "message": message, "logprobs": shown, "finish_reason": _finish(ask, answer)}


def _tool_call(ask: Ask, answer: Answer, call: ToolUse, arguments: str | None = None) -> JsonObject:
    function = {"name": call.name, "arguments": call.raw if arguments is None else arguments}
    return {"id": ask.id("call_", answer.at, call.at), "type": "function", "function": function}


def _usage(ask: Ask, said: list[Answer]) -> JsonObject:
    output = sum(answer.output_tokens for answer in said)
    thought = sum(answer.reasoning_tokens for answer in said)
    details = {"cached_tokens": ask.cached_tokens, "cache_write_tokens": ask.written_tokens, "audio_tokens": 0}
    return {
        "prompt_tokens": ask.input_tokens,
        "completion_tokens": output,
        "total_tokens": ask.input_tokens + output,
        "prompt_tokens_details": details,
        "completion_tokens_details": {
            "reasoning_tokens": thought,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _frames(ask: Ask) -> Iterator[bytes]:
    said = answers(ask)
    counted = obj(ask.body.get("stream_options")).get("include_usage") is True
    shared: JsonObject = {
        "id": ask.id("chatcmpl-"),
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": ask.model,
        "service_tier": "default",
        "system_fingerprint": "fp_simulated",
    }
    extra: JsonObject = {"usage": None} if counted else {}
    for together in zip_longest(*(_deltas(ask, answer) for answer in said)):
        for choice in together:
            if choice is not None:
                yield sse({**shared, "choices": [choice], **extra})
    if counted:
        yield sse({**shared, "choices": [], "usage": _usage(ask, said)})
    yield sse("[DONE]")


def _deltas(ask: Ask, answer: Answer) -> Iterator[JsonObject]:
    def delta(change: JsonObject, finish: str | None = None, piece: str | None = None) -> JsonObject:
        shown = {"content": logprobs(ask, [piece], answer.at), "refusal": None} if ask.logprobs and piece is not None else None
        return {"index": answer.at, "delta": change, "logprobs": shown, "finish_reason": finish}

    yield delta({"role": "assistant", "content": None if answer.calls else "", "refusal": None})
    for call in answer.calls:
        yield delta({"tool_calls": [{"index": call.at, **_tool_call(ask, answer, call, "")}]})
        for piece in pieces(call.raw, 5):
            yield delta({"tool_calls": [{"index": call.at, "function": {"arguments": piece}}]})
    field = "refusal" if answer.finish == "refusal" else "content"
    for piece in pieces(answer.text):
        yield delta({field: piece}, piece=piece)
    yield delta({}, _finish(ask, answer))


def _broken(trouble: Trouble, _at: int) -> bytes:
    return sse({"error": errors.openai(trouble)})
