"""What the guide says of reasoning is what is sent."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from llmring._core.fit import fit
from llmring._core.normalise import normalise
from llmring._core.plan import Candidate
from llmring._core.readying import make_ready, protocol_for
from llmring._core.reasoning import BUDGETS
from llmring._core.settings import Settings
from llmring.exceptions import UnsupportedParameterError
from llmring.registry import load

PAGE: Final = Path(__file__).parents[2] / "docs/guide/reasoning.md"
WANTED: Final[tuple[str | int, ...]] = ("none", "low", "max", 10000)
MODELS: Final = (
    "openai:gpt-5.4-mini",
    "openai:o3",
    "anthropic:claude-haiku-4-5",
    "anthropic:claude-sonnet-4-6",
    "anthropic:claude-opus-5",
    "google:gemini-2.5-flash",
    "google:gemini-3.5-flash",
    "ollama:qwen3:8b",
    "ollama:gpt-oss:20b",
    "deepseek:deepseek-v4-pro",
    "groq:openai/gpt-oss-20b",
    "openrouter:any",
    "alibaba:any",
)
"""A model of each family that is asked in a way of its own."""
REGISTRY: Final = load()


def body(reference: str, **options: Any) -> dict[str, Any]:
    """Encode a prompt for the model *reference*."""
    provider, _, model = reference.partition(":")
    info = REGISTRY.find(provider, model)
    endpoint = Settings({provider: {"api_key": "k"}}).endpoint(provider, {})
    protocol = import_module(f"llmring.protocols.{protocol_for(endpoint, info, alternate=False, fixed=False)}")
    ready = make_ready(Candidate(provider, model), endpoint, info, protocol)
    fitted = fit(normalise("Hi", {"max_tokens": 4000, **options}, None), ready.limits)
    return protocol.encode(fitted.request, model).body


def beside(plain: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Give what *more* has beside *plain*."""
    new = {key: beside(plain[key], value) if isinstance(plain.get(key), dict) else value for key, value in more.items()}
    return {key: value for key, value in new.items() if value != plain.get(key) and value != {}}


def sent(reference: str, wanted: str | int) -> str:
    """Say what *wanted* adds to the body."""
    try:
        more = beside(body(reference), body(reference, reasoning=wanted))
    except UnsupportedParameterError:
        return "*refused*"
    more = more.get("generationConfig", more)
    more = more.get("thinkingConfig", more)
    more.pop("includeThoughts", None)
    return ", ".join(f"`{key}: {json.dumps(value)}`" for key, value in more.items())


def table() -> str:
    """Write the table of the guide."""
    head = ["model", *(f"`{wanted!r}`".replace("'", '"') for wanted in WANTED)]
    rows = [[f"`{reference}`", *(sent(reference, wanted) for wanted in WANTED)] for reference in MODELS]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))


def test_table_says_what_is_sent() -> None:
    """Each cell of the guide's table is what reasoning adds to the body."""
    page = PAGE.read_text(encoding="utf-8")
    assert table() in page, table()


def test_words_stand_for_the_budgets_that_the_guide_names() -> None:
    """The figures are the code's."""
    told = ", ".join(f"{tokens} for `{word}`" for word, tokens in BUDGETS.items())
    assert told in PAGE.read_text(encoding="utf-8"), told
