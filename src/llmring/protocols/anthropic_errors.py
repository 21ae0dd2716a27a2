"""Errors as Anthropic words them, by status or inside an answer; which class fits is ``failure``'s business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring.protocols.anthropic_usage import usage as usage_of
from llmring.protocols.failure import failure
from llmring.protocols.reading import object_of, text_of
from llmring.protocols.refused import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._core.http import HttpReply
    from llmring._gen.usage import Usage
    from llmring.exceptions import ProviderError

_INSIDE: Final = 200


def decode_error(reply: HttpReply) -> ProviderError:
    """Read a reply whose status says that it failed (docs: Errors); proxies in between answer in plain text."""
    return refused(reply, error_in)


def error_in(
    body: dict[str, Any], *, status: int = _INSIDE, headers: Mapping[str, str] | None = None, usage: Usage | None = None
) -> ProviderError:
    """Read ``{"type": "error", "error": {"type": …, "message": …}}``; *status* is 200 inside an answer, which told *usage* before."""
    error = object_of(body.get("error"))
    beside = object_of(body.get("usage"))
    told = text_of(error.get("message")) or text_of(body.get("message")) or text_of(body.get("error")) or ""
    return failure(
        status=status,
        headers=headers,
        message=told,
        type=text_of(error.get("type")) or text_of(error.get("status")),
        code=text_of(error.get("code")),
        param=text_of(error.get("param")),
        body=body,
        request_id=text_of(body.get("request_id")),
        usage=usage_of(beside) if beside else usage,
    )
