"""A request as chat completions want it; how messages look is another module's work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from llmring._core.body import place_extra, place_options
from llmring._core.caching import openai_words
from llmring._core.http import HttpCall
from llmring.exceptions import UnsupportedParameterError
from llmring.protocols.openai_chat_decode import NAME
from llmring.protocols.openai_chat_messages import turns
from llmring.protocols.openai_marks import marks

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest, ResponseFormat
    from llmring._gen.tool import Tool


def encode(request: NormalRequest, model: str) -> HttpCall:
    """Render *request* for ``POST /chat/completions`` (API page: create chat completion).

    Raises:
        InvalidMessageError: a message or part cannot be told in this format; the error names its path.
        UnsupportedParameterError: the format has no place for a kind of content, a tool or a setting.

    """
    quirks = request.quirks
    body: dict[str, Any] = {"model": model, "messages": turns(request.messages, quirks, model)}
    if request.tools:
        body["tools"] = [_tool(tool, at, model, quirks) for at, tool in enumerate(request.tools)]
        if request.tool_choice is not None:
            body["tool_choice"] = _choice(request)
    if request.response_format is not None:
        body["response_format"] = _format(request.response_format)
    if request.options:
        _options(body, request, model)
    if request.stream:
        body["stream"] = True
        if quirks.get("stream_options", True):
            body["stream_options"] = {"include_usage": True}
    if request.extra:
        place_extra(body, request, NAME)
    return HttpCall("POST", "/chat/completions", body, stream=request.stream)


# --- options -------------------------------------------------------------------------------------


def _options(body: dict[str, Any], request: NormalRequest, model: str) -> None:
    options, quirks = request.options, request.quirks
    place_options(body, request, NAME)
    if "max_tokens" in options:
        body[quirks.get("max_tokens_field", "max_completion_tokens")] = options["max_tokens"]
    if "seed_field" in quirks and "seed" in body:
        body[quirks["seed_field"]] = body.pop("seed")
    if options.get("cache") is not None:
        body.update(openai_words(options["cache"], marked=marks(quirks, model), responses=False))
    if options.get("reasoning") is not None:
        body.update(_reasoning(options["reasoning"], quirks.get("reasoning_style", "effort"), model))


def _reasoning(wanted: str | int | Mapping[str, Any], style: str, model: str) -> dict[str, Any]:
    """Say how hard to think, in the *style* of the provider."""
    told = dict(wanted) if isinstance(wanted, Mapping) else {"max_tokens" if isinstance(wanted, int) else "effort": wanted}
    effort, budget = told.get("effort"), told.get("max_tokens", told.get("budget_tokens"))
    off = effort == "none" or budget == 0
    match style:
        case "object":
            return {"reasoning": told}
        case "thinking":
            return {"thinking": {"type": "disabled" if off else "enabled"}}
        case "flag":
            return {"enable_thinking": not off} | ({"thinking_budget": budget} if budget else {})
        case _:
            if isinstance(effort, str):
                return {"reasoning_effort": effort}
            message = f"{model} takes an effort for reasoning ('low', 'high', …), not {wanted!r}"
            raise UnsupportedParameterError(message, parameter="reasoning", model=model, path="reasoning")


def _format(wanted: ResponseFormat) -> dict[str, Any]:
    if wanted.kind == "json_object" or wanted.schema is None:
        return {"type": "json_object"}
    schema: dict[str, Any] = {"name": wanted.name, "schema": wanted.schema}
    if wanted.description is not None:
        schema["description"] = wanted.description
    if wanted.strict is not None:
        schema["strict"] = wanted.strict
    return {"type": "json_schema", "json_schema": schema}


# --- tools ---------------------------------------------------------------------------------------


def _tool(tool: Tool, at: int, model: str, quirks: Mapping[str, Any]) -> dict[str, Any]:
    if tool.type == "function":
        function: dict[str, Any] = {"name": tool.name}
        if tool.description is not None:
            function["description"] = tool.description
        if tool.parameters is not None:
            function["parameters"] = tool.parameters
        if tool.strict is not None:
            function["strict"] = tool.strict
        function.update(tool.config)
        if tool.cache_control is not None and quirks.get("cache_control"):
            return {"type": "function", "function": function, "cache_control": tool.cache_control}
        return {"type": "function", "function": function}
    if tool.type == "custom":
        return {"type": "custom", "custom": _custom(tool)}
    if quirks.get("hosted_tools") or ":" in tool.type:  # a vendor's own may say so by its name
        return {"type": tool.type} | ({"name": tool.name} if tool.name else {}) | tool.config
    message = f"tools[{at}]: {model} hosts no {tool.type!r} in chat completions; OpenAI's own tools need its Responses API"
    raise UnsupportedParameterError(message, parameter="tools", model=model, path=f"tools[{at}]")


def _custom(tool: Tool) -> dict[str, Any]:
    """Render a tool that takes plain text, written in either of OpenAI's two shapes."""
    inner = tool.config.get("custom")
    config = dict(cast("Mapping[str, Any]", inner)) if isinstance(inner, Mapping) else tool.config
    custom: dict[str, Any] = {"name": tool.name} if tool.name else {}
    if tool.description is not None:
        custom["description"] = tool.description
    return custom | config


def _choice(request: NormalRequest) -> str | dict[str, Any]:
    if request.tool_choice != "function":
        return cast("str", request.tool_choice)
    name = request.tool_name
    if any(tool.type == "custom" and _custom(tool).get("name") == name for tool in request.tools):
        return {"type": "custom", "custom": {"name": name}}
    return {"type": "function", "function": {"name": name}}
