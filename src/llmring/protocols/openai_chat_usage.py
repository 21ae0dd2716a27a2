"""Read the usage of chat completions, wherever a vendor puts its counters."""

from __future__ import annotations

from typing import Any

from llmring._gen.usage import Usage
from llmring.protocols.reading import count_of, object_of


def usage_of(raw: dict[str, Any]) -> Usage:
    """Give the counters of *raw*: input with cached tokens, output with reasoning.

    xAI counts reasoning outside ``completion_tokens``, Gemini's compatible endpoint only in ``total_tokens``.
    """
    given, made, total = count_of(raw.get("prompt_tokens")), count_of(raw.get("completion_tokens")), count_of(raw.get("total_tokens"))
    details = object_of(raw.get("completion_tokens_details"))
    prompt = object_of(raw.get("prompt_tokens_details"))
    reasoning = count_of(details.get("reasoning_tokens"))
    cached = _cached(raw, prompt)
    outside = total - given - made
    if outside > 0 and (outside == reasoning or not (reasoning or cached)):
        made += outside
    return Usage(
        input_tokens=given,
        output_tokens=made,
        total_tokens=given + made,
        cache_read_tokens=cached,
        cache_write_tokens=count_of(prompt.get("cache_write_tokens")) or count_of(raw.get("cache_creation_input_tokens")),
        cache_write_1h_tokens=count_of(object_of(raw.get("cache_creation")).get("ephemeral_1h_input_tokens")),
        reasoning_tokens=reasoning,
        input_audio_tokens=count_of(prompt.get("audio_tokens")),
        output_audio_tokens=count_of(details.get("audio_tokens")),
    )


def _cached(raw: dict[str, Any], prompt: dict[str, Any]) -> int:
    """Find how much of the prompt came from a cache (the others: DeepSeek, Moonshot, Mistral, proxies of Anthropic)."""
    if cached := count_of(prompt.get("cached_tokens")):
        return cached
    for name in ("prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens", "cache_read_input_tokens"):
        if cached := count_of(raw.get(name)):
            return cached
    return 0
