"""What users of the official SDKs pass beside the common options is, at its place, what those SDKs know."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import pytest

from llmring._core.fit import Target, fit
from llmring._core.request import NormalRequest
from llmring._gen.message import Message
from tests.oracles.bodies import check_body
from tests.protocols.test_extra_params import PROMISED

pytestmark = pytest.mark.extra

REAL: Final[dict[str, dict[str, Any]]] = {
    "openai_chat": {
        "logprobs": True,
        "top_logprobs": 2,
        "seed": 7,
        "frequency_penalty": 0.5,
        "presence_penalty": -0.5,
        "top_p": 0.9,
        "logit_bias": {"50256": -100},
        "service_tier": "flex",
        "verbosity": "low",
        "store": True,
        "metadata": {"team": "cats"},
        "prompt_cache_key": "k",
        "prompt_cache_retention": "24h",
    },
    "openai_responses": {
        "top_p": 0.9,
        "top_logprobs": 2,
        "service_tier": "flex",
        "verbosity": "low",
        "store": False,
        "metadata": {"team": "cats"},
        "prompt_cache_key": "k",
        "prompt_cache_retention": "24h",
    },
    "anthropic_messages": {
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "top_k": 5,
        "top_p": 0.9,
        "metadata": {"user_id": "u"},
        "service_tier": "auto",
        "container": "c1",
    },
    "gemini_generate": {
        "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        "top_k": 5,
        "top_p": 0.9,
        "candidate_count": 2,
        "generation_config": {"mediaResolution": "MEDIA_RESOLUTION_LOW"},
        "cached_content": "cachedContents/a",
        "response_modalities": ["TEXT"],
    },
    "ollama_chat": {
        "options": {"num_thread": 2},
        "mirostat": 1,
        "num_ctx": 2048,
        "num_predict": 50,
        "repeat_penalty": 1.1,
        "seed": 7,
        "keep_alive": "5m",
        "think": True,
    },
}
"""Values as the APIs take them; all of them go out in one request."""
OF_BETAS: Final = {"betas", "context_management"}
"""What the SDK's plain types do not have: a header, and a part of the beta API."""


@pytest.mark.parametrize("protocol", REAL)
def test_the_sdk_knows_all_of_it(protocol: Any) -> None:
    """Every key at once, by the types of the SDK's requests."""
    request = NormalRequest(messages=(Message(role="user", content="Hi"),), options={"max_tokens": 5000}, extra=REAL[protocol])
    call = import_module(f"llmring.protocols.{protocol}").encode(
        fit(request, Target(name="p:m", protocol=protocol, capabilities={})).request, "m"
    )
    check_body(protocol, call.body)


@pytest.mark.parametrize("protocol", PROMISED)
def test_nothing_promised_is_left_out(protocol: str) -> None:
    """Each key of the list has a value here."""
    assert set(PROMISED[protocol].split()) - OF_BETAS == REAL[protocol].keys() - OF_BETAS
