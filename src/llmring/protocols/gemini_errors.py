"""Errors as Google words them, by status or inside an answer; which class fits is ``failure``'s business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring.exceptions import ContentFilterError
from llmring.protocols.failure import failure
from llmring.protocols.gemini_usage import usage as usage_of
from llmring.protocols.reading import object_of, objects_of, text_of
from llmring.protocols.refused import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._core.http import HttpReply
    from llmring._gen.usage import Usage
    from llmring.exceptions import ProviderError

_INSIDE: Final = 200
_TOO_MANY: Final = 429


def decode_error(reply: HttpReply) -> ProviderError:
    """Read a reply whose status says that it failed; that of a stream may be a list, that of a proxy plain text."""
    return refused(reply, error_in)


def error_in(
    body: dict[str, Any], *, status: int = _INSIDE, headers: Mapping[str, str] | None = None, usage: Usage | None = None
) -> ProviderError:
    """Read ``{"error": {"code": …, "message": …, "status": …, "details": […]}}`` (docs: google.rpc.Status); *usage* came before it."""
    error = object_of(body.get("error"))
    beside = object_of(body.get("usageMetadata"))
    return failure(
        status=status,
        headers=headers,
        message=text_of(error.get("message")) or text_of(body.get("message")) or text_of(body.get("error")) or "",
        type=text_of(error.get("status")),
        code=text_of(error.get("code")),
        body=body,
        retry_after=_retry_delay(error),
        usage=usage_of(beside) if beside else usage,
        spent=status == _TOO_MANY and _of_a_day(error),
    )


def blocked(feedback: dict[str, Any], body: dict[str, Any], usage: Usage | None = None) -> ContentFilterError:
    """Say why a prompt got no answer at all, though it may have been counted as *usage*."""
    reason = text_of(feedback.get("blockReason")) or "for no stated reason"
    told = text_of(feedback.get("blockReasonMessage"))
    message = f"the prompt was blocked: {reason}" + (f" ({told})" if told else "")
    return ContentFilterError(message, status_code=_INSIDE, code=reason, type="content_filter", body=body, usage=usage)


def _of_a_day(error: dict[str, Any]) -> bool:
    """Tell whether a ``QuotaFailure`` among the details is of a day's quota: the seconds that it asks to wait would not help."""
    violations = (violation for detail in objects_of(error.get("details")) for violation in objects_of(detail.get("violations")))
    return any("PerDay" in (text_of(violation.get("quotaId")) or "") for violation in violations)


def _retry_delay(error: dict[str, Any]) -> float | None:
    """Read how many seconds a ``RetryInfo`` among the details asks to wait: ``"17s"``, ``"1.5s"``."""
    for detail in objects_of(error.get("details")):
        delay = detail.get("retryDelay")
        if isinstance(delay, str) and delay.endswith("s"):
            try:
                seconds = float(delay[:-1])
            except ValueError:
                continue
            return seconds if 0 <= seconds < float("inf") else None
    return None
