"""Tell before sending that a prompt cannot fit a model, and afterwards that a server cut one; surely, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from llmring._core.tokens import CHARACTERS
from llmring.exceptions import ContextWindowExceededError

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest
    from llmring._gen.usage import Usage

CUTTING: Final = frozenset({"ollama_chat"})
"""Protocols whose servers leave out what does not fit, without a word."""
DOUBT: Final = 2
"""How many times fewer tokens than estimated a text may have."""


class Prompt(NamedTuple):
    """What was sent to a server that cuts what does not fit."""

    characters: int
    size: int | None
    """The window that was asked for, in tokens; None where that was left to the server."""


def check(characters: int, name: str, context: int | None) -> None:
    """Refuse a prompt of *characters* that the model *name*, with a window of *context* tokens, cannot take by any count.

    Raises:
        ContextWindowExceededError: it is longer; nothing was sent.

    """
    if context is None or characters <= context * CHARACTERS * DOUBT:
        return
    message = f"{name} takes {context} tokens, and the prompt has {characters} characters, about {characters // CHARACTERS} tokens"
    raise ContextWindowExceededError(message, model=name)


def size_of(request: NormalRequest) -> int | None:
    """Give the window that *request* asks of Ollama by ``num_ctx``; None where it leaves that to the server."""
    extra = request.extra
    size = extra.get("num_ctx")
    if size is None and isinstance(extra.get("options"), Mapping):
        size = cast("Mapping[str, Any]", extra["options"]).get("num_ctx")
    return size if isinstance(size, int) else None


def cut(prompt: Prompt | None, usage: Usage | None) -> str | None:
    """Say that the server cut *prompt*, as *usage* tells; None where it did not.

    Ollama leaves out the oldest turns until the rest fits, and counts what is left.
    """
    if prompt is None or usage is None or not usage.input_tokens:
        return None
    size, given, sent = prompt.size, usage.input_tokens, prompt.characters // CHARACTERS
    if size is not None and (given >= size or sent > size):
        return f"a prompt of about {sent} tokens did not fit num_ctx ({size}) and was cut to {given}; raise num_ctx"
    if sent > given * DOUBT * DOUBT:
        return f"of a prompt of about {sent} tokens the server read {given}, so it was cut; set num_ctx"
    return None
