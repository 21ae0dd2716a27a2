"""How many marks for the cache a request sets; a provider that takes fewer refuses it, so it is refused before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring._core.caching import anthropic_words
from llmring._core.request import Texts
from llmring._gen.message import ToolResultPart
from llmring.exceptions import UnsupportedParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.fitting import Target
    from llmring._core.request import NormalRequest
    from llmring._gen.message import Message, Part


def check_marks(request: NormalRequest, target: Target) -> None:
    """Refuse more marks than the model takes (Anthropic's docs: Prompt caching, up to four): nobody can say which to leave out."""
    most = target.limits.get("cache_breakpoints")
    if most is None:
        return
    places = list(_places(request))
    if len(places) > most:
        text = f"{target.name} does not take more than {most} cache breakpoints, and there are {len(places)} ({', '.join(places)})"
        raise UnsupportedParameterError(text, parameter="cache_control", model=target.name, path=places[most])


def _places(request: NormalRequest) -> Iterator[str]:
    for at, tool in enumerate(request.tools):
        if tool.cache_control is not None:
            yield f"tools[{at}].cache_control"
    if type(request.messages) is not Texts:
        for at, message in enumerate(request.messages):
            yield from _of_message(message, f"messages[{at}]")
    cache = request.options.get("cache")
    if cache is not None and anthropic_words(cache) is not None:
        yield "cache"


def _of_message(message: Message, path: str) -> Iterator[str]:
    parts = message.content if isinstance(message.content, list) else []
    yield from _of_parts(parts, f"{path}.content")
    marked = message.metadata is not None and message.metadata.get("cache_control") is not None
    if marked and not (parts and getattr(parts[-1], "cache_control", None) is not None):  # which is the same mark
        yield f"{path}.metadata.cache_control"


def _of_parts(parts: list[Part], path: str) -> Iterator[str]:
    for at, part in enumerate(parts):
        if getattr(part, "cache_control", None) is not None:
            yield f"{path}[{at}].cache_control"
        if isinstance(part, ToolResultPart) and isinstance(part.content, list):
            yield from _of_parts(part.content, f"{path}[{at}].content")
