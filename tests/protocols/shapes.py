"""Answers as data for property tests: whole bodies, the streams that say the same, and JSON of any shape."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

KEYS = (
    "arguments",
    "audio",
    "annotations",
    "choices",
    "citations",
    "code",
    "content",
    "created",
    "custom",
    "data",
    "delta",
    "detail",
    "done",
    "done_reason",
    "error",
    "eval_count",
    "extra_content",
    "finish_reason",
    "function",
    "function_call",
    "google",
    "id",
    "images",
    "index",
    "input",
    "logprobs",
    "message",
    "model",
    "name",
    "object",
    "prompt_eval_count",
    "prompt_tokens",
    "completion_tokens",
    "completion_tokens_details",
    "prompt_tokens_details",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "reasoning_tokens",
    "refusal",
    "role",
    "search_results",
    "service_tier",
    "status_code",
    "summary",
    "text",
    "thinking",
    "thought_signature",
    "tool_calls",
    "total_tokens",
    "transcript",
    "type",
    "url",
    "url_citation",
    "usage",
    "x_groq",
    "errors",
    "request_id",
)
WORDS = (
    "",
    "stop",
    "text",
    "thinking",
    "tool_calls",
    "function",
    "reasoning.text",
    "image_url",
    "call_0",
    "[]",
    "{}",
    "null",
    "\ud800",
    "é",
)

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS), st.text(max_size=5))
anything: SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)),
    max_leaves=25,
)
objects: SearchStrategy[dict[str, Any]] = st.dictionaries(st.sampled_from(KEYS), anything, max_size=6)


@st.composite
def spoiled(draw: DrawFn, *wholes: dict[str, Any]) -> dict[str, Any]:
    """Give one of *wholes* with some places holding what nobody expects there."""
    body = json.loads(json.dumps(draw(st.sampled_from(wholes))))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = body
        while steps := _steps(place):
            step = draw(st.sampled_from(steps))
            if not _steps(place[step]) or draw(st.booleans()):
                place[step] = draw(anything)
                break
            place = place[step]
    return body


def _steps(place: Any) -> list[Any]:
    if isinstance(place, dict):
        return list(cast("dict[str, Any]", place))
    return list(range(len(cast("list[Any]", place)))) if isinstance(place, list) else []


def as_bytes(value: Any) -> bytes:
    """Give *value* as JSON; what UTF-8 cannot carry is escaped."""
    return json.dumps(value).encode()


@st.composite
def pieces(draw: DrawFn, text: str) -> list[str]:
    """Cut *text* into some pieces, none of them empty."""
    places = sorted(draw(st.sets(st.integers(1, max(len(text) - 1, 1)), max_size=4)))
    ends = [0, *[place for place in places if place < len(text)], len(text)]
    return [text[start:end] for start, end in pairwise(ends) if start < end]
