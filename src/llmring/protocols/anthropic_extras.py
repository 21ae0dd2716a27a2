"""What Anthropic offers beside chat: counting tokens and listing models; uploads are elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from llmring._core.body import place_extra
from llmring._core.http import HttpCall
from llmring.protocols.anthropic_blocks import NAME
from llmring.protocols.anthropic_encode import prompt
from llmring.protocols.beside import counted, listed

if TYPE_CHECKING:
    from llmring._core.http import HttpReply
    from llmring._core.request import NormalRequest

_COUNTED: Final = ("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control", "speed")
_PAGE: Final = 1000


def encode_count(request: NormalRequest, model: str) -> HttpCall:
    """Render *request* for ``POST /v1/messages/count_tokens`` (docs: Messages, count tokens)."""
    body = prompt(request, model)
    place_extra(body, request, NAME)
    return HttpCall("POST", "/v1/messages/count_tokens", {key: body[key] for key in _COUNTED if key in body})


def decode_count(reply: HttpReply) -> int:
    """Read how many input tokens there are.

    Raises:
        ProviderResponseError: the reply does not say.

    """
    return counted(reply, "input_tokens")


def encode_models(after: str | None = None) -> HttpCall:
    """Ask for a page of models (docs: Models, list); *after* is the id that ended the page before."""
    beyond = f"&after_id={quote(after, safe='', errors='replace')}" if after else ""
    return HttpCall("GET", f"/v1/models?limit={_PAGE}{beyond}")


def decode_models(reply: HttpReply) -> tuple[list[dict[str, Any]], str | None]:
    """Read a page of models as Anthropic describes them, each with its ``id``, and what to ask the next page after.

    Raises:
        ProviderResponseError: the reply is no list of models.

    """
    found, body = listed(reply, "data")
    models = [model for model in found if "id" in model]
    last = body.get("last_id")
    return models, last if body.get("has_more") is True and isinstance(last, str) else None
