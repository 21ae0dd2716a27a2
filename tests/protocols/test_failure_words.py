"""Errors in the very words of the providers become the class that says what can be done about them."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest

from llmring._core.http import HttpReply

if TYPE_CHECKING:
    from llmring import exceptions

KEY: Final = "API key not valid. Please pass a valid API key."
LONG: Final = "prompt too long; exceeded max context length by 1119046 tokens"
LARGE: Final = "Request too large for gpt-5-nano in organization org-1 on tokens per min (TPM): Limit 200000, Requested 2500013."
GONE: Final = "The model grok-beta was deprecated on 2025-09-15 and is no longer accessible via the API."
FULL: Final = "input length and `max_tokens` exceed context limit: 9 + 9 > 10, decrease input length or `max_tokens` and try again"
BLOCKED: Final = "Output blocked by content filtering policy"
INPUTS: Final = "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens"
SPENT: Final = "You exceeded your current quota, please check your plan and billing details."
DELAY: Final = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17.5s"}]


def anthropic(kind: str, message: str) -> dict[str, Any]:
    """Word an error as Anthropic does."""
    return {"type": "error", "error": {"type": kind, "message": message}}


def google(code: int, status: str, message: str, **more: Any) -> dict[str, Any]:
    """Word an error as Google does."""
    return {"error": {"code": code, "message": message, "status": status, **more}}


def openai(message: str, kind: str | None = None, code: str | int | None = None) -> dict[str, Any]:
    """Word an error as OpenAI does."""
    return {"error": {"message": message, "type": kind, "code": code}}


def violation(quota: str) -> list[dict[str, Any]]:
    """Say which quota is used up, as Google does, and to come back in seconds all the same."""
    return [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota}]}, *DELAY]


DAY: Final = violation("GenerateRequestsPerDayPerProjectPerModel-FreeTier")
MINUTE: Final = violation("GenerateRequestsPerMinutePerProjectPerModel-FreeTier")

TOLD: Final[list[tuple[str, int, Any, str]]] = [
    ("anthropic_messages", 400, anthropic("invalid_request_error", "image.source: Input tag 'file' found"), "InvalidRequestError"),
    ("anthropic_messages", 400, anthropic("invalid_request_error", "prompt is too long: 9 > 8"), "ContextWindowExceededError"),
    ("anthropic_messages", 400, anthropic("invalid_request_error", FULL), "ContextWindowExceededError"),
    ("anthropic_messages", 400, anthropic("invalid_request_error", BLOCKED), "ContentFilterError"),
    ("anthropic_messages", 400, anthropic("invalid_request_error", "Your credit balance is too low"), "ProviderQuotaError"),
    ("anthropic_messages", 401, anthropic("authentication_error", "invalid x-api-key"), "ProviderAuthenticationError"),
    ("anthropic_messages", 404, anthropic("not_found_error", "model: claude-sonet-4-5"), "ModelNotFoundError"),
    ("anthropic_messages", 429, anthropic("rate_limit_error", "This request would exceed the rate limit"), "ProviderRateLimitError"),
    ("anthropic_messages", 500, anthropic("api_error", "Internal server error"), "ProviderServerError"),
    ("anthropic_messages", 529, anthropic("overloaded_error", "Overloaded"), "ProviderOverloadedError"),
    ("gemini_generate", 400, google(400, "INVALID_ARGUMENT", "The requested combination is not supported"), "InvalidRequestError"),
    ("gemini_generate", 400, google(400, "INVALID_ARGUMENT", KEY), "ProviderAuthenticationError"),
    ("gemini_generate", 400, google(400, "INVALID_ARGUMENT", "The input token count (9) exceeds"), "ContextWindowExceededError"),
    ("gemini_generate", 403, google(403, "PERMISSION_DENIED", "CachedContent not found"), "ProviderPermissionError"),
    ("gemini_generate", 404, google(404, "NOT_FOUND", "models/gemini-1.5-pro is not found"), "ModelNotFoundError"),
    ("gemini_generate", 429, google(429, "RESOURCE_EXHAUSTED", "Resource exhausted."), "ProviderRateLimitError"),
    ("gemini_generate", 429, google(429, "RESOURCE_EXHAUSTED", SPENT, details=DAY), "ProviderQuotaError"),
    ("gemini_generate", 429, google(429, "RESOURCE_EXHAUSTED", SPENT, details=MINUTE), "ProviderRateLimitError"),
    ("gemini_generate", 500, google(500, "INTERNAL", "An internal error has occurred."), "ProviderServerError"),
    ("gemini_generate", 503, google(503, "UNAVAILABLE", "The model is overloaded."), "ProviderOverloadedError"),
    ("ollama_chat", 400, {"error": "registry.ollama.ai/library/gemma3:1b does not support tools"}, "InvalidRequestError"),
    ("ollama_chat", 400, {"error": "the input length exceeds the context length"}, "ContextWindowExceededError"),
    ("ollama_chat", 404, {"error": "model 'llama3.2:3b' not found"}, "ModelNotFoundError"),
    ("openai_chat", 400, openai("Unsupported value", "invalid_request_error", "unsupported_value"), "InvalidRequestError"),
    ("openai_chat", 400, openai(LONG, "invalid_request_error"), "ContextWindowExceededError"),
    ("openai_chat", 400, openai("Filtered", None, "content_filter"), "ContentFilterError"),
    ("openai_chat", 400, {"code": "invalid-argument", "error": "Incorrect API key provided."}, "ProviderAuthenticationError"),
    ("openai_chat", 422, {"error": INPUTS, "error_type": "validation"}, "ContextWindowExceededError"),
    ("openai_chat", 400, {"message": "too many tokens: total number of tokens cannot exceed 4081"}, "ContextWindowExceededError"),
    ("openai_chat", 403, openai("You are not allowed to sample from this model", "invalid_request_error"), "ProviderPermissionError"),
    ("openai_chat", 404, openai("tools is not supported in this model.", "invalid_request_error"), "InvalidRequestError"),
    ("openai_chat", 404, {"code": "Some requested entity was not found", "error": GONE}, "ModelNotFoundError"),
    ("openai_chat", 404, openai("No endpoints found for x/y.", None, 404), "ModelNotFoundError"),
    ("openai_chat", 408, "upstream request timeout", "ProviderTimeoutError"),
    ("openai_chat", 429, openai("You exceeded your current quota", "insufficient_quota", "insufficient_quota"), "ProviderQuotaError"),
    ("openai_chat", 429, openai("Requests", "too_many_requests_error", "request_quota_exceeded"), "ProviderRateLimitError"),
    ("openai_chat", 429, openai("Rate limit reached", "tokens", "rate_limit_exceeded"), "ProviderRateLimitError"),
    ("openai_chat", 429, openai(LARGE, "tokens", "rate_limit_exceeded"), "ContextWindowExceededError"),
    ("openai_chat", 413, openai(LARGE, "tokens", "rate_limit_exceeded"), "ContextWindowExceededError"),
    ("openai_chat", 500, {"object": "error", "type": "internal_server_error", "code": "1000", "message": "Oh"}, "ProviderServerError"),
    ("openai_chat", 503, "upstream connect error or disconnect/reset before headers.", "ProviderOverloadedError"),
]
WAITS: Final[list[tuple[str, dict[str, str], Any, float | None]]] = [
    ("anthropic_messages", {"retry-after": "65"}, anthropic("rate_limit_error", "wait"), 65.0),
    ("anthropic_messages", {}, anthropic("rate_limit_error", "wait"), None),
    ("openai_chat", {"retry-after": "7"}, openai("wait"), 7.0),
    ("openai_chat", {"retry-after-ms": "660"}, openai("wait"), 0.66),
    ("openai_chat", {"retry-after": "Wed, 21 Oct 2026 07:28:44 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, openai("wait"), 44.0),
    ("gemini_generate", {}, google(429, "RESOURCE_EXHAUSTED", "wait", details=DELAY), 17.5),
    ("gemini_generate", {"retry-after": "3"}, google(429, "RESOURCE_EXHAUSTED", "wait"), 3.0),
    ("ollama_chat", {"retry-after": "2"}, {"error": "wait"}, 2.0),
]


def decoded(protocol: str, status: int, body: Any, headers: dict[str, str] | None = None) -> exceptions.ProviderError:
    """Decode an error of *protocol*; text is a proxy's."""
    text = body if isinstance(body, str) else json.dumps(body)
    error: exceptions.ProviderError = import_module(f"llmring.protocols.{protocol}").decode_error(
        HttpReply(status, headers or {}, text.encode())
    )
    return error


@pytest.mark.parametrize("protocol,status,body,kind", TOLD)
def test_the_class_says_what_can_be_done(protocol: str, status: int, body: Any, kind: str) -> None:
    """By status, code and words together."""
    error = decoded(protocol, status, body)
    assert (type(error).__name__, error.status_code) == (kind, status)


@pytest.mark.parametrize("protocol,headers,body,seconds", WAITS)
def test_how_long_to_wait_is_read(protocol: str, headers: dict[str, str], body: Any, seconds: float | None) -> None:
    """Wherever the provider says it."""
    assert decoded(protocol, 429, body, headers).retry_after == seconds
