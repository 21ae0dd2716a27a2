"""Bodies for Gemini fit the official SDK's types; recorded requests are encoded again."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from google.genai import types

from llmring._core.normalise import normalise
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import AudioPart, DocumentPart, ImagePart, Message, OpaquePart, ReasoningPart, TextPart, VideoPart
from llmring._gen.tool import Tool, ToolCall
from llmring.protocols import gemini_extras
from llmring.protocols import gemini_generate as gemini
from tests.protocols.wire import cases

if TYPE_CHECKING:
    from tests.protocols.wire import Exchange


from tests.protocols.official import read_json_as

pytestmark = pytest.mark.extra


MODEL = "gemini-3-flash-preview"
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}
USER = Message(role="user", content="Hi")
REQUESTS = {
    "plain": NormalRequest(messages=(USER,)),
    "system": NormalRequest(messages=(Message(role="system", content="S"), USER)),
    "attachments": NormalRequest(
        messages=(
            Message(
                role="user",
                content=[
                    ImagePart(url="https://a/b.png"),
                    ImagePart(data=b"\x89PNG\r\n\x1a\n"),
                    DocumentPart(data=b"%PDF"),
                    DocumentPart(text="a,b"),
                    DocumentPart(file_id="files/x", media_type="application/pdf"),
                    AudioPart(data=b"x", media_type="audio/mpeg"),
                    VideoPart(url="https://a/b.mp4"),
                ],
            ),
        )
    ),
    "tools": NormalRequest(
        messages=(
            USER,
            Message(
                role="assistant",
                content=[
                    ReasoningPart(text="Hm", signature="c2ln", protocol="gemini_generate"),
                    TextPart(text="So", signature="c2ln"),
                    OpaquePart(protocol="gemini_generate", data={"executableCode": {"code": "1", "language": "PYTHON"}}),
                ],
                tool_calls=[ToolCall(id="a", name="f", arguments={"x": "y"}), ToolCall(id="call_1", name="g")],
            ),
            Message(role="tool", tool_call_id="a", content="1"),
            Message(role="tool", tool_call_id="call_1", content='{"a": 1}', metadata={"is_error": True}),
        ),
        tools=(
            Tool(name="f", description="F", parameters=SCHEMA),
            Tool(name="g"),
            Tool(name="h", parameters={"type": "OBJECT", "properties": {}}),
            Tool(type="custom", name="i"),
            *(Tool(type=kind) for kind in ("web_search", "url_context", "code_execution", "google_maps")),
            Tool(type="file_search", config={"fileSearchStoreNames": ["s"]}),
        ),
        tool_choice="function",
        tool_name="f",
    ),
    "options": NormalRequest(
        messages=(USER,),
        options={
            "max_tokens": 9,
            "temperature": 0.5,
            "top_p": 0.5,
            "top_k": 5,
            "stop": "a",
            "n": 2,
            "seed": 1,
            "presence_penalty": 0.5,
            "frequency_penalty": 0.5,
            "logprobs": True,
            "top_logprobs": 2,
            "reasoning": "high",
        },
        response_format=ResponseFormat(kind="json_schema", schema=SCHEMA),
        extra={"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}], "cached_content": "c"},
    ),
    "budget": NormalRequest(messages=(USER,), options={"reasoning": 0}),
}
KINDS: dict[str, Any] = {
    "contents": list[types.Content],
    "systemInstruction": types.Content,
    "tools": list[types.Tool],
    "toolConfig": types.ToolConfig,
    "safetySettings": list[types.SafetySetting],
    "cachedContent": str,
}
BESIDE = frozenset({"responseJsonSchema"})
"""Keys of the generation config that the SDK has in its own config only."""


def fits(body: dict[str, Any]) -> None:
    """Hold each key of *body* to its type."""
    for key, value in body.items():
        if key == "generationConfig":
            read_json_as(types.GenerationConfig, {name: each for name, each in value.items() if name not in BESIDE})
        else:
            read_json_as(KINDS[key], value)


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_bodies_fit_the_official_types(request_: NormalRequest) -> None:
    """The SDK knows every key and takes every value."""
    fits(cast("dict[str, Any]", gemini.encode(request_, MODEL).body))


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_counts_fit_the_official_types(request_: NormalRequest) -> None:
    """The same holds for counting."""
    asked = dict(cast("dict[str, Any]", gemini_extras.encode_count(request_, MODEL).body)["generateContentRequest"])
    assert asked.pop("model") == f"models/{MODEL}"
    fits(asked)


# --- recorded requests ---------------------------------------------------------------------------

RECORDED = [
    exchange
    for api in ("generateContent", "streamGenerateContent")
    for exchange in cases("gemini", api)
    if exchange.request is not None and isinstance(exchange.request["body"], dict)
]
SNAKE = re.compile(r"_([a-z0-9])")
FREE = frozenset({"args", "response", "parameters", "parametersJsonSchema", "responseJsonSchema", "responseSchema"})
"""Keys whose values are the caller's own: schemas and data."""
OPTIONS = {
    "temperature": "temperature",
    "topP": "top_p",
    "topK": "top_k",
    "maxOutputTokens": "max_tokens",
    "stopSequences": "stop",
    "seed": "seed",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
    "candidateCount": "n",
}
MODES = {"AUTO": "auto", "NONE": "none", "ANY": "required"}


def camel(value: Any) -> Any:
    """Give Google's other spelling of keys, which it takes as well; null, and that a part is no thought, say nothing."""
    if isinstance(value, list):
        return [camel(each) for each in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    plain: dict[str, Any] = {}
    for key, each in cast("dict[str, Any]", value).items():
        name = SNAKE.sub(lambda found: found[1].upper(), key)
        if name == "codeExecution" or not (each is None or (name == "thought" and each is False)):
            plain[name] = each if name in FREE else camel(each)
    return plain


def asked(body: dict[str, Any]) -> NormalRequest:
    """Ask in unified terms for what *body*, in one spelling, asks."""
    options: dict[str, Any] = {"extra_params": {}}
    messages: list[Message] = []
    for key, value in body.items():
        match key:
            case "contents":
                messages += [turn for content in value for turn in turns(content)]
            case "systemInstruction":
                messages.insert(0, Message(role="system", content=[TextPart(text=part["text"]) for part in listed(value["parts"])]))
            case "tools":
                options["tools"] = [tool for each in value for tool in tools(each)]
            case "generationConfig":
                options["extra_params"]["generation_config"] = {name: each for name, each in value.items() if name not in OPTIONS}
                options |= {OPTIONS[name]: int(each) if name == "topK" else each for name, each in value.items() if name in OPTIONS}
            case "model":
                pass
            case _:
                options["extra_params"][key] = value
    return normalise(messages, options)


def listed(value: Any) -> list[Any]:
    """Give a part alone as a list."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def turns(content: dict[str, Any]) -> list[Message]:
    """Say *content* in unified terms."""
    found: list[Any] = []
    calls: list[ToolCall] = []
    results: list[Message] = []
    for part in content["parts"]:
        match part:
            case {"functionResponse": {"name": name, "response": {**response}, **rest}} if response and "parts" not in rest:
                output = response.get("output")
                text = output if isinstance(output, str) and len(response) == 1 else json.dumps(response)
                results.append(Message(role="tool", name=name, tool_call_id=rest.get("id", "call_0"), content=text))
            case {"functionCall": {"name": name, "args": arguments, **rest}}:
                signature = part.get("thoughtSignature")
                call_id = rest.get("id", f"call_{len(calls)}")
                calls.append(ToolCall(id=call_id, name=name, arguments=arguments, signature=signature, at=len(found)))
            case {"text": text, **rest} if rest.keys() <= {"thoughtSignature"}:
                found.append(TextPart(text=text, signature=rest.get("thoughtSignature")))
            case {"inlineData": {"mimeType": kind, "data": data}, **rest} if kind.startswith("image/") and not rest:
                found.append(ImagePart(url=f"data:{kind};base64,{data}"))
            case _:
                found.append(OpaquePart(protocol="gemini_generate", data=part))
    role = "assistant" if content.get("role") == "model" else "user"
    spoken = [Message(role=role, content=found, tool_calls=calls)] if found or calls else []
    return [*results, *spoken]


def tools(tool: dict[str, Any]) -> list[Any]:
    """Say one of Google's tools in unified terms."""
    found: list[Any] = []
    for kind, value in tool.items():
        if kind == "functionDeclarations":
            found += [
                {
                    "type": "function",
                    "function": {
                        "name": each["name"],
                        "description": each.get("description"),
                        "parameters": each.get("parameters", each.get("parametersJsonSchema")),
                    },
                }
                for each in value
            ]
        else:
            found.append({"type": kind, **(value or {})})
    return found


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    """Give one spelling to what means the same."""
    plain = camel(body)
    plain.pop("model", None)
    if "systemInstruction" in plain:
        plain["systemInstruction"] = {"parts": [part for part in listed(plain["systemInstruction"]["parts"]) if part != {"text": ""}]}
    declared: list[Any] = []
    hosted: list[Any] = []
    for tool in plain.pop("tools", []):
        declared += [function(each) for each in tool.get("functionDeclarations", ())]
        hosted += [{kind: value or {}} for kind, value in tool.items() if kind != "functionDeclarations"]
    plain["tools"] = [declared, hosted]
    plain["contents"] = [{"role": content.get("role", "user"), "parts": content["parts"]} for content in plain["contents"]]
    return {key: value for key, value in plain.items() if value not in ({}, {"parts": []})}


def function(declared: dict[str, Any]) -> dict[str, Any]:
    """Give one name to the schema, whichever of the two it has; an empty description says nothing."""
    names = {"parameters": "parametersJsonSchema"}
    return {names.get(key, key): value for key, value in declared.items() if value != ""}


@pytest.mark.conformance
@pytest.mark.parametrize("exchange", RECORDED, ids=str)
def test_recorded_requests_are_encoded_again(exchange: Exchange) -> None:
    """Asking in unified terms for what was asked gives an equivalent body."""
    assert exchange.request is not None
    recorded = camel(exchange.request["body"])
    body = cast("dict[str, Any]", gemini.encode(asked(recorded), "gemini-2.5-flash").body)
    assert comparable(body) == comparable(recorded)
