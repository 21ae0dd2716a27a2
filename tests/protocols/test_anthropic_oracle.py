"""Bodies for Anthropic fit the official SDK's request types; recorded requests are encoded again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import anthropic as sdk
import pytest

from llmring._core.normalise import normalise
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import DocumentPart, FilePart, ImagePart, Message, OpaquePart, ReasoningPart, TextPart, ToolResultPart
from llmring._gen.tool import Tool, ToolCall
from llmring.protocols import anthropic_extras
from llmring.protocols import anthropic_messages as anthropic
from tests.protocols.wire import cases

if TYPE_CHECKING:
    from tests.protocols.wire import Exchange


from tests.protocols.official import read_as

pytestmark = pytest.mark.extra


MARK = {"type": "ephemeral", "ttl": "1h"}
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}
SAMPLING = frozenset({"temperature", "top_p", "top_k"})
REQUESTS = {
    "plain": NormalRequest(messages=(Message(role="user", content="Hi"),)),
    "stream": NormalRequest(messages=(Message(role="user", content="Hi"),), stream=True),
    "system": NormalRequest(
        messages=(
            Message(role="system", content="One", metadata={"cache_control": MARK}),
            Message(role="developer", content="Two"),
            Message(role="user", content="Hi", metadata={"cache_control": MARK}),
        )
    ),
    "attachments": NormalRequest(
        messages=(
            Message(
                role="user",
                content=[
                    ImagePart(url="https://a/b.png", cache_control=MARK),
                    ImagePart(data=b"\x89PNG\r\n\x1a\n"),
                    ImagePart(file_id="file_1"),
                    DocumentPart(url="https://a/b.pdf"),
                    DocumentPart(data=b"%PDF", name="b.pdf", citations=True),
                    DocumentPart(text="a,b"),
                    DocumentPart(file_id="file_1"),
                    FilePart(file_id="file_1"),
                    OpaquePart(protocol="anthropic_messages", data={"type": "container_upload", "file_id": "file_1"}),
                ],
            ),
        )
    ),
    "tools": NormalRequest(
        messages=(
            Message(role="user", content="Hi"),
            Message(
                role="assistant",
                content=[
                    ReasoningPart(text="Hm", signature="s", protocol="anthropic_messages"),
                    ReasoningPart(data="d", protocol="anthropic_messages"),
                    TextPart(text="So"),
                ],
                tool_calls=[ToolCall(id="a", name="f", arguments={"x": "y"}), ToolCall(id="b", name="g")],
            ),
            Message(role="tool", tool_call_id="a", content="1"),
            Message(role="user", content=[ToolResultPart(tool_call_id="b", content=[TextPart(text="2")], is_error=True)]),
        ),
        tools=(
            Tool(name="f", description="F", parameters=SCHEMA, strict=True, cache_control=MARK),
            Tool(name="g"),
            Tool(type="custom", name="h"),
            *(Tool(type=kind) for kind in ("web_search", "web_fetch", "code_execution", "memory", "bash", "text_editor")),
        ),
        tool_choice="function",
        tool_name="f",
        options={"parallel_tool_calls": False},
    ),
    "options": NormalRequest(
        messages=(Message(role="user", content="Hi"),),
        options={
            "max_tokens": 9,
            "temperature": 0.5,
            "top_p": 0.5,
            "top_k": 5,
            "stop": "a",
            "user": "u",
            "service_tier": "auto",
            "reasoning": "high",
            "cache": "1h",
        },
        response_format=ResponseFormat(kind="json_schema", schema=SCHEMA),
    ),
    "budget": NormalRequest(messages=(Message(role="user", content="Hi"),), options={"reasoning": 2000}),
    "no thoughts": NormalRequest(messages=(Message(role="user", content="Hi"),), options={"reasoning": 0}),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_bodies_fit_the_official_types(request_: NormalRequest) -> None:
    """The SDK knows every key and takes every value, save those that only its older models take."""
    call = anthropic.encode(request_, "claude-sonnet-5")
    body = {key: value for key, value in cast("dict[str, Any]", call.body).items() if key not in SAMPLING}
    assert read_as(sdk.types.message_create_params.MessageCreateParams, body) == body


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_counts_fit_the_official_types(request_: NormalRequest) -> None:
    """The same holds for counting."""
    body = anthropic_extras.encode_count(request_, "claude-sonnet-5").body
    assert read_as(sdk.types.MessageCountTokensParams, body) == body


# --- recorded requests ---------------------------------------------------------------------------

EMPTY = frozenset({"cache_control", "citations", "is_error"})
"""Keys of blocks that say nothing where they are null, false or empty."""
LOST = frozenset({"defer_loading"})
"""Keys of functions that have no unified name; ``extra_params`` takes whole tools that need them."""
DIRECT = {"max_tokens": "max_tokens", "temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "stop_sequences": "stop"}
RECORDED = [
    exchange for exchange in cases("anthropic", "messages") if exchange.request is not None and isinstance(exchange.request["body"], dict)
]


def asked(body: dict[str, Any]) -> NormalRequest:
    """Ask in unified terms for what *body* asks."""
    options: dict[str, Any] = {"extra_params": {}}
    messages: list[Any] = [{"role": "system", "content": body["system"]}] if "system" in body else []
    for key, value in body.items():
        match key, value:
            case (("model" | "system" | "stream"), _):
                pass
            case "messages", _:
                messages += value
            case "tools", _:
                options["tools"] = value
            case "tool_choice", {"type": kind}:
                options["tool_choice"] = "required" if kind == "any" else value if kind == "tool" else kind
            case "thinking", {"type": "enabled", "budget_tokens": budget, **rest} if not rest:
                options["reasoning"] = budget
            case "cache_control", _:
                options["cache"] = value
            case _ if key in DIRECT:
                options[DIRECT[key]] = value
            case _:
                options["extra_params"][key] = value
    return normalise(messages, options, stream=body.get("stream") is True)


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    """Give one spelling to what means the same."""
    plain = {key: value for key, value in body.items() if key != "stream" or value}
    if "system" in plain:
        plain["system"] = blocks(plain["system"])
    plain["messages"] = [{**turn, "content": [block_of(block) for block in blocks(turn["content"])]} for turn in plain["messages"]]
    if "tools" in plain:
        plain["tools"] = [{key: value for key, value in tool.items() if key not in LOST} for tool in plain["tools"]]
    choice = plain.get("tool_choice")
    if choice is not None:
        plain["tool_choice"] = {key: value for key, value in choice.items() if value is not False}
    return plain


def blocks(content: str | list[Any]) -> list[Any]:
    """Give text as a block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def block_of(block: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing."""
    return {key: value for key, value in block.items() if value or key not in EMPTY}


@pytest.mark.conformance
@pytest.mark.parametrize("exchange", RECORDED, ids=str)
def test_recorded_requests_are_encoded_again(exchange: Exchange) -> None:
    """Asking in unified terms for what was asked gives an equivalent body."""
    assert exchange.request is not None
    recorded = exchange.request["body"]
    call = anthropic.encode(asked(recorded), recorded.get("model", ""))
    body = cast("dict[str, Any]", call.body)
    if "model" not in recorded:
        del body["model"]  # Vertex has it in the address
    assert comparable(body) == comparable(recorded)
