"""Recorded generateContent bodies as calls of the ring: answers of earlier turns as the ring would have given them."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.http import HttpReply
from llmring._gen.parameters import PATHS
from llmring.protocols import gemini_generate
from tests.conformance.requests import Body, Call, without_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmring import Message

SETTINGS: Final = {path[1]: name for name, path in PATHS["gemini_generate"].items() if path[0] == "generationConfig"} | {
    "stopSequences": "stop"
}
"""Gemini's words for options of the ring."""
_FAMILIES: Final = {"image": "image", "audio": "audio", "video": "video"}
_WORD: Final = re.compile(r"_([a-z])")


def left_out(body: Body) -> str | None:
    """Leave out what has no form among messages."""
    if "contents" not in body:
        return "no contents"
    if any("functionResponse" in part and "parts" in part["functionResponse"] for part in _parts_of(camel(body))):
        return "a file inside a tool's result, beside which the ring puts it"
    return None


def _parts_of(body: Body) -> list[Body]:
    contents = cast("list[Body]", body["contents"] if isinstance(body["contents"], list) else [body["contents"]])
    return [part for content in contents for part in content["parts"] if isinstance(part, dict)]


def call_of(body: Body) -> Call:
    """Give contents as messages and settings by the ring's names."""
    body = camel(body)
    options: Body = {}
    extra: Body = {}
    for key, value in body.items():
        match key, value:
            case (("contents" | "systemInstruction" | "model"), _):
                continue
            case _, None:
                continue
            case "generationConfig", _:
                _config(value, options, extra)
            case "tools", _:
                options["tools"] = [tool for each in value for tool in _tools(each)]
            case "toolConfig", _:
                _choice(value, options, extra)
            case "cachedContent", str():
                extra["cached_content"] = value
            case "safetySettings", _:
                extra["safety_settings"] = value
            case _:
                extra[key] = value
    return list(_messages(body)), options | ({"extra_params": extra} if extra else {})


# --- what is said ----------------------------------------------------------------------------------


def _messages(body: Body) -> Iterator[Any]:
    system = body.get("systemInstruction")
    if system:
        yield {"role": "system", "content": [_part(part) for part in system["parts"]]}
    contents = cast("list[Body]", body["contents"] if isinstance(body["contents"], list) else [body["contents"]])
    for content in contents:
        if content.get("role") == "model":
            yield _answer(content)
        else:
            yield {"role": "user", "content": [_part(part) for part in content["parts"]]}


def _answer(content: Body) -> Message:
    """Give what the ring gave when *content* was answered."""
    return gemini_generate.decode(HttpReply(200, {}, json.dumps({"candidates": [{"content": content}]}).encode())).message


def _part(part: Any) -> Body:
    match part:
        case str():
            return {"type": "text", "text": part}
        case {"text": str(text)}:
            return {"type": "text", "text": text}
        case {"inlineData": {"mimeType": str(kind), "data": str(data)}}:
            return {"type": _family(kind), "data": _decoded(data), "media_type": kind}
        case {"fileData": {"fileUri": str(uri), **more}}:
            kind = str(more.get("mimeType") or "")
            return {"type": _family(kind), "url": uri, "media_type": kind or None}
        case {"functionResponse": {"name": str(name), "response": given, **more}}:
            return {"type": "tool_result", "tool_call_id": more.get("id") or "call_0", "name": name, "content": json.dumps(given)}
        case _:
            return {"type": "opaque", "protocol": "gemini_generate", "data": part}


def _decoded(data: str) -> bytes:
    """Decode base64 of either alphabet; Gemini takes both, and bytes are what the ring is given."""
    plain = data.replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4))


def _family(kind: str) -> str:
    return _FAMILIES.get(kind.partition("/")[0], "document")


# --- how to answer ---------------------------------------------------------------------------------


def _config(config: Body, options: Body, extra: Body) -> None:
    rest = dict(config)
    for name, value in config.items():
        if name in SETTINGS:
            options[SETTINGS[name]] = int(value) if name == "topK" else value
            del rest[name]
        elif name == "thinkingConfig" and (wanted := _reasoning(value)) is not None:
            options["reasoning"] = wanted
            del rest[name]
    if rest.get("responseMimeType") == "application/json":
        if "responseJsonSchema" in rest:
            options["response_format"] = {"type": "json_schema", "json_schema": {"schema": rest.pop("responseJsonSchema")}}
            del rest["responseMimeType"]
        elif "responseSchema" not in rest:
            options["response_format"] = {"type": "json_object"}
            del rest["responseMimeType"]
    if rest:
        extra["generation_config"] = rest


def _reasoning(thinking: Any) -> str | int | None:
    """Give what the ring calls *thinking*, None where it has no word for all of it."""
    match thinking:
        case {"includeThoughts": True, "thinkingBudget": int(budget), **more} if not more and budget > 0:
            return budget
        case {"includeThoughts": True, "thinkingLevel": str(level), **more} if not more:
            return level.lower()
        case {"thinkingBudget": 0, **more} if not more:
            return "none"
        case _:
            return None


def _tools(tool: Body) -> Iterator[Body]:
    for kind, config in tool.items():
        if kind == "functionDeclarations":
            yield from (_function(each) for each in config)
        else:
            yield {"type": kind, **(config or {})}


def _function(declared: Body) -> Body:
    function = dict(declared)
    if "parametersJsonSchema" in function:
        function["parameters"] = function.pop("parametersJsonSchema")
    return {"type": "function", **function}


def _choice(config: Body, options: Body, extra: Body) -> None:
    match config:
        case {"functionCallingConfig": {"mode": "AUTO" | "NONE" | "ANY" as mode, **more}, **beside} if not more and not beside:
            options["tool_choice"] = {"AUTO": "auto", "NONE": "none", "ANY": "required"}[mode]
        case {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [str(name)]}, **beside} if not beside:
            options["tool_choice"] = {"type": "function", "function": {"name": name}}
        case _:
            extra["toolConfig"] = config


# --- what is the same ------------------------------------------------------------------------------

_FREE: Final = frozenset({"args", "response", "properties", "labels", "responseJsonSchema", "parametersJsonSchema"})
"""Keys whose values are not Gemini's words."""


def camel(value: Any) -> Any:
    """Give *value* with Gemini's own words in one spelling; it takes both."""
    match value:
        case dict():
            named = {_WORD.sub(lambda found: found[1].upper(), key): inner for key, inner in cast("Body", value).items()}
            return {key: inner if key in _FREE else camel(inner) for key, inner in named.items()}
        case list():
            return [camel(item) for item in cast("list[Any]", value)]
        case _:
            return value


def canonical(body: Mapping[str, Any]) -> Body:
    """Take one tool with two kinds for two tools, and a schema for what it says, wherever it stands."""
    found = {key: value for key, value in camel(dict(body)).items() if key != "model"}
    contents = cast("list[Body]", found["contents"] if isinstance(found["contents"], list) else [found["contents"]])
    found["contents"] = [{"role": each.get("role") or "user", "parts": _same_parts(each["parts"])} for each in contents]
    if found.get("systemInstruction"):
        found["systemInstruction"] = {"parts": _same_parts(found["systemInstruction"]["parts"])}
    kinds: dict[str, Any] = {}
    for tool in found.get("tools") or ():
        for kind, config in tool.items():
            if kind == "functionDeclarations":
                kinds[kind] = [*kinds.get(kind, []), *map(_same_function, config)]
            else:
                kinds[kind] = config or {}
    found["tools"] = kinds or None
    found["generationConfig"] = _same_config(found.get("generationConfig") or {}) or None
    return cast("Body", without_nothing(found))


def _same_function(declared: Body) -> Body:
    """Take the schema from either of its keys, which say what dialect it is in."""
    found = {key: value for key, value in declared.items() if key != "parametersJsonSchema" and value != ""}
    return found | {"parameters": declared.get("parametersJsonSchema") or declared.get("parameters")}


def _same_config(config: Body) -> Body:
    """Levels are enumerated, however they are written; the title of a schema says nothing to a model."""
    found = dict(config)
    match found:
        case {"thinkingConfig": {"thinkingLevel": str(level), **more}}:
            found["thinkingConfig"] = {"thinkingLevel": level.lower(), **more}
        case {"responseJsonSchema": {"$ref": _, **schema}}:
            found["responseJsonSchema"] = {key: value for key, value in schema.items() if key != "title"}
        case _:
            pass
    return found


def _same_parts(parts: list[Any]) -> list[Body]:
    """Take base64 of either alphabet, a text alone for a text part, and a text told in pieces for the whole."""
    found: list[Body] = []
    for part in parts:
        told = {"text": part} if isinstance(part, str) else {key: value for key, value in part.items() if value is not False}
        match told:
            case {"inlineData": {"data": str(data), **more}}:
                told["inlineData"] = {**more, "data": _decoded(data)}
            case {"text": str(text)} if len(told) == 1 and found and found[-1].keys() == {"text"}:
                found[-1] = {"text": found[-1]["text"] + text}
                continue
            case _:
                pass
        found.append(told)
    return found
