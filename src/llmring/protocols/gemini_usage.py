"""Gemini's counters, enums and finish reasons in unified terms; when they come is not decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.making import plain_usage
from llmring._gen.providers import PROVIDERS
from llmring.protocols.reading import count_of, objects_of, text_of

if TYPE_CHECKING:
    from llmring._gen.response import FinishReason
    from llmring._gen.usage import Usage

_REASONS = PROVIDERS["google"]["finish_reasons"]
_NUMBERED: Final = (
    "FINISH_REASON_UNSPECIFIED",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "MODEL_ARMOR",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "IMAGE_OTHER",
    "UNEXPECTED_TOOL_CALL",
    "NO_IMAGE",
)
"""Vertex's numbers of the reasons, which it sends where enums are asked for as integers."""
_SOUND: Final = ("AUDIO", 4)


def reason_name(raw: Any) -> str | None:
    """Give the name of a finish reason, also where the wire has its number."""
    if type(raw) is int and 0 <= raw < len(_NUMBERED):
        return _NUMBERED[raw]
    return text_of(raw)


def finish_reason(raw: str | None, *, calls: bool) -> FinishReason | None:
    """Translate a finish reason; an answer with *calls* that merely stopped waits for their results."""
    if raw is None:
        return None
    reason = cast("FinishReason", _REASONS.get(raw, "other"))
    return "tool_calls" if calls and reason == "stop" else reason


def usage(raw: dict[str, Any]) -> Usage:
    """Re-base counters: what hosted tools put into the prompt is input, thoughts are output; either may be missing."""
    prompt = count_of(raw.get("promptTokenCount")) + count_of(raw.get("toolUsePromptTokenCount"))
    thoughts = count_of(raw.get("thoughtsTokenCount"))
    output = count_of(raw.get("candidatesTokenCount")) + thoughts
    return plain_usage(
        prompt,
        output,
        cache_read=min(count_of(raw.get("cachedContentTokenCount")), prompt),
        reasoning=thoughts,
        input_audio=min(_sound(raw.get("promptTokensDetails")), prompt),
        output_audio=min(_sound(raw.get("candidatesTokensDetails")), output),
    )


def _sound(details: Any) -> int:
    return sum(count_of(each.get("tokenCount")) for each in objects_of(details) if each.get("modality") in _SOUND) if details else 0
