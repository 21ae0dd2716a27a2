"""Embeddings and lists of models, by OpenAI's API and by Ollama's."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest

from llmring._core.http import HttpReply
from llmring._core.request import NormalRequest
from llmring._gen.message import Message
from llmring.exceptions import ProviderResponseError
from llmring.protocols import ollama_extras, openai_extras
from tests.protocols import wire


def reply(body: Any) -> HttpReply:
    """Answer with *body*."""
    return HttpReply(200, {}, json.dumps(body).encode())


@pytest.mark.parametrize("extras,path", [(openai_extras, "/embeddings"), (ollama_extras, "/api/embed")])
def test_embeddings_are_asked_for(extras: Any, path: str) -> None:
    """All texts in one call; further keys as they are."""
    call = extras.encode_embed(["a", "b"], "m", {"dimensions": 2})
    assert (call.method, call.path, call.body) == ("POST", path, {"model": "m", "input": ["a", "b"], "dimensions": 2})
    assert extras.encode_embed(("a",), "m").body == {"model": "m", "input": ["a"]}


def test_vectors_come_in_the_order_of_the_texts() -> None:
    """Numbers or base64, sorted by index; usage beside."""
    packed = base64.b64encode(struct.pack("<2f", 0.5, -1.0)).decode()
    body = {"data": [{"index": 1, "embedding": packed}, {"embedding": [1, 0.25]}], "usage": {"prompt_tokens": 3, "total_tokens": 3}}
    vectors, usage = openai_extras.decode_embed(reply(body))
    assert vectors == [[1.0, 0.25], [0.5, -1.0]]
    assert (usage.input_tokens, usage.output_tokens) == (3, 0)
    vectors, usage = ollama_extras.decode_embed(reply({"embeddings": [[1, 0.5]], "prompt_eval_count": 2}))
    assert (vectors, usage.input_tokens) == ([[1.0, 0.5]], 2)


@pytest.mark.parametrize("embedding", [None, "", "?", "eA==", ["x"], [True], {}])
def test_what_is_no_vector_is_told(embedding: Any) -> None:
    """A typed error."""
    with pytest.raises(ProviderResponseError):
        openai_extras.decode_embed(reply({"data": [{"embedding": embedding}]}))
    with pytest.raises(ProviderResponseError):
        ollama_extras.decode_embed(reply({"embeddings": [embedding]}))


@pytest.mark.parametrize("body", [{}, {"data": [], "embeddings": []}, {"data": None, "embeddings": None}])
def test_no_vectors_are_told(body: Any) -> None:
    """A typed error."""
    for extras in (openai_extras, ollama_extras):
        with pytest.raises(ProviderResponseError):
            extras.decode_embed(reply(body))


def test_models_are_listed() -> None:
    """As the server describes them, each with an id."""
    assert openai_extras.encode_models().path == "/models"
    assert ollama_extras.encode_models().path == "/api/tags"
    listed = [{"id": "a", "owned_by": "x"}, {"id": 3}, "odd"]
    assert openai_extras.decode_models(reply({"data": listed})) == ([{"id": "a", "owned_by": "x"}], None)
    assert openai_extras.decode_models(reply(listed)) == ([{"id": "a", "owned_by": "x"}], None)
    told = [{"model": "a", "size": 1}, {"name": "b"}, {"size": 2}]
    assert ollama_extras.decode_models(reply({"models": told})) == (
        [{"id": "a", "model": "a", "size": 1}, {"id": "b", "name": "b"}],
        None,
    )


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'"x"'])
def test_what_is_no_list_is_told(body: bytes) -> None:
    """A typed error."""
    for extras in (openai_extras, ollama_extras):
        with pytest.raises(ProviderResponseError):
            extras.decode_models(HttpReply(200, {}, body))


RECORDED = [
    *(
        (openai_extras, case)
        for vendor in ("openai", "openai_compatible")
        for case in wire.cases(vendor, "embeddings", kinds=["embeddings"])
    ),
    *((ollama_extras, case) for case in wire.cases("ollama", "embed", kinds=["embeddings"])),
]


@pytest.mark.conformance
@pytest.mark.parametrize("extras,exchange", RECORDED, ids=str)
def test_decodes_recorded_embeddings(extras: Any, exchange: wire.Exchange) -> None:
    """As many vectors as there were, of the length they had."""
    vectors, _ = extras.decode_embed(exchange.reply)
    assert len(vectors) == exchange.expected["vectors"]
    assert exchange.expected["dims"] in (None, len(vectors[0]))


def test_counts_tokens() -> None:
    """The prompt alone is asked about; the count is read."""
    request = NormalRequest(messages=(Message(role="user", content="Hi"),), options={"max_tokens": 5}, stream=True)
    call = openai_extras.encode_count(request, "gpt-5.4-mini")
    assert call.path == "/responses/input_tokens"
    assert isinstance(call.body, dict)
    assert call.body.keys() <= {"model", "input", "instructions", "text", "reasoning"}
    assert openai_extras.decode_count(reply({"object": "response.input_tokens", "input_tokens": 9})) == 9
    with pytest.raises(ProviderResponseError, match="token count"):
        openai_extras.decode_count(reply({"input_tokens": "9"}))


@pytest.mark.parametrize(
    "body, found",
    [
        ({}, {}),
        ({"capabilities": "all", "model_info": []}, {}),
        ({"capabilities": ["completion", "tools", "thinking", "vision", "insert", 3]}, {"can": ["reasoning", "tools", "vision"]}),
        ({"capabilities": [], "model_info": {"general.architecture": "llama", "llama.context_length": 8192}}, {"can": [], "context": 8192}),
    ],
)
def test_ollama_tells_what_a_model_can_do(body: dict[str, Any], found: dict[str, Any]) -> None:
    """Abilities by our names, and the window; what is not told is not known."""
    assert ollama_extras.encode_show("m").body == {"model": "m"}
    assert ollama_extras.decode_show(reply(body)) == found
