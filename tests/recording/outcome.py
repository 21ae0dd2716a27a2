"""What a cassette says of an answer or an error: everything that depends on the exchange alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring.exceptions import LLMRingError, ProviderError, StreamInterruptedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.response import LLMResponse

_OF_THE_CALL: Final = ("latency", "attempts", "headers", "raw")
_OF_THE_DAY: Final = ("cost",)
"""Prices change; that they are right is tested where they are kept."""
_OF_THE_RING: Final = ("model", "provider", "alias", "profile", "warnings", "parsed")
_TOLD: Final = ("status_code", "type", "code", "param", "request_id", "retry_after", "retryable")


def answer_of(response: LLMResponse[Any]) -> dict[str, Any]:
    """Give the plain form of *response*, without what another call to the same exchange would have otherwise."""
    plain = {key: value for key, value in response.to_dict().items() if key not in {*_OF_THE_CALL, *_OF_THE_DAY}}
    warnings = [text for text in response.warnings if not text.startswith("no cost: ")]
    return {**plain, "warnings": warnings} if warnings else {key: value for key, value in plain.items() if key != "warnings"}


def error_of(error: LLMRingError) -> dict[str, Any]:
    """Give class, message and details of *error*."""
    told: dict[str, Any] = {"class": type(error).__name__, "message": error.message}
    if isinstance(error, ProviderError):
        told |= {name: value for name in _TOLD if (value := getattr(error, name)) is not None}
    if isinstance(error, StreamInterruptedError) and error.partial is not None:
        told["partial"] = answer_of(error.partial)
    return told


def decoded(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Leave of an *outcome* what its protocol alone knows, not the ring around it."""
    plain = {key: value for key, value in outcome.items() if key not in _OF_THE_RING}
    if "partial" in plain:
        plain["partial"] = {key: value for key, value in decoded(plain["partial"]).items() if key != "usage"}  # which the ring estimates
    return plain
