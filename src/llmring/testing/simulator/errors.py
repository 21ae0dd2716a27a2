"""Put a failure into each provider's words, with the headers that come with it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator.reading import compact
from llmring.testing.simulator.values import Reply, Trouble

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Family, JsonObject

__all__ = ["body", "reply", "trouble"]

_MESSAGES: Final = {
    400: "The request is not valid.",
    401: "The key is not valid.",
    403: "The key may not do this.",
    404: "There is no such thing.",
    408: "The request took too long.",
    413: "The request is too large.",
    429: "Too many requests; wait and try again.",
    500: "The server had an error while processing your request.",
    502: "Bad gateway.",
    503: "The model is overloaded; try again later.",
    504: "The deadline expired before the answer was there.",
    529: "Overloaded",
}
_NAMED: Final = {
    "quota": (429, "You exceeded your current quota, please check your plan and billing details."),
    "context": (400, "This model's maximum context length is exceeded: prompt is too long."),
    "filter": (400, "The prompt was rejected by the safety system."),
}
_OPENAI_TYPES: Final = {401: "invalid_request_error", 403: "permission_error", 429: "requests", 503: "overloaded_error"}
_OPENAI_CODES: Final = {
    "quota": "insufficient_quota",
    "context": "context_length_exceeded",
    "filter": "content_policy_violation",
    "model": "model_not_found",
    "key": "invalid_api_key",
}
_ANTHROPIC_TYPES: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_GEMINI_STATES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def trouble(fault: str | None, status: int | None, retry_after: str | None) -> Trouble:
    """Make the trouble that a fault asks for: a *status*, or one of the named kinds."""
    if fault in _NAMED:
        code, message = _NAMED[fault]
        return Trouble(status=code, message=message, kind=fault, retry_after=retry_after)
    code = status or 500
    wait = "1" if retry_after is None and code == HTTPStatus.TOO_MANY_REQUESTS else retry_after
    return Trouble(status=code, message=_MESSAGES.get(code, f"Status {code}, as asked for."), retry_after=wait)


def reply(family: Family, trouble: Trouble) -> Reply:
    """Answer with *trouble* and its headers; a ``retry-after`` of ``none`` leaves that one out."""
    headers = {"content-type": "application/json; charset=UTF-8" if family == "gemini" else "application/json"}
    if trouble.retry_after not in {None, "none"}:
        headers["retry-after"] = str(trouble.retry_after)
    if family == "anthropic":
        again = trouble.status in {408, 409, 429} or trouble.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        headers["x-should-retry"] = "true" if again else "false"
    return Reply(status=trouble.status, headers=headers, body=compact(body(family, trouble)).encode())


def body(family: Family, trouble: Trouble) -> JsonObject:
    """Give the body in which *family* reports *trouble*."""
    match family:
        case "openai":
            return {"error": openai(trouble)}
        case "anthropic":
            kind = "billing_error" if trouble.kind == "quota" else _ANTHROPIC_TYPES.get(trouble.status, "api_error")
            kind = "invalid_request_error" if kind == "api_error" and trouble.status < HTTPStatus.INTERNAL_SERVER_ERROR else kind
            return {"type": "error", "error": {"type": kind, "message": trouble.message}}
        case "gemini":
            return {"error": _gemini(trouble)}
        case "ollama":
            return {"error": trouble.message}


def openai(trouble: Trouble) -> JsonObject:
    """Give the error object of OpenAI's APIs."""
    usual = "server_error" if trouble.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    kind = _OPENAI_TYPES.get(trouble.status, usual)
    kind = "insufficient_quota" if trouble.kind == "quota" else kind
    code = _OPENAI_CODES.get(trouble.kind) or {429: "rate_limit_exceeded", 500: "server_error"}.get(trouble.status)
    return {"message": trouble.message, "type": kind, "param": trouble.param, "code": code}


def _gemini(trouble: Trouble) -> JsonObject:
    error: JsonObject = {"code": trouble.status, "message": trouble.message, "status": _GEMINI_STATES.get(trouble.status, "INTERNAL")}
    if trouble.kind == "key":
        reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
        error["details"] = [reason]
    elif trouble.retry_after not in {None, "none"} and trouble.status == HTTPStatus.TOO_MANY_REQUESTS:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{trouble.retry_after}s"}]
    return error
