"""An answer of the model as it goes back to the Responses API: thoughts, words, calls and native items, byte for byte.

The API ties a thought to what followed it by their ids: both go back with their ids, or the followers go without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from llmring._base import new_dict, new_list
from llmring._gen.message import AudioPart, ImagePart, OpaquePart, ReasoningPart, RefusalPart, TextPart
from llmring.protocols.openai_responses_content import contents
from llmring.protocols.openai_responses_items import NAME
from llmring.protocols.openai_responses_tools import CALLS
from llmring.protocols.reading import text_of

if TYPE_CHECKING:
    from llmring._gen.message import Part
    from llmring._gen.tool import ToolCall
    from llmring.protocols.openai_responses_content import Plain

_CITED: Final = frozenset({"file_citation", "container_file_citation", "file_path"})


@attrs.define
class Answer:
    """The items of one answer, which may be several messages, in their order."""

    stored: bool
    """Whether the provider keeps answers, so that an id alone may stand for a thought."""
    _items: list[Plain] = attrs.field(factory=new_list)
    _words: list[Plain] = attrs.field(factory=new_list)
    """Texts and refusals of the message being put together."""
    _head: Plain = attrs.field(factory=new_dict)
    """What is known of that message beside its words."""
    _beside: dict[str, Plain] = attrs.field(factory=new_dict)
    """What is known of calls beside their fields, by their ids."""
    _tied: bool = False
    """Whether thoughts or hosted tools went back, which know their followers by id."""

    def add(self, part: Part) -> None:
        """Take the next *part*; thoughts of others are left out."""
        match part:
            case TextPart():
                self._words.append({"type": "output_text", "text": part.text, "annotations": _annotations(part)})
            case RefusalPart():
                self._words.append({"type": "refusal", "refusal": part.refusal})
            case AudioPart(transcript=str(text)):
                self._words.append({"type": "output_text", "text": text, "annotations": []})
            case ReasoningPart():
                self._tie(_thoughts(part, stored=self.stored))
            case OpaquePart():
                self._native(part)
            case ImagePart() if self._items and self._items[-1].get("type") == "image_generation_call":
                pass  # the item before holds it
            case _:
                self._show(part)

    def call(self, call: ToolCall) -> None:
        """Take the next call."""
        self.pause()
        item: Plain = {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.raw_arguments or "{}"}
        if call.kind == "custom":
            item = {"type": "custom_tool_call", "call_id": call.id, "name": call.name, "input": call.raw_arguments}
        if self._tied and call.item_id is not None:
            item["id"] = call.item_id
        self._items.append(item | self._beside.get(call.id, {}))

    def close(self) -> list[Plain]:
        """Give all items, after the last pause; thoughts that nothing follows are refused by the API, so they are left out."""
        while self._items and self._items[-1].get("type") == "reasoning":
            self._items.pop()
        return self._items

    def _tie(self, item: Plain | None) -> None:
        if item is not None:
            self.pause()
            self._items.append(item)
            self._tied = True

    def _native(self, part: OpaquePart) -> None:
        """Take an item as it is, or what is known of a message or a call beside what their own parts say."""
        item, kind = part.data, text_of(part.data.get("type"))
        if part.protocol != NAME:
            return
        if kind == "message" and "content" not in item:
            self._head = item
            if self._words:
                self.pause()
        elif kind in CALLS and "arguments" not in item and "input" not in item:
            self._beside[text_of(item.get("call_id")) or ""] = item
        else:
            self._tie(item)

    def pause(self) -> None:
        """End the message being put together; without an id of its own it has only text."""
        words, head = self._words, self._head
        if not words:
            return
        self._words, self._head = [], {}
        if self._tied and head.get("id"):
            self._items.append({"type": "message", "role": "assistant", "status": "completed", **head, "content": words})
            return
        text = "".join(word.get("text") or word.get("refusal") or "" for word in words)
        if text:
            phase = {"phase": head["phase"]} if head.get("phase") else {}
            self._items.append({"role": "assistant", "content": text, **phase})

    def _show(self, part: Part) -> None:
        """Show what another model made: the API takes files from users alone."""
        said = contents((part,))
        if said:
            self.pause()
            self._items.append({"role": "user", "content": said})


def _annotations(part: TextPart) -> list[Plain]:
    """Give the citations that are OpenAI's own."""
    if not part.citations:
        return []
    sources = [citation.source for citation in part.citations if citation.source is not None]
    return [
        source for source in sources if text_of(source.get("type")) in _CITED or (source.get("type") == "url_citation" and "url" in source)
    ]


def _thoughts(part: ReasoningPart, *, stored: bool) -> Plain | None:
    """Give thoughts as this API wrote them; those that neither hold themselves nor are kept by the provider are lost."""
    if part.protocol != NAME:
        return None
    if isinstance(part.native, dict):
        return part.native if stored or part.native.get("encrypted_content") or part.native.get("content") else None
    if part.data is None and (part.id is None or not stored):
        return None
    item: Plain = {"type": "reasoning", "summary": [{"type": "summary_text", "text": part.text}] if part.text else []}
    if part.id is not None:
        item["id"] = part.id
    if part.data is not None:
        item["encrypted_content"] = part.data
    return item
