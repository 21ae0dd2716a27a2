"""Ask the ring on behalf of a client; who gave a progress token is told the answer as it comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from llmring import TextDelta
from llmring.mcp.serve.asking import conversation, options
from llmring.mcp.serve.desk import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmring import LLMResponse, Message
    from llmring.mcp.serve.asking import Arguments
    from llmring.mcp.serve.desk import Call
    from llmring.mcp.serve.offer import AnyRing, Offer
    from llmring.schemas import Cost, EmbeddingResponse, Usage

PAUSE = 0.1
"""Seconds between two notifications of progress, at least; what came in between is told together."""


class Caller:
    """Asks *ring* for what *offer* admits; a chat may cost *most* dollars."""

    def __init__(self, ring: AnyRing, offer: Offer, most: float | None) -> None:
        """Find the verbs that are awaited: a ring that blocks has them under other names."""
        self._chat: Callable[..., Awaitable[LLMResponse[Any]]] = getattr(ring, "achat", None) or cast("Any", ring).chat
        self._stream: Callable[..., Any] = getattr(ring, "achat_stream", None) or cast("Any", ring).chat_stream
        self._embed: Callable[..., Awaitable[EmbeddingResponse]] = getattr(ring, "aembed", None) or cast("Any", ring).embed
        self._ring, self._offer, self._most = ring, offer, most

    async def chat(self, arguments: Arguments, call: Call) -> Answer:
        """Answer messages; no progress is told of an answer that must fit a schema, for it may be asked for again."""
        model, messages, asked = self._offer.admit(arguments["model"]), conversation(arguments), options(arguments, self._most)
        if call.progress_wanted and "response_format" not in asked:
            response = await self._followed(model, messages, asked, call)
        else:
            response = await self._chat(model, messages, **asked)
        told = {"text": response.content, "refusal": response.refusal, "finish_reason": response.finish_reason} | _origin(response)
        if "response_format" in asked:
            told["parsed"] = response.parsed
        return Answer(structured=told, text=response.content or response.refusal or "")

    async def _followed(self, model: str, messages: list[Message], asked: dict[str, Any], call: Call) -> LLMResponse[Any]:
        async with self._stream(model, messages, **asked) as stream:
            told, waiting, last = 0, "", float("-inf")
            clock = asyncio.get_running_loop().time
            async for event in stream:
                waiting += event.delta if isinstance(event, TextDelta) else ""
                if waiting and clock() - last >= PAUSE:
                    told, last = told + len(waiting), clock()
                    await call.context.session.report_progress(told, None, waiting)
                    waiting = ""
            if waiting:
                await call.context.session.report_progress(told + len(waiting), None, waiting)
            return stream.response

    async def embed(self, arguments: Arguments, call: Call) -> Answer:
        """Turn texts into vectors."""
        del call
        response = await self._embed(self._offer.admit(arguments["model"]), arguments["input"], dimensions=arguments.get("dimensions"))
        return Answer(structured={"embeddings": response.embeddings} | _origin(response))

    async def estimate(self, arguments: Arguments, call: Call) -> Answer:
        """Say what a chat could cost."""
        del call
        model, asked = self._offer.admit(arguments["model"]), {name: arguments[name] for name in ("max_tokens",) if name in arguments}
        found = self._ring.estimate(model, conversation(arguments), **asked)
        bounds = {"lower": format(found.lower, "f"), "upper": None if found.upper is None else format(found.upper, "f")}
        return Answer(structured=bounds | {"input_tokens": found.input_tokens, "models": found.models, "unknown": found.unknown})


def _origin(response: LLMResponse[Any] | EmbeddingResponse) -> dict[str, Any]:
    """Tell who answered, and what it took."""
    return {
        "model": response.model,
        "alias": response.alias,
        "usage": _usage(response.usage),
        "cost": _cost(response.cost),
        "warnings": list(response.warnings),
    }


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    }


def _cost(cost: Cost | None) -> dict[str, Any] | None:
    """Give the dollars as texts, so that no digit is lost."""
    if cost is None:
        return None
    amounts = {name: format(getattr(cost, name), "f") for name in ("total", "input", "output")}
    return amounts | {"price_id": cost.price_id, "estimated": cost.estimated}
