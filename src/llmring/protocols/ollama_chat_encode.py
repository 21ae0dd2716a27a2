"""A request as Ollama's chat API wants it: text and images apart, arguments as objects, settings under ``options``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from llmring._core.body import place_extra, place_options
from llmring._core.http import HttpCall
from llmring._gen.message import DocumentPart, ImagePart, OpaquePart, ReasoningPart, RefusalPart, TextPart, ToolResultPart
from llmring.exceptions import InvalidMessageError, UnsupportedParameterError
from llmring.protocols.media import base64_text, data_url
from llmring.protocols.ollama_chat_decode import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._core.request import NormalRequest
    from llmring._gen.message import Message, Part
    from llmring._gen.tool import Tool, ToolCall

Turn = dict[str, Any]

_LEVELLED: Final = "gpt-oss"
"""The models that take a level of thinking; all others only whether to think."""
_LEVELS: Final[Mapping[str, str]] = {"minimal": "low", "xhigh": "high", "max": "high"}


def encode(request: NormalRequest, model: str) -> HttpCall:
    """Render *request* for ``POST /api/chat`` (API page: chat).

    Raises:
        InvalidMessageError: a message or part cannot be told in this format; the error names its path.
        UnsupportedParameterError: the format has no place for a kind of content, a tool or a setting.

    """
    body: dict[str, Any] = {"model": model, "messages": _turns(request.messages, model), "stream": request.stream}
    if request.tools and request.tool_choice != "none":
        body["tools"] = [_tool(tool, at, model) for at, tool in enumerate(request.tools)]
    if request.tool_choice in {"required", "function"}:
        raise UnsupportedParameterError(
            f"{model}: Ollama cannot force a tool call", parameter="tool_choice", model=model, path="tool_choice"
        )
    wanted = request.response_format
    if wanted is not None:
        body["format"] = "json" if wanted.kind == "json_object" or wanted.schema is None else wanted.schema
    if request.options:
        place_options(body, request, NAME)
        stop = request.options.get("stop")
        if stop is not None:
            body.setdefault("options", {})["stop"] = [stop] if isinstance(stop, str) else list(stop)
        if request.options.get("reasoning") is not None:
            body["think"] = _think(request.options["reasoning"], model)
    if request.extra:
        place_extra(body, request, NAME)
    return HttpCall("POST", "/api/chat", body, stream=request.stream)


def _think(wanted: str | int | Mapping[str, Any], model: str) -> bool | str:
    """Say whether to think; how hard only where *model* knows levels or fitting has chosen one of its own."""
    if isinstance(wanted, Mapping):
        if "level" in wanted:
            return wanted["level"]
        wanted = wanted.get("effort", wanted.get("max_tokens", wanted.get("budget_tokens", True)))
    if isinstance(wanted, str):
        if wanted == "none":
            return False
        return _LEVELS.get(wanted, wanted) if _LEVELLED in model else True
    return bool(wanted)


def _tool(tool: Tool, at: int, model: str) -> Turn:
    if tool.type != "function":
        message = f"tools[{at}]: Ollama hosts no tools, and takes functions alone, not {tool.type!r}"
        raise UnsupportedParameterError(message, parameter="tools", model=model, path=f"tools[{at}]")
    function: Turn = {"name": tool.name, "parameters": tool.parameters or {"type": "object", "properties": {}}}
    if tool.description is not None:
        function["description"] = tool.description
    function.update(tool.config)
    return {"type": "function", "function": function}


# --- turns ---------------------------------------------------------------------------------------


def _turns(messages: Sequence[Message], model: str) -> list[Turn]:
    told: list[Turn] = []
    for at, message in enumerate(messages):
        role = "system" if message.role == "developer" else message.role
        content = message.content
        turn: Turn = {"role": role, "content": content if isinstance(content, str) else ""}
        if role == "tool" and message.name is not None:
            turn["tool_name"] = message.name
        if isinstance(content, list):
            results = [_result(part, f"messages[{at}].content", model) for part in content if isinstance(part, ToolResultPart)]
            told += results
            if results and len(results) == len(content):
                continue
            turn["role"] = "user" if results and role == "tool" else role
            _said(turn, content, f"messages[{at}].content", model)
        if message.tool_calls:
            turn["tool_calls"] = [_call(call, f"messages[{at}].tool_calls[{number}]") for number, call in enumerate(message.tool_calls)]
        told.append(turn)
    return told


def _said(turn: Turn, content: Sequence[Part], path: str, model: str) -> None:
    """Put *content* at its places in *turn*: text, images, thoughts."""
    texts: list[str] = []
    images: list[str] = []
    for place, part in enumerate(content):
        match part:
            case TextPart(text=str(text)) | DocumentPart(text=str(text)) | RefusalPart(refusal=text):
                texts.append(text)
            case ImagePart():
                images.append(_image(part, f"{path}[{place}]", model))
            case ReasoningPart():
                if part.text and part.protocol in (None, NAME):
                    turn["thinking"] = turn.get("thinking", "") + part.text
            case OpaquePart() | ToolResultPart():
                pass  # another provider's, or told as a turn of its own
            case DocumentPart(data=bytes(data)) if (part.media_type or "").startswith("text/"):
                texts.append(data.decode(errors="replace"))
            case _:
                raise _unsaid(part, f"{path}[{place}]", model, "Ollama takes text and images")
    turn["content"] = "\n".join(texts)
    if images:
        turn["images"] = images


def _image(part: ImagePart, path: str, model: str) -> str:
    if part.data is not None:
        return base64_text(part.data)
    inner = data_url(part.url) if part.url is not None else None
    if inner is None:
        raise _unsaid(part, path, model, "Ollama takes its bytes, not its address")
    return inner[1]


def _unsaid(part: Part, path: str, model: str, why: str) -> UnsupportedParameterError:
    return UnsupportedParameterError(
        f"{path}: {model} cannot be given {part.type} here; {why}", parameter=part.type, model=model, path=path
    )


def _result(part: ToolResultPart, path: str, model: str) -> Turn:
    turn: Turn = {"role": "tool", "content": part.content if isinstance(part.content, str) else ""}
    if part.name is not None:
        turn["tool_name"] = part.name
    if isinstance(part.content, list):
        _said(turn, part.content, path, model)
    return turn


def _call(call: ToolCall, path: str) -> Turn:
    arguments = call.arguments
    if arguments is None:
        raise InvalidMessageError(f"{path}.arguments is no JSON object; Ollama takes nothing else", path=f"{path}.arguments")
    return {"function": {"name": call.name, "arguments": arguments}}
