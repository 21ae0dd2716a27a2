"""Read the errors of chat completions and its many servers, as HTTP answers and inside a 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmring._core.jsontext import loads
from llmring.protocols.failure import failure
from llmring.protocols.openai_chat_usage import usage_of
from llmring.protocols.reading import json_of, object_of, objects_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._core.http import HttpReply
    from llmring._gen.usage import Usage
    from llmring.exceptions import ProviderError


def decode_error(reply: HttpReply) -> ProviderError:
    """Read an error answer; a body that is not JSON is its own message."""
    return error_answer(reply, usage_of)


def error_answer(reply: HttpReply, count: Callable[[dict[str, Any]], Usage]) -> ProviderError:
    """Read an error answer, whose usage, where it tells some, is read by *count*."""
    try:
        body = loads(reply.body)
    except ValueError:
        text = reply.body.decode(errors="replace")
        return failure(status=reply.status, headers=reply.headers, message=text, body=text)
    told, usage = _told(body), object_of(object_of(body).get("usage"))
    return failure(
        status=reply.status,
        headers=reply.headers,
        message=_message(told, body),
        type=text_of(told.get("type")),
        code=text_of(told.get("code")),
        param=text_of(told.get("param")),
        body=body,
        request_id=text_of(object_of(body).get("request_id")),
        usage=count(usage) if usage else None,
    )


def error_inside(told: Any, body: dict[str, Any], usage: Usage | None = None) -> ProviderError:
    """Make the error that *told*, an ``error`` within the answer *body*, stands for; *usage* stood beside it."""
    inner = object_of(told) or {"message": told}
    return failure(
        status=200,
        message=_message(inner, body),
        type=text_of(inner.get("type")),
        code=text_of(inner.get("code")) or text_of(inner.get("status_code")),
        param=text_of(inner.get("param")),
        body=body,
        usage=usage,
    )


def _told(body: Any) -> dict[str, Any]:
    """Find the object that holds the message: ``error``, the first of ``errors`` or of a list, or the body itself."""
    if isinstance(body, list):
        listed = objects_of(cast("list[Any]", body))
        return _told(listed[0]) if listed else {}
    whole = object_of(body)
    told = whole.get("error")
    if isinstance(told, str):
        return whole | {"message": told}
    return object_of(told) or next(iter(objects_of(whole.get("errors"))), whole)


def _message(told: dict[str, Any], body: Any) -> str:
    for name in ("message", "detail"):
        if told.get(name):
            return json_of(told[name])
    return json_of(body)
