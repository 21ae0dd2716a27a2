"""Anthropic's counters and stop reasons in unified terms; who sends them when is not decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmring._gen.providers import PROVIDERS
from llmring._gen.usage import Usage

if TYPE_CHECKING:
    from llmring._gen.response import FinishReason

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
    passes = raw.get("iterations")
    if isinstance(passes, list):
        each = [_counters(cast("dict[str, Any]", one)) for one in cast("list[Any]", passes) if isinstance(one, dict)]
        summed = [sum(column) for column in zip(*each, strict=True)]
        if sum(summed[:4]) > sum(counters[:4]):
            counters = summed
    fresh, read, written, output, written_1h = counters
    details = raw.get("output_tokens_details")
    thinking = _count(cast("dict[str, Any]", details).get("thinking_tokens")) if isinstance(details, dict) else 0
    total_input = fresh + read + written
    return Usage(
        input_tokens=total_input,
        output_tokens=output,
        total_tokens=total_input + output,
        cache_read_tokens=read,
        cache_write_tokens=written,
        cache_write_1h_tokens=min(written_1h, written),
        reasoning_tokens=min(thinking, output),
    )


def _counters(raw: dict[str, Any]) -> list[int]:
    """Give fresh input, cache reads, cache writes, output, and the part of the writes that lasts an hour."""
    by_time = raw.get("cache_creation")
    times = cast("dict[str, Any]", by_time) if isinstance(by_time, dict) else {}
    hour = _count(times.get("ephemeral_1h_input_tokens"))
    written = raw.get("cache_creation_input_tokens")
    return [
        _count(raw.get("input_tokens")),
        _count(raw.get("cache_read_input_tokens")),
        _count(times.get("ephemeral_5m_input_tokens")) + hour if written is None else _count(written),
        _count(raw.get("output_tokens")),
        hour,
    ]


def _count(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0
