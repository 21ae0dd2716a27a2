"""Every key of ``extra_params`` that the spec knows, at its place on the wire of every protocol that has it."""

from __future__ import annotations

from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from llmring._core.fit import Target, fit
from llmring._core.request import NormalRequest
from llmring._gen.message import Message
from llmring._gen.parameters import EXTRA
from llmring.exceptions import UnsupportedParameterError
from tests.recording.notation import load

SPEC: Final[dict[str, dict[str, str]]] = load((Path(__file__).parents[2] / "spec/parameters.yaml").read_text(encoding="utf-8"))[
    "extra_params"
]
PLACES: Final = [(key, protocol, place) for key, places in SPEC.items() for protocol, place in places.items() if key != "betas"]
STRANGERS: Final = [(key, protocol) for key, places in SPEC.items() for protocol in EXTRA if protocol not in places]
OBJECTS: Final = {"generation_config", "options", "thinking", "metadata", "logit_bias", "context_management"}
PROMISED: Final = {
    "openai_chat": "logprobs top_logprobs seed frequency_penalty presence_penalty top_p logit_bias service_tier verbosity store metadata"
    " prompt_cache_key prompt_cache_retention",
    "anthropic_messages": "thinking top_k top_p metadata service_tier container context_management betas",
    "gemini_generate": "safety_settings top_k top_p candidate_count generation_config cached_content response_modalities",
    "ollama_chat": "options mirostat num_ctx num_predict repeat_penalty seed keep_alive think",
}
"""What users of the official SDKs reach for."""


def body(protocol: str, **extra: Any) -> dict[str, Any]:
    """Encode a request with *extra*."""
    request = NormalRequest(messages=(Message(role="user", content="Hi"),), options={"max_tokens": 5}, extra=extra)
    target = Target(name="p:m", protocol=protocol, capabilities={})
    return import_module(f"llmring.protocols.{protocol}").encode(fit(request, target).request, "m").body


@pytest.mark.parametrize("key, protocol, place", PLACES)
def test_stands_at_its_place(key: str, protocol: str, place: str) -> None:
    """And nowhere else."""
    value: Any = {"x": [1]} if key in OBJECTS else ["some"]
    made = body(protocol, **{key: value})
    found = reduce(lambda inner, step: inner[step], place.split("."), made)
    assert found.items() >= value.items() if key in OBJECTS else found == value
    assert key in made or place != key


@pytest.mark.parametrize("key, protocol", STRANGERS)
def test_is_refused_by_others(key: str, protocol: str) -> None:
    """A key that only other protocols know is not sent."""
    with pytest.raises(UnsupportedParameterError) as caught:
        body(protocol, **{key: 1})
    assert caught.value.path == f"extra_params.{key}"


@pytest.mark.parametrize("protocol", EXTRA)
def test_unknown_keys_pass(protocol: str) -> None:
    """Untouched, and last."""
    made = body(protocol, some_new_thing={"a": [None]})
    assert made["some_new_thing"] == {"a": [None]}
    assert list(made)[-1] == "some_new_thing"


@pytest.mark.parametrize("betas", ["a-1,b-2", ["a-1", "b-2"]])
def test_betas_are_a_header(betas: Any) -> None:
    """Anthropic looks for them there."""
    request = NormalRequest(messages=(Message(role="user", content="Hi"),), options={"max_tokens": 5}, extra={"betas": betas})
    call = import_module("llmring.protocols.anthropic_messages").encode(request, "m")
    assert call.headers == {"anthropic-beta": "a-1,b-2"}
    assert "betas" not in call.body


def test_options_flat_or_together() -> None:
    """Ollama's settings may come as one object, one by one, or both."""
    made = body("ollama_chat", options={"num_ctx": 8, "seed": 1}, seed=2, mirostat=1)
    assert made["options"] == {"num_predict": 5, "num_ctx": 8, "seed": 2, "mirostat": 1}


@pytest.mark.parametrize("protocol, names", PROMISED.items())
def test_knows_what_is_promised(protocol: str, names: str) -> None:
    """By the spec."""
    assert EXTRA[protocol].keys() >= set(names.split())
