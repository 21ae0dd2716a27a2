"""What no provider should send and fuzzing thought of: numbers, nesting and texts that Python itself trips over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from llmring._base import too_deep
from llmring._base.fields import json_object
from llmring._core.http import HttpReply
from llmring._core.jsontext import dumps, loads
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._core.structured import parse
from llmring._gen.message import Citation, Message, TextPart
from llmring._gen.response import LLMResponse
from llmring.exceptions import ProviderResponseError, SchemaValidationError
from llmring.protocols import (
    anthropic_extras,
    anthropic_files,
    gemini_extras,
    gemini_files,
    ollama_extras,
    openai_extras,
    openai_files,
    openai_responses,
)
from llmring.protocols.failure import failure
from llmring.protocols.framing import frame, whole
from llmring.protocols.gemini_calls import Calls
from llmring.protocols.reading import count_of, vector_of
from llmring.protocols.sse import SseDecoder
from llmring.protocols.uploading import moment

if TYPE_CHECKING:
    from types import ModuleType

HUGE = 10**400


def reply(body: Any, headers: dict[str, str] | None = None) -> HttpReply:
    """Answer with *body*."""
    return HttpReply(200, headers or {}, json.dumps(body).encode())


def nested(depth: int, inner: str = "1") -> str:
    """Give objects in lists in objects, *depth* levels."""
    return '{"a":[' * (depth // 2) + inner + "]}" * (depth // 2)


def test_depth_is_counted_in_levels_not_in_brackets() -> None:
    """Many lists side by side, or brackets inside of text, are not deep."""
    flat = json.dumps([[1]] * 500 + ["[" * 500])
    assert not too_deep(flat, json.loads(flat))
    assert not too_deep(flat.encode(), json.loads(flat))
    for depth, deep in ((180, False), (220, True)):
        assert too_deep(nested(depth), json.loads(nested(depth))) is deep
        assert too_deep(nested(depth).encode(), json.loads(nested(depth))) is deep


def test_what_is_nested_too_deeply_is_no_answer() -> None:
    """Comparing, copying or pickling it would exhaust the stack, though reading it may succeed."""
    deep = nested(600)
    with pytest.raises(ValueError, match="nested"):
        loads(deep)
    with pytest.raises(ProviderResponseError, match="nested"):
        frame(deep.encode())
    with pytest.raises(ProviderResponseError, match="not JSON"):
        whole(HttpReply(200, {}, deep.encode()))
    with pytest.raises(SchemaValidationError, match="nested"):
        parse(LLMResponse(content=deep), ResponseFormat(kind="json_object"))
    assert json_object(deep) is None


@pytest.mark.parametrize("value", [HUGE, 1 << 63, 1e308, float("inf")])
def test_a_counter_that_nothing_counts_to_is_none(value: Any) -> None:
    """A sum of them could not even be printed."""
    assert count_of(value) == 0


@pytest.mark.parametrize("value", [[1, HUGE], [True], ["1"], {}, None, [[]]])
def test_a_vector_holds_numbers(value: Any) -> None:
    """Numbers that are no floats are not numbers of a vector."""
    assert vector_of(value) is None


@pytest.mark.parametrize(
    "module,body",
    [
        (openai_extras, {"data": [{"embedding": [1, HUGE]}]}),
        (gemini_extras, {"embeddings": [{"values": [1.5]}, {"values": [HUGE]}]}),
        (ollama_extras, {"embeddings": [[1.5], [HUGE]]}),
        (ollama_extras, {"embeddings": "none"}),
    ],
)
def test_an_embedding_of_other_numbers_is_told(module: ModuleType, body: Any) -> None:
    """Also where only one of several is wrong."""
    with pytest.raises(ProviderResponseError, match="embeddings"):
        module.decode_embed(reply(body))


@pytest.mark.parametrize(
    "module,key", [(openai_extras, "input_tokens"), (anthropic_extras, "input_tokens"), (gemini_extras, "totalTokens")]
)
def test_a_negative_count_is_told(module: ModuleType, key: str) -> None:
    """There is no such prompt."""
    assert module.decode_count(reply({key: 0})) == 0
    with pytest.raises(ProviderResponseError):
        module.decode_count(reply({key: -1}))


@pytest.mark.parametrize("told", [HUGE, float("inf"), float("nan"), -1e300])
def test_a_moment_beyond_all_time_is_none(told: Any) -> None:
    """What no clock reaches does not count."""
    assert moment(told) is None


def test_a_date_of_huge_numbers_says_nothing() -> None:
    """Python's own parser overflows on it."""
    headers = {"retry-after": "1 Jan 9999999999999999999999999 00:00:00 +0000", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert failure(status=429, message="no", headers=headers).retry_after is None


@pytest.mark.parametrize("module", [openai_files, anthropic_files, gemini_files])
def test_an_id_may_hold_half_a_character(module: ModuleType) -> None:
    """It is asked for as well as can be."""
    assert module.encode_get("files/\ud800").path.endswith("%3F")
    assert module.encode_delete("files/\ud800").path.endswith("%3F")


@pytest.mark.parametrize("module", [anthropic_extras, gemini_extras])
def test_a_page_may_be_called_by_half_a_character(module: ModuleType) -> None:
    """It is asked for as well as can be."""
    assert module.encode_models("\ud800").path.endswith("=%3F")


def test_a_place_to_upload_to_must_be_a_url() -> None:
    """Python's own parser refuses this one."""
    with pytest.raises(ProviderResponseError, match="x-goog-upload-url"):
        gemini_files.encode_rest(reply({}, {"x-goog-upload-url": "http://["}), "http://127.0.0.1", b"x")


def test_a_path_far_beyond_a_list_fills_no_memory() -> None:
    """Seven bytes must not become eighty thousand."""
    calls = Calls(index=0)
    calls.take({"name": "f", "partialArgs": [{"jsonPath": f"$.a{'[9999]' * 50}", "stringValue": "x"}], "willContinue": True}, None)
    assert calls.growing is not None
    assert calls.growing.arguments == {"a": []}


def test_lines_without_an_end_are_not_joined_again_and_again() -> None:
    """One event of many lines, line by line, is kept in pieces until it ends."""
    decoder = SseDecoder()
    for _ in range(10_000):
        assert decoder.feed(b"data: x\n") == []
    assert len(decoder._pieces) == 10_000
    assert decoder.feed(b"\n") == [b"\n".join([b"x"] * 10_000)]


def test_a_citation_of_a_kind_that_is_no_word_is_nobodys() -> None:
    """Sent back with the conversation, it is left out like any other that OpenAI does not know."""
    source: dict[str, Any] = {"type": {"a": []}, "url": "https://a.invalid"}
    said = Message(role="assistant", content=[TextPart(text="yes", citations=[Citation(source=source)])])
    call = openai_responses.encode(NormalRequest(messages=(said,)), "gpt-5.4-mini")
    assert b'"annotations":[]' in dumps(call.body) or b"annotations" not in dumps(call.body)
