"""Anthropic's counters and stop reasons in unified terms; who sends them when is not decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmring._core.making import plain_usage
from llmring._gen.providers import PROVIDERS
from llmring.protocols.reading import count_of, object_of, objects_of

if TYPE_CHECKING:
    from llmring._gen.response import FinishReason
    from llmring._gen.usage import Usage

_REASONS = PROVIDERS["anthropic"]["finish_reasons"]


def finish_reason(raw: str | None, *, calls: bool) -> FinishReason | None:
    """Translate a stop reason; an answer with *calls* that merely stopped waits for their results."""
    if raw is None:
        return None
    reason = cast("FinishReason", _REASONS.get(raw, "other"))
    return "tool_calls" if calls and reason == "stop" else reason


def usage(raw: dict[str, Any]) -> Usage:
    """Re-base counters: input includes what the cache read and wrote.

    *raw* counts server-side passes one by one in ``iterations``; where these hold more than the top level
    (compaction, an advisor), their sum is what is billed.
    """
    counters = _counters(raw)
    passes = objects_of(raw.get("iterations"))
    if passes:
        summed = [sum(column) for column in zip(*map(_counters, passes), strict=True)]
        if sum(summed[:4]) > sum(counters[:4]):
            counters = summed
    fresh, read, written, output, written_1h = counters
    thinking = count_of(object_of(raw.get("output_tokens_details")).get("thinking_tokens"))
    return plain_usage(
        fresh + read + written,
        output,
        cache_read=read,
        cache_write=written,
        cache_write_1h=min(written_1h, written),
        reasoning=min(thinking, output),
    )


def _counters(raw: dict[str, Any]) -> list[int]:
    """Give fresh input, cache reads, cache writes, output, and the part of the writes that lasts an hour."""
    times = object_of(raw.get("cache_creation"))
    hour = count_of(times.get("ephemeral_1h_input_tokens"))
    written = raw.get("cache_creation_input_tokens")
    return [
        count_of(raw.get("input_tokens")),
        count_of(raw.get("cache_read_input_tokens")),
        count_of(times.get("ephemeral_5m_input_tokens")) + hour if written is None else count_of(written),
        count_of(raw.get("output_tokens")),
        hour,
    ]
