"""Our costs beside those of genai-prices, on every usage that was recorded; differences are listed, each with its reason."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmring._core.pricing import quote
from llmring._core.registry import Registry
from llmring._gen.usage import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

    from llmring._gen.usage import Cost

pytestmark = pytest.mark.extra

SHARED = Path(os.environ.get("LLMRING_SHARED", Path(__file__).parents[3] / "shared"))
EXPECTED = SHARED / "wire" / "expected.json"
PROVIDERS: dict[str, str] = {"gemini": "google"}
THEIRS = {"xai": "x-ai"}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

CONTEXTS = {
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "batch": {"processing": "batch"},
    "fast": {"speed": "fast"},
}
"""Our service tiers, and the context by which genai-prices knows them."""

CENT = Decimal("0.01")
MOST_COMPARED = 300
"""Fewer recorded usages than these would mean that recordings or names got lost."""

KNOWN = {
    "google:gemini-3-pro-image": "its pictures cost more than its text, and the usage does not count them apart: no cost; "
    "genai-prices takes all of it for text",
    "google:gemini-3.1-flash-lite-image": "the same",
    "mistral:magistral-medium-latest": "models.dev and litellm have a price for cached tokens; genai-prices takes the full one",
}
"""The recorded usages whose cost is another one than that of genai-prices, and why."""


def recorded() -> list[tuple[str, str, dict[str, Any]]]:
    """List provider, model and counters of every recorded usage; none where the recordings are absent."""
    if not EXPECTED.is_file():
        return []
    found: list[tuple[str, str, dict[str, Any]]] = []
    for name, facts in json.loads(EXPECTED.read_text(encoding="utf-8")).items():
        first, second = str(name).split("/")[:2]
        provider = second if first == "openai_compatible" else PROVIDERS.get(first, first)
        if facts.get("usage") and facts.get("model"):
            found.append((provider, facts["model"], facts["usage"]))
    return found


def unified(counters: dict[str, Any]) -> Usage:
    """Re-base recorded counters: input with cached tokens, output with reasoning."""
    count = {key: value or 0 for key, value in counters.items() if not isinstance(value, bool)}
    cached, written, thought = count["cached_read"], count["cache_write"], count["reasoning"]
    entered = count["input"] + count.get("tool_use_input", 0) + (0 if counters["input_includes_cache"] else cached + written)
    return Usage(
        input_tokens=entered,
        output_tokens=count["output"] + (0 if counters["output_includes_reasoning"] else thought),
        cache_read_tokens=cached,
        cache_write_tokens=written,
        reasoning_tokens=thought,
    )


def theirs(provider: str, name: str, usage: Usage, context: dict[str, str] | None = None) -> PriceCalculation | None:
    """Ask genai-prices."""
    from genai_prices import Usage as TheirUsage
    from genai_prices import calc_price

    counters = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
    cached = {"cache_read_tokens": usage.cache_read_tokens, "cache_write_tokens": usage.cache_write_tokens}
    asked = TheirUsage(**counters, **{key: value for key, value in cached.items() if value})
    who, name = THEIRS.get(provider, provider), name.removeprefix("models/")
    try:
        return calc_price(asked, model_ref=name, provider_id=who, genai_request_timestamp=NOON, price_context=context)
    except LookupError:
        return None


def explained(usage: Usage, cost: Cost | None, reason: str | None, found: PriceCalculation | None) -> str | None:
    """Say why two prices may differ, None where they may not."""
    if cost is None and reason and "pictures" in reason:
        return "pictures cost more than text and neither usage counts them apart: we say so, genai-prices takes them for text"
    if cost and found and usage.cache_read_tokens and found.model_price.cache_read_mtok is None and cost.total < found.total_price:
        return "litellm and models.dev have a price for cached tokens where genai-prices takes the full one"
    if cost is None and reason and "in service tier" in reason:
        return "long inputs cost more, but not in this service tier's list: we say so, genai-prices takes the short ones' rate"
    if cost is None and found and not found.total_price:
        return "no price at all: genai-prices adds up nothing to 0"
    if cost and not found:
        return "a name that genai-prices does not know"
    return None


@pytest.mark.conformance
def test_costs_equal_those_of_genai_prices() -> None:
    """Wherever both know the model of a recorded usage, costs agree within a cent per million tokens, but for those that are listed."""
    registry = shipped()
    differing: dict[str, str] = {}
    compared = 0
    for provider, name, counters in recorded():
        info, usage = registry.find(provider, name), unified(counters)
        if info is None:
            continue
        cost, _ = quote(usage, info, when=NOON)
        found = theirs(provider, name, usage)
        compared += 1
        if not agree(cost, found, usage):
            differing[f"{provider}:{name}"] = f"{cost and cost.total}, genai-prices {found and found.total_price}"
    assert compared > MOST_COMPARED
    assert {name: KNOWN.get(name) and differing[name] for name in differing} == differing, "a difference without a reason"
    assert set(KNOWN) == set(differing), "a difference that is no more"


def test_the_guide_names_every_difference() -> None:
    """By the model, in the table of the registry's page."""
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "registry.md").read_text(encoding="utf-8")
    assert [name for name in KNOWN if f"`{name}`" not in guide] == []


def agree(cost: Cost | None, found: PriceCalculation | None, usage: Usage) -> bool:
    """Tell whether two costs are the same, to a cent per million tokens."""
    if cost is None or found is None:
        return cost is found is None
    return abs(cost.total - found.total_price) * 1_000_000 <= CENT * max(usage.input_tokens + usage.output_tokens, 1)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "deepseek", "mistral", "groq", "xai"])
@pytest.mark.parametrize("tier", [None, *CONTEXTS])
@pytest.mark.parametrize("counts", [(1000, 0, 0, 500), (1000, 400, 100, 500), (250_001, 1000, 0, 10), (300_000, 10, 0, 7)])
def test_every_entry_costs_what_genai_prices_says(provider: str, tier: str | None, counts: tuple[int, int, int, int]) -> None:
    """Every model that genai-prices knows costs the same, below and above its limits and in every service tier."""
    entered, read, written, output = counts
    usage = Usage(input_tokens=entered, cache_read_tokens=read, cache_write_tokens=written, output_tokens=output)
    context = CONTEXTS[tier] if tier else None
    differences: list[str] = []
    for info in shipped().models(provider):
        cost, reason = quote(usage, info, service_tier=tier, when=NOON)
        found = theirs(provider, info.id, usage, context)
        if not found or info.kind not in {"chat", "completion"} or (tier and not has_tier(found, context)):
            continue
        same = cost is not None and cost.total == found.total_price
        if not same and explained(usage, cost, reason, found) is None:
            differences.append(f"{info.id}: {cost}, {reason}; genai-prices {found.total_price}")
    assert not differences, "\n".join(differences)


def has_tier(found: PriceCalculation, context: dict[str, str] | None) -> bool:
    """Tell whether genai-prices has a price of its own for the service tier."""
    return any(variant.when == context for variant in found.model.price_variants or ())


def shipped() -> Registry:
    """Give the registry that the wheel brings."""
    return Registry((files("llmring") / "_data" / "registry.json").read_text(encoding="utf-8"))
