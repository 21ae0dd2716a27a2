"""Read what the answers beside chat have in common: a count, vectors, a list of models; under which key they stand is each API's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring.exceptions import ProviderResponseError
from llmring.protocols.framing import whole
from llmring.protocols.reading import objects_of, vector_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._core.http import HttpReply


def counted(reply: HttpReply, key: str) -> int:
    """Read the number of input tokens at *key*.

    Raises:
        ProviderResponseError: there is none.

    """
    body = whole(reply)
    count = body.get(key)
    if type(count) is int and count >= 0:
        return count
    raise misread("token count", reply, body)


def listed(reply: HttpReply, key: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Read the models that are listed at *key*, and the body that they stand in.

    Raises:
        ProviderResponseError: there is no such list.

    """
    body = whole(reply)
    if not isinstance(body.get(key), list):
        raise misread("list of models", reply, body)
    return objects_of(body[key]), body


def vectors(told: Sequence[Any], reply: HttpReply, body: dict[str, Any]) -> list[list[float]]:
    """Read the vectors that *told* holds, which stands in *body*.

    Raises:
        ProviderResponseError: there are none, or one of them is none.

    """
    found = [vector for each in told if (vector := vector_of(each)) is not None]
    if not found or len(found) != len(told):
        raise misread("embeddings", reply, body)
    return found


def misread(wanted: str, reply: HttpReply, body: Any) -> ProviderResponseError:
    """Make the error of a *body* in which what was *wanted* is not to be found."""
    return ProviderResponseError(f"the answer holds no {wanted}", status_code=reply.status, body=body)
