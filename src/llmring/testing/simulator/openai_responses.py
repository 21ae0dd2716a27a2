"""OpenAI's Responses: read an ask, render the response. Its stream is in ``responses_stream``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from llmring.testing.simulator.answer import answers
from llmring.testing.simulator.logprobs import logprobs
from llmring.testing.simulator.openai_chat import cached_prompt
from llmring.testing.simulator.reading import chars, compact, number, obj, pieces, rows, spelled, strings, text_of
from llmring.testing.simulator.responses_stream import broken, frames
from llmring.testing.simulator.values import CREATED, Ask, Offer, RejectedError, Reply

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Answer, Call, JsonObject
    from llmring.testing.simulator.world import World

__all__ = ["count_tokens", "responses"]

_RESULTS: Final = {"function_call_output", "custom_tool_call_output"}
_SAID: Final = {"function_call", "custom_tool_call", "reasoning"}
_ECHOED: Final[JsonObject] = {
    "background": False,
    "frequency_penalty": 0.0,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
    "metadata": {},
}
"""What a response repeats of its request, with the defaults."""


def responses(call: Call, world: World) -> Reply:
    """Serve ``POST /v1/responses``."""
    ask = _read(call, world)
    finished = _response(ask, answers(ask)[0])
    if not ask.streaming:
        return Reply(body=compact(finished).encode())
    headers = {"content-type": "text/event-stream; charset=utf-8"}
    return Reply(headers=headers, frames=frames(finished), broken=partial(broken, finished))


def count_tokens(call: Call, world: World) -> Reply:
    """Serve ``POST /v1/responses/input_tokens``."""
    return Reply(body=compact({"object": "response.input_tokens", "input_tokens": _read(call, world).input_tokens}).encode())


def _read(call: Call, world: World) -> Ask:
    body = call.body
    items = _items(body)
    said = max((at for at, item in enumerate(items) if _by_assistant(item)), default=-1)
    form = obj(obj(body.get("text")).get("format"))
    choice = body.get("tool_choice")
    effort = obj(body.get("reasoning"))
    prompt_tokens = 3 + 4 * len(items) + (chars([items, body.get("instructions")]) + spelled(body.get("tools"), form)) // 4
    cached, written = cached_prompt(world, body, prompt_tokens, call.model)
    return Ask(
        body=body,
        model=call.model,
        steering=call.steering,
        seed=call.steering.seed if call.steering.seed is not None else world.seed,
        prompt=next((text_of(item.get("content")) for item in reversed(items) if item.get("role") == "user"), ""),
        results=tuple(text_of(item.get("output")) for item in items[said + 1 :] if item.get("type") in _RESULTS),
        turns=_turns(items),
        input_tokens=prompt_tokens,
        cached_tokens=cached,
        written_tokens=written,
        tools=tuple(_offers(body)),
        choice="none" if choice == "none" else "auto" if choice in (None, "auto") else "required",
        forced=obj(choice).get("name"),
        parallel=body.get("parallel_tool_calls") is not False,
        schema=form.get("schema") if form.get("type") == "json_schema" else None,
        json_mode=form.get("type") == "json_object",
        reasoning=call.steering.reasoning if call.steering.reasoning is not None else bool(effort) and effort.get("effort") != "none",
        limit=number(body.get("max_output_tokens")),
        logprobs="message.output_text.logprobs" in strings(body.get("include")),
        top_logprobs=number(body.get("top_logprobs")) or 0,
        streaming="sse" if body.get("stream") is True else "",
    )


def _by_assistant(item: JsonObject) -> bool:
    return item.get("role") == "assistant" or item.get("type") in _SAID


def _turns(items: list[JsonObject]) -> int:
    """Count the runs of items that the assistant said."""
    return sum(_by_assistant(item) and (at == 0 or not _by_assistant(items[at - 1])) for at, item in enumerate(items))


def _offers(body: JsonObject) -> list[Offer]:
    functions = [tool for tool in rows(body.get("tools")) if tool.get("type") == "function"]
    return [Offer(name=str(tool.get("name")), schema=obj(tool.get("parameters"))) for tool in functions]


def _items(body: JsonObject) -> list[JsonObject]:
    if "messages" in body:
        raise RejectedError(400, "Unsupported parameter: 'messages'. It has moved to 'input'.", "", "messages")
    if "response_format" in body:
        text = "Unsupported parameter: 'response_format'. In the Responses API, this parameter has moved to 'text.format'."
        raise RejectedError(400, text, "", "response_format")
    given = body.get("input")
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    items = rows(given)
    if not items and "previous_response_id" not in body:
        raise RejectedError(400, "One of 'input' or 'previous_response_id' must be provided.", "", "input")
    called = {item.get("call_id") for item in items if item.get("type") in _SAID}
    for item in items:
        if item.get("type") in _RESULTS and item.get("call_id") not in called and "previous_response_id" not in body:
            raise RejectedError(400, f"No tool call found for function call output with call_id {item.get('call_id')}.", "", "input")
    return items


def _response(ask: Ask, answer: Answer) -> JsonObject:
    reasons: dict[str, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}
    reason = reasons.get(answer.finish)
    echoed = {name: ask.body.get(name, default) for name, default in _ECHOED.items()}
    effort = obj(ask.body.get("reasoning"))
    return {
        "id": ask.id("resp_", length=48),
        "object": "response",
        "created_at": CREATED,
        "status": "incomplete" if reason else "completed",
        "completed_at": None if reason else CREATED,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "model": ask.model,
        "output": _output(ask, answer),
        **echoed,
        "reasoning": {"effort": effort.get("effort"), "summary": effort.get("summary")},
        "service_tier": "default",
        "text": {"format": {"type": "text"}, "verbosity": "medium", **obj(ask.body.get("text"))},
        "usage": {
            "input_tokens": ask.input_tokens,
            "input_tokens_details": {"cached_tokens": ask.cached_tokens, "cache_write_tokens": ask.written_tokens},
            "output_tokens": answer.output_tokens,
            "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
            "total_tokens": ask.input_tokens + answer.output_tokens,
        },
    }


def _output(ask: Ask, answer: Answer) -> list[JsonObject]:
    status = "incomplete" if answer.finish == "length" else "completed"
    items: list[JsonObject] = [_thought(ask, answer)] if answer.reasoning else []
    items += [
        {
            "id": ask.id("fc_", call.at, length=48),
            "type": "function_call",
            "status": status,
            "arguments": call.raw,
            "call_id": ask.id("call_", call.at),
            "name": call.name,
        }
        for call in answer.calls
    ]
    if answer.text:
        content = {"type": "refusal", "refusal": answer.text} if answer.finish == "refusal" else _text(ask, answer)
        items.append({"id": ask.id("msg_", length=48), "type": "message", "status": status, "content": [content], "role": "assistant"})
    return items


def _text(ask: Ask, answer: Answer) -> JsonObject:
    said: list[Any] = logprobs(ask, pieces(answer.text), answer.at) if ask.logprobs else []
    return {"type": "output_text", "annotations": [], "logprobs": said, "text": answer.text}


def _thought(ask: Ask, answer: Answer) -> JsonObject:
    summary = obj(ask.body.get("reasoning")).get("summary")
    item: JsonObject = {
        "id": ask.id("rs_", length=48),
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": answer.reasoning}] if summary else [],
    }
    if "reasoning.encrypted_content" in strings(ask.body.get("include")):
        item["encrypted_content"] = f"gAAAAAB{ask.digest('encrypted')}{ask.digest('content')}"
    return item
