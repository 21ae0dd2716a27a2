"""What follows a failure: another try, after which wait; another model; or neither."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring import exceptions
from llmring._core.recovery import Policy, delay, falls_back
from llmring.exceptions import LLMRingError, ProviderError, ProviderRateLimitError, StreamInterruptedError

KINDS: dict[str, type[Any]] = {name: getattr(exceptions, name) for name in exceptions.__all__}
AGAIN = {"ProviderRateLimitError", "ProviderTimeoutError", "ProviderConnectionError", "ProviderOverloadedError", "ProviderServerError"}
NEXT = {
    *("CircuitBreakerError", "ContextWindowExceededError", "MissingAPIKeyError", "ModelNotFoundError"),
    *("FileSizeError", "ProviderQuotaError", "ProviderResponseError", "UnsupportedParameterError"),
}
"""As the table of the API has it."""


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"StreamInterruptedError"}))
def test_the_table(name: str) -> None:
    """What is retried, what goes on to the next model at once, and what is raised."""
    error: LLMRingError = KINDS[name]("no")
    assert (delay(error, 1, Policy(), 1) is not None) is (name in AGAIN)
    assert falls_back(error) is (name in AGAIN | NEXT)


def test_a_broken_stream_is_neither() -> None:
    """What was said cannot be said again."""
    error = StreamInterruptedError("cut", retryable=True)
    assert delay(error, 1, Policy(), 1) is None
    assert not falls_back(error)


def test_an_error_may_say_for_itself_whether_it_is_worth_it() -> None:
    """Whatever its class says."""
    assert delay(ProviderError("odd", retryable=True), 1, Policy(), 1) is not None
    assert falls_back(ProviderError("odd", retryable=True))
    assert delay(ProviderRateLimitError("no", retryable=False), 1, Policy(), 1) is None


def test_waits_twice_as_long_each_time() -> None:
    """Up to a limit, scaled by the dice."""
    policy = Policy(max_retries=6)
    waits = [delay(ProviderRateLimitError("no"), tried, policy, 1) for tried in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 8, None]
    assert delay(ProviderRateLimitError("no"), 3, policy, 0.25) == 0.5
    assert delay(ProviderRateLimitError("no"), 1, Policy(0), 1) is None


@pytest.mark.parametrize("asked, wait", [(0.0, 0.0), (7.5, 7.5), (60, 60), (61, None)])
def test_what_the_provider_asks_for_is_waited_in_full(asked: float, wait: float | None) -> None:
    """Unless it is too long."""
    assert delay(ProviderRateLimitError("no", retry_after=asked), 1, Policy(), 0.1) == wait


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_no_wait_is_longer_than_the_policy_says(tried: int, jitter: float) -> None:
    """However often it was tried."""
    wait = delay(ProviderRateLimitError("no"), tried, Policy(max_retries=10**6), jitter)
    assert wait is not None
    assert 0 <= wait <= 8
