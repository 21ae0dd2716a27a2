"""Ollama's native API: chat and generate, whole and as JSON lines, and what its models are."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator import errors
from llmring.testing.simulator.answer import answers
from llmring.testing.simulator.framing import line, lines
from llmring.testing.simulator.reading import chars, compact, number, obj, pieces, rows, spelled, strings, text_of
from llmring.testing.simulator.values import CREATED_ISO, Ask, Offer, RejectedError, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator.values import Answer, Call, JsonObject, Trouble
    from llmring.testing.simulator.world import World

__all__ = ["chat", "generate"]

_NANOSECONDS: Final = 1_000_000
"""What each token is said to have taken."""


def chat(call: Call, world: World) -> Reply:
    """Serve ``POST /api/chat``, which streams unless told not to."""
    body = call.body
    messages = rows(body.get("messages"))
    said = max((at for at, message in enumerate(messages) if message.get("role") == "assistant"), default=-1)
    functions = [obj(tool.get("function")) for tool in rows(body.get("tools"))]
    ask = _ask(
        call,
        world,
        prompt=next((text_of(message.get("content")) for message in reversed(messages) if message.get("role") == "user"), ""),
        results=tuple(text_of(message.get("content")) for message in messages[said + 1 :] if message.get("role") == "tool"),
        tools=tuple(Offer(name=str(function.get("name")), schema=obj(function.get("parameters"))) for function in functions),
    )
    return _reply(ask, _chat_events(ask, answers(ask)[0]))


def generate(call: Call, world: World) -> Reply:
    """Serve ``POST /api/generate``, which streams unless told not to."""
    ask = _ask(call, world, prompt=text_of(call.body.get("prompt")), results=(), tools=())
    return _reply(ask, _generate_events(ask, answers(ask)[0]))


def _ask(call: Call, world: World, *, prompt: str, results: tuple[str, ...], tools: tuple[Offer, ...]) -> Ask:
    body, options, form = call.body, obj(call.body.get("options")), call.body.get("format")
    if form not in (None, "", "json") and not obj(form):
        raise RejectedError(400, f'invalid format: "{form}"; expected "json" or a JSON schema')
    limit = number(options.get("num_predict"))
    asked = body.get("think") not in {None, False}
    return Ask(
        body=body,
        model=call.model,
        steering=call.steering,
        seed=call.steering.seed if call.steering.seed is not None else world.seed,
        prompt=prompt,
        results=results,
        turns=sum(message.get("role") == "assistant" for message in rows(body.get("messages"))),
        input_tokens=3 + (chars([body.get("messages"), body.get("prompt"), body.get("system")]) + spelled(body.get("tools"))) // 4,
        tools=tools,
        schema=obj(form) or None,
        json_mode=form == "json",
        reasoning=call.steering.reasoning if call.steering.reasoning is not None else asked,
        limit=limit if limit is not None and limit > 0 else None,
        stops=strings(options.get("stop")),
        streaming="" if body.get("stream") is False else "ndjson",
    )


def _reply(ask: Ask, events: Iterator[JsonObject]) -> Reply:
    if ask.streaming:
        return Reply(headers={"content-type": "application/x-ndjson"}, frames=lines(events), broken=_broken)
    return Reply(body=compact(reduce(_join, events)).encode())


def _join(one: JsonObject, other: JsonObject) -> JsonObject:
    """Add what a later line says to what the earlier ones said."""
    joined = {**one, **other}
    for name in ("content", "thinking", "response"):
        if name in joined:
            joined[name] = one.get(name, "") + other.get(name, "")
    if "message" in joined:
        joined["message"] = _join(one["message"], other["message"])
    return joined


def _chat_events(ask: Ask, answer: Answer) -> Iterator[JsonObject]:
    shared = {"model": ask.model, "created_at": CREATED_ISO}
    for piece in pieces(answer.reasoning):
        yield {**shared, "message": {"role": "assistant", "content": "", "thinking": piece}, "done": False}
    for piece in pieces(answer.text):
        yield {**shared, "message": {"role": "assistant", "content": piece}, "done": False}
    calls = [
        {"id": ask.id("call_", call.at, length=8), "function": {"index": call.at, "name": call.name, "arguments": call.arguments}}
        for call in answer.calls
        if call.whole
    ]
    if calls:
        yield {**shared, "message": {"role": "assistant", "content": "", "tool_calls": calls}, "done": False}
    yield {**shared, "message": {"role": "assistant", "content": ""}, **_end(ask, answer)}


def _generate_events(ask: Ask, answer: Answer) -> Iterator[JsonObject]:
    shared = {"model": ask.model, "created_at": CREATED_ISO}
    for piece in pieces(answer.reasoning):
        yield {**shared, "response": "", "thinking": piece, "done": False}
    for piece in pieces(answer.text):
        yield {**shared, "response": piece, "done": False}
    yield {**shared, "response": "", **_end(ask, answer), "context": [ask.input_tokens, answer.output_tokens]}


def _end(ask: Ask, answer: Answer) -> JsonObject:
    read, said = ask.input_tokens * _NANOSECONDS, answer.output_tokens * _NANOSECONDS
    return {
        "done": True,
        "done_reason": "length" if answer.finish == "length" else "stop",
        "total_duration": read + said + _NANOSECONDS,
        "load_duration": _NANOSECONDS,
        "prompt_eval_count": ask.input_tokens,
        "prompt_eval_duration": read,
        "eval_count": answer.output_tokens,
        "eval_duration": said,
    }


def _broken(trouble: Trouble, _at: int) -> bytes:
    return line(errors.body("ollama", trouble))
