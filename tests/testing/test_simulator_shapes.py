"""What the simulator says is what the official SDKs' types hold, field by field: their clients do not check, so this does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

import anthropic.types as anthropic_types
import httpx2
import openai.types.chat as chat_types
import openai.types.responses as responses_types
import pydantic
import pytest

from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.extra

HEADERS: Final = {"authorization": "Bearer any", "anthropic-version": "2023-06-01"}
SAID: Final = [{"role": "user", "content": "What is the weather in Paris and London?"}]
SCHEMA: Final = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION: Final = {"name": "weather", "parameters": SCHEMA}
CASES: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "/v1/chat/completions": {
        "text": {},
        "tools": {"tools": [{"type": "function", "function": FUNCTION}], "n": 2},
        "logprobs": {"logprobs": True, "top_logprobs": 2, "stream_options": {"include_usage": True}},
        "refusal": {"model": "gpt-5.4+finish=refusal"},
        "cut": {"max_completion_tokens": 2},
    },
    "/v1/responses": {
        "text": {"include": ["message.output_text.logprobs"], "top_logprobs": 1},
        "tools": {"tools": [{"type": "function", "strict": True, **FUNCTION}], "reasoning": {"effort": "low", "summary": "auto"}},
        "refusal": {"model": "gpt-5.4+finish=refusal"},
        "cut": {"max_output_tokens": 2},
        "error": {"model": "gpt-5.4+fault=error"},
    },
    "/v1/messages": {
        "text": {},
        "tools": {"tools": [{"name": "weather", "input_schema": SCHEMA}], "thinking": {"type": "adaptive"}},
        "hidden": {"thinking": {"type": "adaptive", "display": "omitted"}},
        "refusal": {"model": "claude-sonnet-5+finish=refusal"},
        "cut": {"max_tokens": 2},
    },
}
TYPES: Final = {
    "/v1/chat/completions": (chat_types.ChatCompletion, chat_types.ChatCompletionChunk),
    "/v1/responses": (responses_types.Response, responses_types.ResponseStreamEvent),
    "/v1/messages": (anthropic_types.Message, anthropic_types.RawMessageStreamEvent),
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    """Give a client for one simulator."""
    with Simulator() as simulator, httpx2.Client(base_url=simulator.url, headers=HEADERS) as made:
        yield made


@pytest.mark.parametrize("path,case", [(path, case) for path, cases in CASES.items() for case in cases])
def test_every_field_has_its_type(client: httpx2.Client, path: str, case: str) -> None:
    """Whole answers and each event of streams validate."""
    body: dict[str, Any] = {"model": "gpt-5.4", "input" if path == "/v1/responses" else "messages": SAID}
    body |= {"max_tokens": 500} if path == "/v1/messages" else {}
    body |= CASES[path][case]
    whole, event = (pydantic.TypeAdapter[Any](cast("Any", kind)) for kind in TYPES[path])
    whole.validate_python(client.post(path, json=body).json())
    events = re.findall(r"^data: (\{.*)$", client.post(path, json={**body, "stream": True}).text, re.MULTILINE)
    assert events
    for text in events:
        if '{"type":"ping"}' not in text:
            event.validate_python(json.loads(text))
