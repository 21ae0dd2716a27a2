"""What OpenAI and its compatible servers offer beside chat: embeddings, token counts, the list of models; files are elsewhere."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.http import HttpCall
from llmring._core.jsontext import loads
from llmring.protocols.beside import counted, misread
from llmring.protocols.framing import whole
from llmring.protocols.openai_chat_usage import usage_of
from llmring.protocols.reading import object_of, objects_of, vector_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmring._core.http import HttpReply
    from llmring._core.request import NormalRequest
    from llmring._gen.usage import Usage

_FLOAT: Final = 4
_COUNTED: Final = ("model", "instructions", "input", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text", "truncation")
DIMENSIONS: Final = "dimensions"
"""The key of the body for the length of a vector."""


def encode_embed(texts: Sequence[str], model: str, extra: Mapping[str, Any] | None = None) -> HttpCall:
    """Ask for the embeddings of *texts* by ``POST /embeddings``; *extra* holds further keys of the body (``dimensions``)."""
    return HttpCall("POST", "/embeddings", {"model": model, "input": list(texts), **(extra or {})})


def decode_embed(reply: HttpReply) -> tuple[list[list[float]], Usage]:
    """Read one vector per text, in the order of the texts, and what they cost.

    Raises:
        ProviderResponseError: the reply holds no vectors.

    """
    body = whole(reply)
    rows = objects_of(body.get("data"))
    if not rows:
        raise misread("embeddings", reply, body)
    rows.sort(key=_place)
    return [_vector(row.get("embedding"), reply, body) for row in rows], usage_of(object_of(body.get("usage")))


def _place(row: dict[str, Any]) -> int:
    index = row.get("index")
    return index if type(index) is int else 0


def _vector(told: Any, reply: HttpReply, body: dict[str, Any]) -> list[float]:
    """Read one vector, given as numbers or as base64 of little-endian floats."""
    if (vector := vector_of(told)) is not None:
        return vector
    try:
        data = base64.b64decode(told, validate=True) if isinstance(told, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if not data or len(data) % _FLOAT:
        raise misread("embeddings", reply, body)
    return list(struct.unpack(f"<{len(data) // _FLOAT}f", data))


def encode_count(request: NormalRequest, model: str) -> HttpCall:
    """Render *request* for ``POST /responses/input_tokens`` (docs: Responses, get input token counts)."""
    from llmring.protocols.openai_responses import encode

    body = encode(attrs.evolve(request, stream=False), model).body
    sent = body if isinstance(body, dict) else {}
    return HttpCall("POST", "/responses/input_tokens", {key: sent[key] for key in _COUNTED if key in sent})


def decode_count(reply: HttpReply) -> int:
    """Read how many input tokens there are.

    Raises:
        ProviderResponseError: the reply holds no count.

    """
    return counted(reply, "input_tokens")


def encode_models(after: str | None = None) -> HttpCall:
    """Ask for the models by ``GET /models``; the list comes whole, so *after* is never needed."""
    return HttpCall("GET", "/models")


def decode_models(reply: HttpReply) -> tuple[list[dict[str, Any]], str | None]:
    """Read the models as the server describes them, each with its ``id``; there is no next page.

    Raises:
        ProviderResponseError: the reply is no list of models.

    """
    try:
        body = loads(reply.body)
    except ValueError:
        body = None
    listed: Any = cast("Any", body) if isinstance(body, list) else object_of(body).get("data")  # Together lists them bare
    if not isinstance(listed, list):
        raise misread("list of models", reply, body)
    return [model for model in objects_of(cast("Any", listed)) if isinstance(model.get("id"), str)], None
