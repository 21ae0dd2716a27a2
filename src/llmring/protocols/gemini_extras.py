"""What Gemini offers beside chat: counting tokens, listing models, embedding; uploads are elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from llmring._core.body import place_extra
from llmring._core.http import HttpCall
from llmring._gen.usage import Usage
from llmring.protocols.beside import counted, listed, vectors
from llmring.protocols.framing import whole
from llmring.protocols.gemini_encode import path, prompt, resource
from llmring.protocols.gemini_stream import NAME
from llmring.protocols.reading import count_of, object_of, objects_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmring._core.http import HttpReply
    from llmring._core.request import NormalRequest

_COUNTED: Final = ("contents", "systemInstruction", "tools", "toolConfig", "cachedContent")
_PAGE: Final = 1000
_WORDS: Final = {"dimensions": "outputDimensionality"}
DIMENSIONS: Final = "outputDimensionality"
"""The key of the body for the length of a vector."""


def encode_count(request: NormalRequest, model: str) -> HttpCall:
    """Render *request* for ``POST /v1beta/models/{model}:countTokens`` (docs: Counting tokens)."""
    body = prompt(request, model)
    place_extra(body, request, NAME)
    counted = {key: body[key] for key in _COUNTED if key in body}
    return HttpCall("POST", f"{path(model)}:countTokens", {"generateContentRequest": {"model": resource(model), **counted}})


def decode_count(reply: HttpReply) -> int:
    """Read how many input tokens there are.

    Raises:
        ProviderResponseError: the reply does not say.

    """
    return counted(reply, "totalTokens")


def encode_models(after: str | None = None) -> HttpCall:
    """Ask for a page of models (docs: Models, list); *after* is what the page before gave."""
    beyond = f"&pageToken={quote(after, safe='', errors='replace')}" if after else ""
    return HttpCall("GET", f"/v1beta/models?pageSize={_PAGE}{beyond}")


def decode_models(reply: HttpReply) -> tuple[list[dict[str, Any]], str | None]:
    """Read a page of models as Google describes them, each with its ``id``, and what to ask the next page after.

    Raises:
        ProviderResponseError: the reply is no list of models.

    """
    found, body = listed(reply, "models")
    models = [{"id": name.removeprefix("models/"), **model} for model in found if (name := text_of(model.get("name")))]
    return models, text_of(body.get("nextPageToken"))


def encode_embed(texts: Sequence[str], model: str, extra: Mapping[str, Any] | None = None) -> HttpCall:
    """Ask for the embeddings of *texts* by ``POST /v1beta/models/{model}:batchEmbedContents`` (docs: Embeddings).

    *extra* goes into every one of the requests, e.g. ``{"taskType": "RETRIEVAL_QUERY"}``; ``dimensions`` gets Google's name.
    """
    beside = {_WORDS.get(key, key): value for key, value in (extra or {}).items()}
    name = resource(model)
    requests = [{"model": name, "content": {"parts": [{"text": text}]}, **beside} for text in texts]
    return HttpCall("POST", f"{path(model)}:batchEmbedContents", {"requests": requests})


def decode_embed(reply: HttpReply) -> tuple[list[list[float]], Usage]:
    """Read one vector per text, in the order of the texts, and what they cost.

    Raises:
        ProviderResponseError: the reply holds no vectors.

    """
    body = whole(reply)
    found = objects_of(body.get("embeddings")) or objects_of([body.get("embedding")])
    made = vectors([each.get("values") for each in found], reply, body)
    tokens = count_of(object_of(body.get("usageMetadata")).get("promptTokenCount"))
    return made, Usage(input_tokens=tokens, total_tokens=tokens)
