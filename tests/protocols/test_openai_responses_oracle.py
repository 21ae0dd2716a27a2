"""Bodies for the Responses API fit the request type of the official SDK, which knows every word for effort that we know."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.responses import ResponseCreateParams

from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import (
    Citation,
    DocumentPart,
    FilePart,
    ImagePart,
    Message,
    OpaquePart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolResultPart,
)
from llmring._gen.tool import Tool, ToolCall
from llmring.protocols import openai_responses
from tests.protocols.official import read_as

pytestmark = pytest.mark.extra

NAME = openai_responses.NAME
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"], "additionalProperties": False}
USER = Message(role="user", content="Hi")
CITED = {"type": "url_citation", "url": "https://a", "title": "A", "start_index": 0, "end_index": 2}
HEAD = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "phase": "final_answer"}
REQUESTS = {
    "plain": NormalRequest(messages=(USER,)),
    "stream": NormalRequest(messages=(USER,), stream=True),
    "roles": NormalRequest(messages=(Message(role="system", content="A"), Message(role="developer", content=[TextPart(text="B")]), USER)),
    "attachments": NormalRequest(
        messages=(
            Message(
                role="user",
                content=[
                    ImagePart(url="https://a/b.png", detail="high"),
                    ImagePart(data=b"\x89PNG\r\n\x1a\n"),
                    ImagePart(file_id="file_1"),
                    DocumentPart(url="https://a/b.pdf"),
                    DocumentPart(data=b"%PDF", name="b.pdf"),
                    DocumentPart(text="a,b"),
                    DocumentPart(file_id="file_1"),
                    FilePart(file_id="file_1"),
                ],
            ),
        )
    ),
    "answers": NormalRequest(
        messages=(
            USER,
            Message(
                role="assistant",
                content=[
                    ReasoningPart(protocol=NAME, native={"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAA="}),
                    OpaquePart(
                        protocol=NAME,
                        data={
                            "type": "web_search_call",
                            "id": "ws_1",
                            "status": "completed",
                            "action": {"type": "search", "query": "q", "queries": ["q"]},
                        },
                    ),
                    TextPart(text="Hi", citations=[Citation(source=CITED)]),
                    RefusalPart(refusal="No"),
                    OpaquePart(protocol=NAME, data=HEAD),
                    OpaquePart(protocol=NAME, data={"type": "function_call", "call_id": "call_1", "namespace": "crm"}),
                    ReasoningPart(protocol=NAME, id="rs_2", data="gAA=", text="Hm"),
                ],
                tool_calls=[
                    ToolCall(id="call_1", item_id="fc_1", name="f", arguments='{"x":"1"}'),
                    ToolCall(id="call_2", item_id="ctc_1", name="g", arguments="4 + 4", kind="custom"),
                ],
            ),
            Message(role="tool", tool_call_id="call_1", content=[TextPart(text="1"), ImagePart(file_id="file_1")]),
            Message(role="tool", tool_call_id="call_2", content="8"),
            Message(
                role="assistant", content=[TextPart(text="Hm"), OpaquePart(protocol=NAME, data=HEAD), ImagePart(url="https://a/b.png")]
            ),
            Message(role="user", content=[ToolResultPart(tool_call_id="call_3", content="x"), TextPart(text="Go on")]),
        ),
        extra={"store": False},
    ),
    "tools": NormalRequest(
        messages=(USER,),
        tools=(
            Tool(name="f", description="Does f.", parameters=SCHEMA, strict=True),
            Tool(name="g"),
            Tool(type="custom", name="h", config={"format": {"type": "grammar", "syntax": "lark", "definition": "start: /a/"}}),
            Tool(type="web_search", config={"search_context_size": "low"}),
            Tool(type="code_execution"),
            Tool(type="file_search", config={"vector_store_ids": ["vs_1"]}),
            Tool(type="mcp", config={"server_label": "x", "server_url": "https://a", "require_approval": "never"}),
            Tool(type="image_generation"),
        ),
        tool_choice="function",
        tool_name="f",
    ),
    "custom choice": NormalRequest(messages=(USER,), tools=(Tool(type="custom", name="h"),), tool_choice="function", tool_name="h"),
    "required": NormalRequest(messages=(USER,), tools=(Tool(name="f"),), tool_choice="required"),
    "json": NormalRequest(messages=(USER,), response_format=ResponseFormat(kind="json_object")),
    "schema": NormalRequest(
        messages=(USER,),
        response_format=ResponseFormat(kind="json_schema", name="x", schema=SCHEMA, strict=True, description="An x."),
        extra={"verbosity": "low"},
    ),
    "options": NormalRequest(
        messages=(USER,),
        options={
            "temperature": 0.5,
            "top_p": 0.9,
            "max_tokens": 20,
            "parallel_tool_calls": False,
            "metadata": {"a": "b"},
            "user": "u",
            "service_tier": "flex",
            "logprobs": True,
            "top_logprobs": 2,
            "reasoning": {"effort": "low", "summary": "auto"},
        },
        extra={"store": False, "instructions": "Be terse.", "prompt_cache_key": "k", "prompt_cache_retention": "24h"},
    ),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=list(REQUESTS))
def test_bodies_fit_the_sdk(request_: NormalRequest) -> None:
    """Every key is known to the SDK, and every value is of its type."""
    body = openai_responses.encode(request_, "gpt-5.4").body
    assert read_as(ResponseCreateParams, body) == body


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh", "max"])
def test_efforts_are_known_to_the_sdk(effort: Any) -> None:
    """All of our words for effort are the API's."""
    body = openai_responses.encode(NormalRequest(messages=(USER,), options={"reasoning": effort}), "gpt-5.4").body
    assert read_as(ResponseCreateParams, body) == body
