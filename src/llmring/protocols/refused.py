"""Read a reply whose status says that it failed, written by the API or by something in between; the words are its protocol's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from llmring._core.jsontext import loads
from llmring.protocols.failure import failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._core.http import HttpReply
    from llmring.exceptions import ProviderError


class ErrorIn(Protocol):
    """Makes the error that a decoded body tells of."""

    def __call__(self, body: dict[str, Any], *, status: int, headers: Mapping[str, str]) -> ProviderError:
        """Read *body*, which came with *status*."""
        ...


def refused(reply: HttpReply, error_in: ErrorIn) -> ProviderError:
    """Read *reply* by *error_in* where it holds an object, or a list that begins with one; anything else is its own message."""
    try:
        body = loads(reply.body)
    except ValueError:
        body = None
    if isinstance(body, list) and body:  # Google of a stream, and Vertex
        body = cast("list[Any]", body)[0]
    if isinstance(body, dict):
        return error_in(cast("dict[str, Any]", body), status=reply.status, headers=reply.headers)
    text = reply.body.decode(errors="replace").strip()
    return failure(status=reply.status, headers=reply.headers, message=text, body=text)
