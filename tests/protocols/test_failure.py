"""Statuses, codes and messages become the right error class."""

from __future__ import annotations

from typing import Any

import pytest

from llmring.exceptions import (
    ContentFilterError,
    ContextWindowExceededError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderAuthenticationError,
    ProviderError,
    ProviderOverloadedError,
    ProviderPermissionError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderResponseError,
    ProviderServerError,
    ProviderTimeoutError,
)
from llmring.protocols.failure import failure


@pytest.mark.parametrize(
    "status,kind",
    [
        (400, InvalidRequestError),
        (401, ProviderAuthenticationError),
        (402, ProviderQuotaError),
        (403, ProviderPermissionError),
        (404, InvalidRequestError),
        (408, ProviderTimeoutError),
        (409, InvalidRequestError),
        (413, InvalidRequestError),
        (422, InvalidRequestError),
        (429, ProviderRateLimitError),
        (498, ProviderOverloadedError),
        (500, ProviderServerError),
        (502, ProviderServerError),
        (503, ProviderOverloadedError),
        (504, ProviderServerError),
        (529, ProviderOverloadedError),
        (302, ProviderResponseError),
    ],
)
def test_a_status_alone_picks_the_class(status: int, kind: type[ProviderError]) -> None:
    """Where the body says nothing, the status decides."""
    error = failure(status=status, message="no")
    assert type(error) is kind
    assert error.status_code == status


@pytest.mark.parametrize(
    "told,kind",
    [
        ({"status": 429, "code": "insufficient_quota"}, ProviderQuotaError),
        ({"status": 429, "message": "Your credit balance is too low"}, ProviderQuotaError),
        ({"status": 400, "message": "Your credit balance is too low"}, ProviderQuotaError),
        ({"status": 429, "message": "maximum context length"}, ProviderRateLimitError),
        ({"status": 400, "code": "context_length_exceeded"}, ContextWindowExceededError),
        ({"status": 400, "message": "Prompt is too long: 9 > 8"}, ContextWindowExceededError),
        ({"status": 413, "message": "Please reduce the length of the messages"}, ContextWindowExceededError),
        ({"status": 400, "code": "content_filter"}, ContentFilterError),
        ({"status": 403, "message": "Content violates usage guidelines."}, ContentFilterError),
        ({"status": 400, "message": "API key not valid. Please pass one."}, ProviderAuthenticationError),
        ({"status": 404, "code": "model_not_found"}, ModelNotFoundError),
        ({"status": 404, "message": "model 'x' not found"}, ModelNotFoundError),
        ({"status": 404, "message": "model: claude-x", "type": "not_found_error"}, ModelNotFoundError),
        ({"status": 404, "message": "not a chat model", "param": "model"}, ModelNotFoundError),
        ({"status": 404, "message": "tools is not supported in this model"}, InvalidRequestError),
        ({"status": 404, "message": "file not found"}, InvalidRequestError),
        ({"status": 400, "message": "model x does not exist", "param": "model"}, ModelNotFoundError),
        ({"status": 400, "message": "the field model.x was not found"}, InvalidRequestError),
        ({"status": 400, "message": "too creative", "param": "model"}, InvalidRequestError),
    ],
)
def test_words_say_more_than_a_status(told: dict[str, Any], kind: type[ProviderError]) -> None:
    """Codes and well-known phrases make the class finer."""
    given: dict[str, Any] = {"message": "no", **told}
    assert type(failure(**given)) is kind


@pytest.mark.parametrize(
    "told,kind",
    [
        ({"code": "502"}, ProviderServerError),
        ({"code": "429"}, ProviderRateLimitError),
        ({"code": "9999"}, ProviderServerError),
        ({"type": "invalid_request_error", "code": "tool_use_failed"}, InvalidRequestError),
        ({"type": "overloaded_error"}, ProviderOverloadedError),
        ({"type": "rate_limit_error"}, ProviderRateLimitError),
        ({"type": "UNAVAILABLE"}, ProviderOverloadedError),
        ({"message": "model 'x' not found"}, ModelNotFoundError),
        ({}, ProviderServerError),
    ],
)
def test_an_error_inside_an_answer_goes_by_its_words(told: dict[str, Any], kind: type[ProviderError]) -> None:
    """The status 200 says only that an answer had begun."""
    given: dict[str, Any] = {"message": "no", **told}
    error = failure(status=200, **given)
    assert type(error) is kind
    assert error.status_code == 200


@pytest.mark.parametrize(
    "headers,seconds",
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "660", "retry-after": "7"}, 0.66),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:10 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:10 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 10.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:00 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:00 -0000", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
    ],
)
def test_how_long_to_wait_is_read_from_headers(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds, or a date beside the reply's own."""
    assert failure(status=429, message="no", headers=headers).retry_after == seconds


def test_the_body_goes_before_headers() -> None:
    """What the body says of waiting and of the request's id counts first."""
    headers = {"retry-after": "7", "x-request-id": "header"}
    told = failure(status=429, message="no", headers=headers, retry_after=1.5, request_id="body")
    assert (told.retry_after, told.request_id) == (1.5, "body")
    assert failure(status=429, message="no", headers=headers).request_id == "header"


def test_the_details_are_carried() -> None:
    """The provider's own words stay readable."""
    error = failure(status=400, message="bad", type="t", code="c", param="p", body={"error": 1})
    assert (error.message, error.type, error.code, error.param, error.body) == ("bad", "t", "c", "p", {"error": 1})


def test_what_redirects_says_where_to() -> None:
    """Calls are not sent on by themselves: the key is meant for the configured host."""
    error = failure(status=307, headers={"location": "https://elsewhere.example/v1/x"}, message="<html>")
    assert type(error) is ProviderResponseError
    assert "https://elsewhere.example/v1/x: set its base_url" in error.message
    assert failure(status=304, message="no").message == "no"


def test_a_message_is_never_blank_and_never_endless() -> None:
    """A blank one is told by the status, a page of HTML is cut."""
    assert "500" in failure(status=500, message=" \n").message
    assert len(failure(status=500, message="x" * 100_000).message) < 5000
