"""A request as generateContent wants it: system apart, options inside generationConfig, tools by their kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

from llmring._core.body import place_extra, place_options
from llmring._core.caching import gemini_words
from llmring._core.hosted_tools import hosted
from llmring._core.http import HttpCall
from llmring._core.reasoning import BUDGETS
from llmring.protocols.gemini_content import split
from llmring.protocols.gemini_stream import NAME

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest
    from llmring._gen.tool import Tool
    from llmring.protocols.gemini_content import Wire

_COLLECTIONS: Final = ("models/", "tunedModels/", "publishers/", "projects/", "endpoints/")
_MODES: Final = {"auto": "AUTO", "none": "NONE", "required": "ANY", "function": "ANY"}
_NEXT_WORD: Final = re.compile(r"_([a-z0-9])")
_MOST: Final = BUDGETS["high"]
"""The largest budget that all models with budgets take."""
_LEVELS: Final = {"xhigh": "high", "max": "high"}
_BY_BUDGET: Final = re.compile(r"gemini-(?:1|2)[.-]")
_SIGNING: Final = re.compile(r"gemini-(?:[3-9]|\d\d)")


def encode(request: NormalRequest, model: str) -> HttpCall:
    """Render *request* for ``POST /v1beta/models/{model}:generateContent`` (docs: GenerateContent)."""
    body = prompt(request, model)
    config = _config(request, model)
    if config or request.options or request.extra:
        body["generationConfig"] = config
        place_options(body, request, NAME)
        place_extra(body, request, NAME)
        if not body["generationConfig"]:
            del body["generationConfig"]
    if request.options.get("cache") is not None:
        body |= gemini_words(request.options["cache"])
    method = "streamGenerateContent?alt=sse" if request.stream else "generateContent"
    return HttpCall("POST", f"{path(model)}:{method}", body, stream=request.stream)


def path(model: str) -> str:
    """Give the address of *model*, which may name its collection itself."""
    return f"/v1beta/{quote(resource(model), safe='/@')}"


def resource(model: str) -> str:
    """Give the full name of *model*."""
    return model if model.startswith(_COLLECTIONS) else f"models/{model}"


def prompt(request: NormalRequest, model: str) -> dict[str, Any]:
    """Render what counts as prompt: contents, system and tools."""
    system, contents = split(request.messages, signed=_SIGNING.search(model) is not None)
    body: dict[str, Any] = {"contents": contents}
    if system:
        body["systemInstruction"] = {"parts": system}
    if request.tools:
        body["tools"] = _tools(request.tools)
    if request.tool_choice is not None:
        choice: Wire = {"mode": _MODES[request.tool_choice]}
        if request.tool_choice == "function":
            choice["allowedFunctionNames"] = [request.tool_name]
        body["toolConfig"] = {"functionCallingConfig": choice}
    return body


# --- tools ---------------------------------------------------------------------------------------


def _tools(tools: tuple[Tool, ...]) -> list[Wire]:
    """Render all functions as one tool, each hosted tool as its own."""
    functions = [_function(tool) for tool in tools if tool.type in {"function", "custom"}]
    hosted = [_hosted(tool) for tool in tools if tool.type not in {"function", "custom"}]
    return [{"functionDeclarations": functions}, *hosted] if functions else hosted


def _function(tool: Tool) -> Wire:
    rendered: Wire = {"name": tool.name}
    description = tool.description or tool.config.get("description")
    if description is not None:
        rendered["description"] = description
    if tool.type == "custom":
        rendered["parametersJsonSchema"] = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
        return rendered
    if tool.parameters is not None:
        rendered["parameters" if str(tool.parameters.get("type")).isupper() else "parametersJsonSchema"] = tool.parameters
    rendered.update(tool.config)
    return rendered


def _hosted(tool: Tool) -> Wire:
    kind, _, config = hosted(tool, NAME)
    return {_NEXT_WORD.sub(lambda found: found[1].upper(), kind): config}


# --- how to answer -------------------------------------------------------------------------------


def _config(request: NormalRequest, model: str) -> dict[str, Any]:
    """Render the part of ``generationConfig`` that takes more than a place."""
    config: dict[str, Any] = {}
    options = request.options
    stop = options.get("stop")
    if stop is not None:
        config["stopSequences"] = [stop] if isinstance(stop, str) else list(stop)
    wanted = request.response_format
    if wanted is not None:
        config["responseMimeType"] = "application/json"
        if wanted.schema is not None:
            config["responseJsonSchema"] = wanted.schema
    reasoning = options.get("reasoning")
    if reasoning is not None:
        config["thinkingConfig"] = _thinking(reasoning, model)
    return config


def _thinking(reasoning: Any, model: str) -> Wire:
    """Ask for thoughts by budget or by level, whichever *model* knows, and to be told of them."""
    match reasoning:
        case Mapping():
            asked = cast("Mapping[str, Any]", reasoning)
            budget = next((asked[key] for key in ("budget_tokens", "max_tokens", "budget") if asked.get(key) is not None), None)
            return _thinking(budget if budget is not None else asked.get("effort") or "medium", model)
        case 0 | "none":
            return {"thinkingBudget": 0}
        case int():
            return {"includeThoughts": True, "thinkingBudget": reasoning}
        case _ if _BY_BUDGET.search(model):
            return {"includeThoughts": True, "thinkingBudget": min(BUDGETS.get(reasoning, _MOST), _MOST)}
        case _:
            return {"includeThoughts": True, "thinkingLevel": _LEVELS.get(reasoning, reasoning)}
