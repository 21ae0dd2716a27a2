"""Turn what a provider says of a failure into the right error class; deciding what follows is not done here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._gen.providers import ERRORS
from llmring.exceptions import (
    ContentFilterError,
    ContextWindowExceededError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderAuthenticationError,
    ProviderConnectionError,
    ProviderError,
    ProviderOverloadedError,
    ProviderPermissionError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderResponseError,
    ProviderServerError,
    ProviderTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.usage import Usage

_LONGEST: Final = 4000
_STATUSES: Final[Mapping[int, type[ProviderError]]] = {
    401: ProviderAuthenticationError,
    402: ProviderQuotaError,
    403: ProviderPermissionError,
    408: ProviderTimeoutError,
    429: ProviderRateLimitError,
    498: ProviderOverloadedError,
    503: ProviderOverloadedError,
    529: ProviderOverloadedError,
}
_ELSEWHERE: Final = range(300, 400)
_CLIENT_ERRORS: Final = range(400, 500)
_CODES: Final = {str(status): status for status in range(400, 600)}
"""HTTP statuses as codes: some servers put them inside an answer."""
_INSIDE: Final = 200
"""The status of an error inside an answer."""
_ABSENT: Final = 404
_NOT_FOUND: Final = (_INSIDE, _ABSENT)
_TOO_MANY: Final = 429
_REFUSED: Final = frozenset({_INSIDE, 400, 403, _ABSENT, 413, 422})
"""Where the words say more than the status."""
_REQUEST_IDS: Final = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id")

_STEMS: Final[Mapping[str, type[ProviderError]]] = {
    "authentication": ProviderAuthenticationError,
    "connection": ProviderConnectionError,
    "content_filter": ContentFilterError,
    "context_window": ContextWindowExceededError,
    "invalid_request": InvalidRequestError,
    "model_not_found": ModelNotFoundError,
    "overloaded": ProviderOverloadedError,
    "permission": ProviderPermissionError,
    "quota": ProviderQuotaError,
    "rate_limit": ProviderRateLimitError,
    "response": ProviderResponseError,
    "server": ProviderServerError,
    "timeout": ProviderTimeoutError,
}
_DECISIVE: Final = frozenset({"content_filter", "context_window", "model_not_found", "overloaded", "quota"})
_TOLD: Final = {word: _STEMS[stem] for word, stem in ERRORS.items() if stem in _DECISIVE}
"""Codes and types that say more than any status."""
_KINDS: Final = {word: _STEMS[stem] for word, stem in ERRORS.items() if stem not in _DECISIVE}
"""Codes and types that stand for a status, where the status itself says only that an answer had begun."""

_OVERSIZED: Final = "request too large for"
"""Of a request with more tokens than a minute's limit: no wait would make it fit, fewer tokens do."""
_SPENT: Final = ("credit balance", "insufficient balance", "insufficient credits")
_PHRASES: Final[tuple[tuple[type[ProviderError], tuple[str, ...]], ...]] = (
    (
        ContextWindowExceededError,
        (
            "maximum context length",
            "max context length",
            "maximum prompt length",
            "context length exceeded",
            "exceeds the context length",
            "exceed context limit",
            "context window",
            "available context size",
            "prompt is too long",
            "prompt too long",
            "input is too long",
            "input token count",
            "too many tokens:",
            "`inputs` tokens + `max_new_tokens`",
            "reduce the length of the messages",
            _OVERSIZED,
        ),
    ),
    (ProviderQuotaError, _SPENT),
    (ProviderAuthenticationError, ("api key not valid", "incorrect api key", "invalid api key", "api key expired")),
    (
        ContentFilterError,
        (
            "content management policy",
            "content filtering policy",
            "content exists risk",
            "violates usage guidelines",
            "flagged by moderation",
        ),
    ),
)
"""What messages say where no code does."""
_UNKNOWN: Final = ("not found", "does not exist", "not exist", "no longer accessible", "no longer available", "deprecated")


def failure(  # noqa: PLR0913 - a record of one failure, keyword-only
    *,
    status: int,
    headers: Mapping[str, str] | None = None,
    message: str,
    type: str | None = None,  # noqa: A002 - the provider's own word for it
    code: str | None = None,
    param: str | None = None,
    body: Any = None,
    retry_after: float | None = None,
    request_id: str | None = None,
    usage: Usage | None = None,
    spent: bool = False,
) -> ProviderError:
    """Make the error that fits; *status* is 200 where it came inside an answer, *headers* have lower-case names.

    *retry_after* (seconds) and *request_id* are what the body says; the headers count where it is silent. *usage* is what the failure
    cost all the same; *spent* says that a quota is used up, whatever the words.
    """
    headers = headers or {}
    if status in _ELSEWHERE and "location" in headers:
        message = f"the provider sends calls elsewhere, to {headers['location']}: set its base_url to where that leads"
    if len(message) > _LONGEST:
        message = message[:_LONGEST] + "…"
    kind = ProviderQuotaError if spent else _kind(status, message.lower(), type, code, param)
    return kind(
        message if message.strip() else f"the provider answered with status {status} and no message",
        status_code=status,
        request_id=request_id or next((headers[name] for name in _REQUEST_IDS if name in headers), None),
        retry_after=_retry_after(headers) if retry_after is None else retry_after,
        code=code,
        type=type,
        param=param,
        body=body,
        usage=usage,
    )


def _kind(status: int, message: str, type_: str | None, code: str | None, param: str | None) -> type[ProviderError]:
    words = [word.lower() for word in (code, type_) if word]
    for word in words:
        if word in _TOLD:
            return _TOLD[word]
    if status == _INSIDE and code in _CODES:
        status = _CODES[code]
    if status in _REFUSED:
        for kind, phrases in _PHRASES:
            if _says(message, phrases):
                return kind
        if _no_model(status, message, param):
            return ModelNotFoundError
    if status == _TOO_MANY and _says(message, _SPENT):
        return ProviderQuotaError
    if status == _TOO_MANY and message.startswith(_OVERSIZED):
        return ContextWindowExceededError
    return _by_status(status, words)


def _says(message: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in message for phrase in phrases)


def _no_model(status: int, message: str, param: str | None) -> bool:
    """Tell whether there is no such model; a 404 may also mean an address or a feature."""
    if message.startswith(("model:", "no endpoints found")) or ("model" in message and _says(message, _UNKNOWN)):
        return param == "model" or status in _NOT_FOUND
    return param == "model" and status == _ABSENT


def _by_status(status: int, words: list[str]) -> type[ProviderError]:
    if status in _STATUSES:
        return _STATUSES[status]
    if status in _CLIENT_ERRORS:
        return InvalidRequestError
    if status >= _CLIENT_ERRORS.stop:
        return ProviderServerError
    told = next((_KINDS[word] for word in words if word in _KINDS), None)
    return told or (ProviderServerError if status == _INSIDE else ProviderResponseError)


# --- how long to wait ----------------------------------------------------------------------------


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the seconds to wait; a date counts from the reply's own date, without which it says nothing."""
    if (waited := _number(headers.get("retry-after-ms"))) is not None:
        return waited / 1000
    told = headers.get("retry-after")
    if told is None:
        return None
    seconds = _number(told)
    return _until(told, headers.get("date")) if seconds is None else seconds


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _until(told: str, now: str | None) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        seconds = (parsedate_to_datetime(told) - parsedate_to_datetime(now or "")).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(seconds, 0.0)
