"""Move what is no text out of tools' results, for wire formats that take text alone there: it is shown right after them instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from llmring._core.request import Texts
from llmring._gen.message import Message, TextPart, ToolResultPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._gen.message import Part

TEXT_ALONE: Final = frozenset({"openai_chat"})
"""Protocols whose tools give text."""
_NOTE: Final = "(What the tool gave is shown after its results.)"


def media_apart(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Give *messages* with nothing but text in the results of tools; the very same where that is so already."""
    return tuple(_apart(messages)) if type(messages) is not Texts and any(map(_holds_media, messages)) else messages


def _holds_media(message: Message) -> bool:
    if not isinstance(message.content, list):
        return False
    if message.role == "tool" and any(not isinstance(part, (TextPart, ToolResultPart)) for part in message.content):
        return True
    return any(isinstance(part, ToolResultPart) and _media(part.content) for part in message.content)


def _media(content: str | list[Part]) -> list[Part]:
    return [] if isinstance(content, str) else [part for part in content if not isinstance(part, TextPart)]


def _apart(messages: tuple[Message, ...]) -> Iterator[Message]:
    """Yield the messages; what was moved out of several results in a row follows the last of them."""
    shown: list[Part] = []
    for message in messages:
        if shown and message.role != "tool":
            yield Message(role="user", content=shown)
            shown = []
        if not _holds_media(message):
            yield message
            continue
        kept, moved = _parted(message)
        if message.role == "tool":
            yield attrs.evolve(message, content=kept)
            shown += moved
        else:
            yield attrs.evolve(message, content=[*kept, *moved])
    if shown:
        yield Message(role="user", content=shown)


def _parted(message: Message) -> tuple[list[Part], list[Part]]:
    """Give what stays of the content of *message*, and what is moved."""
    content = message.content if isinstance(message.content, list) else []
    if message.role == "tool" and not any(isinstance(part, ToolResultPart) for part in content):
        return _said(content), _labelled(message.name, _media(content))
    kept: list[Part] = []
    moved: list[Part] = []
    for part in content:
        if isinstance(part, ToolResultPart) and (media := _media(part.content)):
            moved += _labelled(part.name, media)
            kept.append(attrs.evolve(part, content=_said(part.content)))
        elif message.role == "tool" and not isinstance(part, (TextPart, ToolResultPart)):
            moved += _labelled(message.name, [part])
        else:
            kept.append(part)
    return kept, moved


def _labelled(name: str | None, media: list[Part]) -> list[Part]:
    return [TextPart(text=f"From the tool{f' {name}' if name else ''}:"), *media]


def _said(content: str | list[Part]) -> list[Part]:
    """Give the text of a result; where there was none, a word on where the rest is."""
    texts: list[Part] = [part for part in content if isinstance(part, TextPart)]
    return texts or [TextPart(text=_NOTE)]
