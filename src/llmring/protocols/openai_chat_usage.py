"""Read the usage of chat completions, wherever a vendor puts its counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._core.making import plain_usage
from llmring.protocols.reading import count_of, object_of

if TYPE_CHECKING:
    from llmring._gen.usage import Usage

_ELSEWHERE: Final = ("prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens", "cache_read_input_tokens")
"""Where others than OpenAI say how much of the prompt came from a cache (DeepSeek, Moonshot, Mistral, proxies of Anthropic)."""


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
    return plain_usage(
        given,
        made,
        cache_read=cached,
        cache_write=count_of(prompt.get("cache_write_tokens")) or count_of(raw.get("cache_creation_input_tokens")),
        cache_write_1h=count_of(object_of(raw.get("cache_creation")).get("ephemeral_1h_input_tokens")),
        reasoning=reasoning,
        input_audio=count_of(prompt.get("audio_tokens")),
        output_audio=count_of(details.get("audio_tokens")),
    )


def _cached(raw: dict[str, Any], prompt: dict[str, Any]) -> int:
    """Find how much of the prompt came from a cache."""
    if cached := count_of(prompt.get("cached_tokens")):
        return cached
    for name in _ELSEWHERE:
        if name in raw and (cached := count_of(raw[name])):
            return cached
    return 0
