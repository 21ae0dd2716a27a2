"""Messages and thoughts of the Responses API, each word told once: by deltas, then by the whole item what those left out.

Which item a delta belongs to is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from llmring._base import new_dict, new_list
from llmring._gen.message import Citation, OpaquePart
from llmring._gen.stream import CitationEvent, PartEvent, ReasoningDelta, RefusalDelta, TextDelta
from llmring.protocols.reading import object_of, objects_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._gen.stream import StreamEvent

NAME: Final = "openai_responses"


def identity(item: dict[str, Any]) -> str | None:
    """Give what tells *item* from others of its type."""
    return text_of(item.get("call_id")) or text_of(item.get("id"))


def _rest(told: list[str], text: Any) -> str:
    """Give what of the whole *text* was not told yet; nothing where it is another text, for words cannot be taken back."""
    before = "".join(told)
    return text[len(before) :] if isinstance(text, str) and text.startswith(before) else ""


# --- messages ------------------------------------------------------------------------------------


@attrs.define
class _Section:
    """One text or refusal of a message."""

    block: int
    told: list[str] = attrs.field(factory=new_list)
    citations: int = 0


@attrs.define
class MessageItem:
    """What the model says, or declines to say."""

    kind: ClassVar[str] = "message"
    identity: str | None
    blocks: Iterator[int]
    beside: bool
    """Whether thoughts or hosted tools came before it: their ids and its own go back together or not at all."""
    logprobs: list[Any] = attrs.field(factory=new_list)
    refused: bool = False
    _sections: dict[tuple[str, int], _Section] = attrs.field(factory=new_dict)
    _marked: bool = False

    def _section(self, section: str, at: int) -> _Section:
        found = self._sections.get((section, at))
        if found is None:
            found = self._sections[section, at] = _Section(next(self.blocks))
        return found

    def extend(self, section: str, at: int, delta: str) -> list[StreamEvent]:
        """Take more of a ``text`` or a ``refusal``."""
        growing = self._section(section, at)
        growing.told.append(delta)
        if section == "text":
            return [TextDelta(delta=delta, block=growing.block)]
        self.refused = True
        return [RefusalDelta(refusal=delta)]

    def cite(self, at: int, annotation: Any) -> list[StreamEvent]:
        """Take one annotation of text number *at*."""
        text = self._section("text", at)
        text.citations += 1
        return [CitationEvent(citation=_citation(object_of(annotation)), block=text.block)] if annotation else []

    def whole(self, item: dict[str, Any]) -> list[StreamEvent]:
        """Give the words and citations not told yet, and once what of the message must go back beside them."""
        told: list[StreamEvent] = []
        self.logprobs = []
        content = item.get("content")
        for at, part in enumerate(objects_of([{"type": "text", "text": content}] if isinstance(content, str) else content)):
            match part.get("type"):
                case "output_text" | "text":
                    told += self._words("text", at, part.get("text"))
                    told += self._beside(at, part)
                case "refusal":
                    told += self._words("refusal", at, part.get("refusal"))
                case _:
                    pass
        if not self._marked and (item.get("phase") or (self.beside and item.get("id"))):
            self._marked = True
            told.append(PartEvent(part=OpaquePart(protocol=NAME, data={key: item[key] for key in item if key != "content"})))
        return told

    def _words(self, section: str, at: int, text: Any) -> list[StreamEvent]:
        words = _rest(self._section(section, at).told, text)
        return self.extend(section, at, words) if words else []

    def _beside(self, at: int, part: dict[str, Any]) -> list[StreamEvent]:
        """Give the citations of a text that were not told yet, and keep its token probabilities."""
        logprobs, annotations = part.get("logprobs"), part.get("annotations")
        if isinstance(logprobs, list):
            self.logprobs += cast("list[Any]", logprobs)
        if not annotations or not isinstance(annotations, list):
            return []
        untold = cast("list[Any]", annotations)[self._section("text", at).citations :]
        return [event for annotation in untold for event in self.cite(at, annotation)]


def _citation(annotation: dict[str, Any]) -> Citation:
    start, end = annotation.get("start_index"), annotation.get("end_index")
    return Citation(
        url=text_of(annotation.get("url")),
        title=text_of(annotation.get("title")) or text_of(annotation.get("filename")),
        start=start if type(start) is int else None,
        end=end if type(end) is int else None,
        source=annotation,
    )


# --- thoughts ------------------------------------------------------------------------------------


@attrs.define
class ReasoningItem:
    """What the model thought, in summary or in full, and the item as it must go back."""

    kind: ClassVar[str] = "reasoning"
    identity: str | None
    block: int
    _sections: dict[tuple[str, int], list[str]] = attrs.field(factory=new_dict)
    _native: dict[str, Any] | None = None

    def extend(self, section: str, at: int, delta: str) -> list[StreamEvent]:
        """Take more of one part of ``summary`` or ``content``; a blank line parts it from the one before."""
        told = self._sections.get((section, at))
        apart = "\n\n" if told is None and self._sections else ""
        if told is None:
            told = self._sections[section, at] = []
        told.append(delta)
        return [ReasoningDelta(reasoning=apart + delta, block=self.block)]

    def whole(self, item: dict[str, Any]) -> list[StreamEvent]:
        """Give the thoughts not told yet, and the item itself, anew where it was encrypted anew."""
        told: list[StreamEvent] = []
        for section in ("summary", "content"):
            for at, part in enumerate(objects_of(item.get(section))):
                words = _rest(self._sections.get((section, at), []), part.get("text"))
                told += self.extend(section, at, words) if words else []
        if item != self._native:
            self._native = item
            told.append(ReasoningDelta(block=self.block, id=text_of(item.get("id")), native=item))
        return told
