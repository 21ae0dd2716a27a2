"""A request as the Responses API wants it: items, flat tools, and every option at its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.body import place_extra, place_options
from llmring._core.caching import openai_words
from llmring._core.hosted_tools import hosted
from llmring._core.http import HttpCall
from llmring.exceptions import UnsupportedParameterError
from llmring.protocols.openai_marks import marks
from llmring.protocols.openai_responses_items import NAME
from llmring.protocols.openai_responses_turns import input_items

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest, ResponseFormat
    from llmring._gen.tool import Tool
    from llmring.protocols.openai_responses_content import Plain

PATH: Final = "/responses"

_ENCRYPTED: Final = "reasoning.encrypted_content"
_LOGPROBS: Final = "message.output_text.logprobs"
_BUDGETS: Final = ("budget_tokens", "max_tokens", "budget")


def encode(request: NormalRequest, model: str) -> HttpCall:
    """Render *request* for ``POST /responses`` (docs: Responses, create).

    System messages stay items among the others, so that their place, their role and their parts are kept; ``instructions``
    is left to ``extra_params``. With ``store`` false the provider keeps nothing: encrypted thoughts are then asked for
    where the request thinks or brings some, and those that only an id stands for are left out.

    Raises:
        UnsupportedParameterError: a kind of content, or a budget for thoughts in tokens.
        InvalidMessageError: a part without content.

    """
    options = request.options
    stored = request.extra.get("store") is not False
    marked = marks(request.quirks, model)
    body: Plain = {"model": model, "input": input_items(request.messages, stored=stored, marks=marked)}
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        choice = _choice(request)
        if choice is not None:
            body["tool_choice"] = choice
    if request.response_format is not None:
        body["text"] = {"format": _format(request.response_format)}
    if options.get("reasoning") is not None:
        body["reasoning"] = _reasoning(options["reasoning"])
    if options.get("cache") is not None:
        body.update(openai_words(options["cache"], marked=marked, responses=True))
    include = _include(body, options, stored=stored)
    if include:
        body["include"] = include
    if request.stream:
        body["stream"] = True
    place_options(body, request, NAME)
    place_extra(body, request, NAME)
    return HttpCall("POST", PATH, body, stream=request.stream)


def _tool(tool: Tool) -> Plain:
    """Render one tool; a function is strict only where that is asked for, as everywhere else."""
    if tool.type == "function":
        rendered: Plain = {
            "type": "function",
            "name": tool.name,
            "parameters": tool.parameters or {"type": "object", "properties": {}},
            "strict": bool(tool.strict),
            **tool.config,
        }
        return rendered if tool.description is None else {**rendered, "description": tool.description}
    if tool.type == "custom":
        return _free_text(tool)
    kind, name, config = hosted(tool, NAME)
    return {"type": kind, **({"name": name} if name else {}), **config}


def _free_text(tool: Tool) -> Plain:
    """Render a tool that takes plain text; chat completions nest what is flat here."""
    said = {**tool.config, **cast("Plain", tool.config.get("custom") or {})}
    said.pop("custom", None)
    form = said.get("format")
    match form:
        case {"grammar": Mapping()}:
            said["format"] = {"type": "grammar", **cast("Plain", form["grammar"])}
        case _:
            pass
    named = {"name": tool.name} if tool.name else {}
    return {"type": "custom", **({"description": tool.description} if tool.description else {}), **named, **said}


def _choice(request: NormalRequest) -> str | Plain | None:
    if request.tool_choice != "function":
        return request.tool_choice
    name = request.tool_name
    free = any(tool.type == "custom" and _free_text(tool).get("name") == name for tool in request.tools)
    return {"type": "custom" if free else "function", "name": name}


def _format(wanted: ResponseFormat) -> Plain:
    if wanted.kind == "json_object":
        return {"type": "json_object"}
    rendered: Plain = {"type": "json_schema", "name": wanted.name, "schema": wanted.schema or {}}
    if wanted.strict is not None:
        rendered["strict"] = wanted.strict
    if wanted.description is not None:
        rendered["description"] = wanted.description
    return rendered


def _reasoning(reasoning: Any) -> Plain:
    """Ask for thoughts by effort; more of the API's own words (``summary``) may stand beside it."""
    match reasoning:
        case Mapping() if not any(cast("Plain", reasoning).get(key) is not None for key in _BUDGETS):
            return {key: value for key, value in cast("Plain", reasoning).items() if value is not None}
        case str():
            return {"effort": reasoning}
        case 0:
            return {"effort": "none"}
        case _:
            message = (
                "the Responses API takes reasoning as an effort (none, minimal, low, medium, high, xhigh, max), not as a budget in tokens"
            )
            raise UnsupportedParameterError(message, parameter="reasoning", path="reasoning")


def _include(body: Plain, options: Mapping[str, Any], *, stored: bool) -> list[str]:
    """Name what the answer shall bring beside its items."""
    include: list[str] = []
    if not stored:
        thinks = "reasoning" in body and body["reasoning"].get("effort") != "none"
        if thinks or any(item.get("encrypted_content") for item in body["input"]):
            include.append(_ENCRYPTED)
    if options.get("logprobs") or options.get("top_logprobs") is not None:
        include.append(_LOGPROBS)
    return include
