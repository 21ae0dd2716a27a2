"""Anthropic's Messages: read an ask, refuse what the API refuses, count tokens. What is answered is in ``anthropic_render``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring.testing.simulator.answer import answers
from llmring.testing.simulator.anthropic_render import SIGNED, broken, frames, message, sign
from llmring.testing.simulator.reading import chars, compact, number, obj, rows, strings, text_of
from llmring.testing.simulator.values import Ask, Offer, RejectedError, Reply

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Call, JsonObject
    from llmring.testing.simulator.world import World

__all__ = ["count_tokens", "messages"]


def messages(call: Call, world: World) -> Reply:
    """Serve ``POST /v1/messages``."""
    if number(call.body.get("max_tokens")) is None:
        raise RejectedError(400, "max_tokens: Field required", "", "max_tokens")
    ask = _read(call, world, caching=True)
    answer = answers(ask)[0]
    said = message(ask, answer)
    if not ask.streaming:
        return Reply(body=compact(said).encode())
    return Reply(headers={"content-type": "text/event-stream; charset=utf-8"}, frames=frames(said, answer), broken=broken)


def count_tokens(call: Call, world: World) -> Reply:
    """Serve ``POST /v1/messages/count_tokens``."""
    ask = _read(call, world, caching=False)
    return Reply(body=compact({"input_tokens": ask.input_tokens + ask.cached_tokens + ask.written_tokens}).encode())


def _read(call: Call, world: World, *, caching: bool) -> Ask:
    body = call.body
    turns = _turns(body)
    last = rows(turns[-1].get("content")) if turns[-1].get("role") == "user" else []
    choice = obj(body.get("tool_choice"))
    form = obj(obj(body.get("output_config")).get("format")) or obj(body.get("output_format"))
    thinking = obj(body.get("thinking"))
    total, marked, known = _cache(body, turns, world, call.model, caching=caching)
    return Ask(
        body=body,
        model=call.model,
        steering=call.steering,
        seed=call.steering.seed if call.steering.seed is not None else world.seed,
        prompt=next((text for turn in reversed(turns) if turn.get("role") == "user" and (text := _said(turn))), ""),
        results=tuple(text_of(block.get("content")) for block in last if block.get("type") == "tool_result"),
        turns=sum(turn.get("role") == "assistant" for turn in turns),
        input_tokens=total - marked,
        cached_tokens=marked if known else 0,
        written_tokens=0 if known else marked,
        tools=tuple(_offers(body)),
        choice="none" if choice.get("type") == "none" else "required" if choice.get("type") in {"any", "tool"} else "auto",
        forced=choice.get("name"),
        parallel=choice.get("disable_parallel_tool_use") is not True,
        schema=form.get("schema") if form.get("type") == "json_schema" else None,
        reasoning=call.steering.reasoning if call.steering.reasoning is not None else thinking.get("type") in {"enabled", "adaptive"},
        shows_reasoning=thinking.get("display") != "omitted",
        limit=number(body.get("max_tokens")),
        stops=strings(body.get("stop_sequences")),
        streaming="sse" if body.get("stream") is True else "",
    )


def _offers(body: JsonObject) -> list[Offer]:
    tools = [tool for tool in rows(body.get("tools")) if "input_schema" in tool]
    return [Offer(name=str(tool.get("name")), schema=obj(tool["input_schema"])) for tool in tools]


def _said(turn: JsonObject) -> str:
    """Give the text of *turn*, not that of tool results in it."""
    if isinstance(content := turn.get("content"), str):
        return content
    return "\n".join(str(block.get("text")) for block in rows(content) if block.get("type") == "text")


def _cache(body: JsonObject, turns: list[JsonObject], world: World, model: str, *, caching: bool) -> tuple[int, int, bool]:
    """Count all tokens of the prompt and those up to the last cache breakpoint, and say whether that prefix is known."""
    blocks: list[Any] = [*rows(body.get("tools"))]
    blocks += rows(body.get("system")) if isinstance(body.get("system"), list) else [{"text": body.get("system", "")}]
    for turn in turns:
        blocks += rows(turn.get("content")) if isinstance(turn.get("content"), list) else [{"text": turn.get("content")}]
    costs = [3 + (len(compact(block)) if "input_schema" in block else chars(block)) // 4 for block in blocks]
    marks = [at for at, block in enumerate(blocks) if "cache_control" in block]
    end = len(blocks) if "cache_control" in body else marks[-1] + 1 if marks else 0
    known = bool(end) and caching and world.cached("anthropic", model, blocks[:end])
    return sum(costs), sum(costs[:end]), known


def _turns(body: JsonObject) -> list[JsonObject]:
    turns = rows(body.get("messages"))
    if not turns:
        known = isinstance(body.get("messages"), list)
        raise RejectedError(400, "messages: at least one message is required" if known else "messages: Field required", "", "messages")
    wanted: set[Any] = set()
    for at, turn in enumerate(turns):
        if turn.get("role") not in {"user", "assistant"}:
            raise RejectedError(400, f"messages.{at}.role: Input should be 'user' or 'assistant'", "", "messages")
        blocks = rows(turn.get("content")) if isinstance(turn.get("content"), list) else []
        given = {block.get("tool_use_id") for block in blocks if block.get("type") == "tool_result"}
        if missing := wanted - given:
            text = f"`tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(map(str, missing))}."
            raise RejectedError(400, f"messages.{at}: {text}", "", "messages")
        if unknown := given - wanted:
            text = f"unexpected `tool_use_id` found in `tool_result` blocks: {', '.join(map(str, unknown))}."
            raise RejectedError(400, f"messages.{at}: {text}", "", "messages")
        wanted = {block.get("id") for block in blocks if block.get("type") == "tool_use"}
        _check_signatures(blocks, at)
    return turns


def _check_signatures(blocks: list[JsonObject], turn: int) -> None:
    for at, block in enumerate(blocks):
        signature = str(block.get("signature", ""))
        if block.get("type") == "thinking" and signature.startswith(SIGNED) and signature != sign(str(block.get("thinking"))):
            raise RejectedError(400, f"messages.{turn}.content.{at}: Invalid `signature` in `thinking` block", "", "messages")
