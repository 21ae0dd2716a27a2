"""Decide what follows a failure; deciding never waits."""

from __future__ import annotations

import attrs

from llmring._core.addresses import NotFetchedError
from llmring.exceptions import (
    CircuitBreakerError,
    ContextWindowExceededError,
    FileSizeError,
    LLMRingError,
    MissingAPIKeyError,
    ModelNotFoundError,
    ProviderError,
    ProviderQuotaError,
    ProviderResponseError,
    StreamInterruptedError,
    UnsupportedParameterError,
)

NEXT_MODEL = (
    CircuitBreakerError,
    ContextWindowExceededError,
    FileSizeError,
    MissingAPIKeyError,
    ModelNotFoundError,
    NotFetchedError,
    ProviderQuotaError,
    ProviderResponseError,
    UnsupportedParameterError,
)
"""What another model may well survive, though another try at this one would not help."""

_DOUBLINGS = 60
"""More would leave the range of a float, and any sensible limit long before."""


@attrs.frozen
class Policy:
    """How often to try one model again, and how long to wait before; seconds."""

    max_retries: int = 2
    first: float = 0.5
    most: float = 8.0
    longest_retry_after: float = 60.0
    """A provider that asks for a longer pause is not waited for."""


def delay(error: LLMRingError, tried: int, policy: Policy, jitter: float) -> float | None:
    """Give the seconds to wait before another try at the same model, None for no other try.

    *tried* counts the tries so far, from 1; *jitter*, between 0 and 1, scales the wait (full jitter).
    What the provider asks for with ``Retry-After`` is waited in full.
    """
    if not isinstance(error, ProviderError) or not error.retryable or isinstance(error, StreamInterruptedError):
        return None
    if tried > policy.max_retries:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= policy.longest_retry_after else None
    return min(policy.most, policy.first * 2 ** min(tried - 1, _DOUBLINGS)) * jitter


def falls_back(error: LLMRingError) -> bool:
    """Tell whether the next model of the pool is to be tried after *error*."""
    if isinstance(error, StreamInterruptedError):
        return False
    return isinstance(error, NEXT_MODEL) or (isinstance(error, ProviderError) and error.retryable)
