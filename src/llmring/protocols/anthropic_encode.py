"""A request as the Messages API wants it: system apart, results among the user's turns, options at their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.body import place_extra, place_options
from llmring._core.caching import anthropic_words
from llmring._core.http import HttpCall
from llmring._core.request import Texts
from llmring._gen.message import ToolResultPart
from llmring.protocols.anthropic_blocks import NAME
from llmring.protocols.anthropic_content import blocks, mark, result, spoken
from llmring.protocols.anthropic_tools import tool_block, tool_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._core.request import NormalRequest
    from llmring._gen.message import Message
    from llmring.protocols.anthropic_content import Block

PATH: Final = "/v1/messages"
MAX_TOKENS: Final = 4096
"""What is sent where nothing better is known; the API insists on a limit."""

_SPOKEN: Final = frozenset({"user", "assistant"})
_EFFORTS: Final = {"minimal": "low"}


def encode(request: NormalRequest, model: str) -> HttpCall:
    """Render *request* for ``POST /v1/messages`` (docs: Messages, create)."""
    options = request.options
    body = prompt(request, model)
    body["max_tokens"] = _limit(body, options.get("max_tokens", MAX_TOKENS))
    if request.stream:
        body["stream"] = True
    if options:
        stop = options.get("stop")
        if stop is not None:
            body["stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
        place_options(body, request, NAME)
    headers: dict[str, str] = {}
    if request.extra:
        place_extra(body, request, NAME)
        betas = body.pop("betas", None)
        if betas:
            headers["anthropic-beta"] = betas if isinstance(betas, str) else ",".join(betas)
    return HttpCall("POST", PATH, body, headers, request.stream)


def prompt(request: NormalRequest, model: str) -> dict[str, Any]:
    """Render what counts as prompt: model, turns, system, tools, and how to think and answer."""
    system, turns = _split(request.messages)
    body: dict[str, Any] = {"model": model, "messages": turns}
    if system:
        only = system[0]
        body["system"] = only["text"] if len(system) == 1 and only.keys() == {"type", "text"} else system
    if request.tools:
        body["tools"] = [tool_block(tool) for tool in request.tools]
        choice = tool_choice(request)
        if choice is not None:
            body["tool_choice"] = choice
    wanted = request.response_format
    if wanted is not None and wanted.schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": wanted.schema}}
    options = request.options
    if options.get("reasoning") is not None:
        _think(body, options["reasoning"])
    cache = options.get("cache")
    if cache is not None and (mark := anthropic_words(cache)) is not None:
        body["cache_control"] = mark
    return body


# --- turns ---------------------------------------------------------------------------------------


def _split(messages: Sequence[Message]) -> tuple[list[Block], list[Block]]:
    """Part the system's words, wherever they stand, from the turns; a tool's results join one user's turn."""
    if type(messages) is Texts:
        said = [message for message in messages if message.content]
        return (
            [{"type": "text", "text": message.content} for message in said if message.role not in _SPOKEN],
            [{"role": message.role, "content": message.content} for message in said if message.role in _SPOKEN],
        )
    system: list[Block] = []
    turns: list[Block] = []
    answering: list[Block] | None = None
    for message in messages:
        role, content = message.role, message.content
        if role == "assistant":
            answering = None
        if role in _SPOKEN:
            if answering is None and type(content) is str and content and not message.tool_calls and message.metadata is None:
                turns.append({"role": role, "content": content})
                continue
            rendered = _marked(spoken(message), message)
            if answering is not None:
                answering += rendered
            elif rendered:
                turns.append({"role": role, "content": rendered})
        elif role == "tool":
            if answering is None:
                answering = []
                turns.append({"role": "user", "content": answering})
            answering += _marked(_results(message), message)
        else:
            system += _marked(spoken(message), message)
    return system, turns


def _results(message: Message) -> list[Block]:
    content = message.content
    if isinstance(content, list) and any(isinstance(part, ToolResultPart) for part in content):
        return blocks(content)
    failed = message.metadata is not None and message.metadata.get("is_error") is True
    return [result(message.tool_call_id or "", content, is_error=failed)]


def _marked(rendered: list[Block], message: Message) -> list[Block]:
    if message.metadata is not None and message.metadata.get("cache_control") is not None:
        mark(rendered, message.metadata["cache_control"])
    return rendered


# --- thinking ------------------------------------------------------------------------------------


def _think(body: dict[str, Any], reasoning: Any) -> None:
    """Ask for thoughts by budget, or by effort and as much as the model finds fit."""
    match reasoning:
        case {"type": str()}:
            body["thinking"] = reasoning
        case Mapping():
            asked = cast("Mapping[str, Any]", reasoning)
            budget = next((asked[key] for key in ("budget_tokens", "max_tokens", "budget") if asked.get(key) is not None), None)
            _think(body, budget if budget is not None else asked.get("effort") or "medium")
        case 0 | "none":
            body["thinking"] = {"type": "disabled"}
        case int():
            body["thinking"] = {"type": "enabled", "budget_tokens": reasoning}
        case _:
            body["thinking"] = {"type": "adaptive"}
            body.setdefault("output_config", {})["effort"] = _EFFORTS.get(reasoning, reasoning)


def _limit(body: dict[str, Any], max_tokens: int) -> int:
    """Give the limit of all output; one that a budget for thoughts would use up is meant for the answer alone."""
    budget = body["thinking"].get("budget_tokens") if "thinking" in body else None
    return max_tokens + budget if isinstance(budget, int) and budget >= max_tokens else max_tokens
