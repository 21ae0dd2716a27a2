"""What Ollama offers beside chat: embeddings, the list of models, and what each of them can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.http import HttpCall
from llmring._gen.usage import Usage
from llmring.protocols.beside import listed, vectors
from llmring.protocols.framing import whole
from llmring.protocols.reading import count_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmring._core.http import HttpReply
DIMENSIONS: Final = "dimensions"
"""The key of the body for the length of a vector."""
_ABILITIES: Final = {"embedding": "embeddings", "thinking": "reasoning", "tools": "tools", "vision": "vision", "audio": "audio_input"}
"""Ollama's words for abilities that have another name here, or the same."""


def encode_embed(texts: Sequence[str], model: str, extra: Mapping[str, Any] | None = None) -> HttpCall:
    """Ask for the embeddings of *texts* by ``POST /api/embed``; *extra* holds further keys of the body (``dimensions``)."""
    return HttpCall("POST", "/api/embed", {"model": model, "input": list(texts), **(extra or {})})


def decode_embed(reply: HttpReply) -> tuple[list[list[float]], Usage]:
    """Read one vector per text, in the order of the texts, and what they cost.

    Raises:
        ProviderResponseError: the reply holds no vectors.

    """
    body = whole(reply)
    told: Any = body.get("embeddings")
    rows = cast("list[Any]", told) if isinstance(told, list) else []
    made = vectors(rows, reply, body)
    given = count_of(body.get("prompt_eval_count"))
    return made, Usage(input_tokens=given, total_tokens=given)


def encode_models(after: str | None = None) -> HttpCall:
    """Ask for the models on this server by ``GET /api/tags``; the list comes whole, so *after* is never needed."""
    return HttpCall("GET", "/api/tags")


def decode_models(reply: HttpReply) -> tuple[list[dict[str, Any]], str | None]:
    """Read the models as Ollama describes them, each with its name as ``id``; there is no next page.

    Raises:
        ProviderResponseError: the reply is no list of models.

    """
    found, _ = listed(reply, "models")
    named = [(text_of(model.get("model")) or text_of(model.get("name")), model) for model in found]
    return [{"id": name, **model} for name, model in named if name is not None], None


def encode_show(model: str) -> HttpCall:
    """Ask what *model* is by ``POST /api/show``."""
    return HttpCall("POST", "/api/show", {"model": model})


def decode_show(reply: HttpReply) -> dict[str, Any]:
    """Read the abilities (``can``) and the window (``context``) of a model, as far as this server tells them.

    Raises:
        ProviderResponseError: the reply is no object.

    """
    body = whole(reply)
    told: Any = body.get("capabilities")
    words = cast("list[Any]", told) if isinstance(told, list) else None
    info = body.get("model_info")
    found: dict[str, Any] = cast("dict[str, Any]", info) if isinstance(info, dict) else {}
    window = count_of(found.get(f"{found.get('general.architecture')}.context_length"))
    known = {} if words is None else {"can": sorted(_ABILITIES[word] for word in words if isinstance(word, str) and word in _ABILITIES)}
    return known | ({"context": window} if window else {})
