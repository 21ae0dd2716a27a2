"""Read one choice of a chat completion, from deltas or a message; what stands beside the choices is not read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._base import new_dict, new_list
from llmring._gen.message import Citation, ImagePart, OpaquePart
from llmring._gen.providers import PROVIDERS
from llmring._gen.stream import CitationEvent, PartEvent, ReasoningDelta, RefusalDelta, TextDelta
from llmring.protocols.openai_chat_calls import Calls
from llmring.protocols.openai_chat_native import Audio, Details
from llmring.protocols.reading import json_of, object_of, objects_of, text_of

if TYPE_CHECKING:
    from llmring._gen.response import FinishReason
    from llmring._gen.stream import StreamEvent

_REASONS: Final = {word.lower(): said for entry in PROVIDERS.values() for word, said in entry["finish_reasons"].items()}
"""Every word that any provider ends with, for proxies pass on their upstream's."""
_SPELLINGS: Final = ("reasoning_content", "reasoning")


@attrs.define
class Choice:
    """What has been told of one choice so far."""

    index: int
    reason: str | None = None
    """The server's word for why it ended."""
    logprobs: dict[str, Any] | None = None
    warnings: list[str] = attrs.field(factory=new_list)
    calls: Calls = attrs.field(default=attrs.Factory(lambda self: Calls(self.index), takes_self=True))
    refused: bool = False
    _native: dict[str, Any] = attrs.field(factory=new_dict)
    """Fields of the message to be sent back as they came; null stands for the reasoning's text."""
    _details: Details | None = None
    _audio: Audio | None = None

    def delta(self, said: dict[str, Any], found: list[StreamEvent]) -> None:
        """Read one delta."""
        self._read(said, found)
        calls = said.get("tool_calls")
        if calls:
            for entry in objects_of(calls):
                event = self.calls.fragment(entry)
                if event is not None:
                    found.append(event)
        if said.get("function_call"):
            event = self.calls.legacy(object_of(said["function_call"]))
            if event is not None:
                found.append(event)

    def message(self, said: dict[str, Any], found: list[StreamEvent]) -> None:
        """Read a whole message."""
        self._read(said, found)
        for entry in objects_of(said.get("tool_calls")):
            self.calls.whole(entry)
        if said.get("function_call"):
            self.calls.legacy(object_of(said["function_call"]))

    def _read(self, said: dict[str, Any], found: list[StreamEvent]) -> None:
        """Read all but the tool calls, which differ between delta and message."""
        self._think(said, found)
        content = said.get("content")
        if content:
            if isinstance(content, str):
                found.append(TextDelta(delta=content, index=self.index))
            elif isinstance(content, list):
                self._parts(cast("list[Any]", content), found)
            else:
                found.append(TextDelta(delta=json_of(content), index=self.index))
        if said.get("refusal"):
            self.refused = True
            found.append(RefusalDelta(refusal=json_of(said["refusal"]), index=self.index))
        found += [CitationEvent(citation=_citation(each), index=self.index) for each in objects_of(said.get("annotations"))]
        found += [PartEvent(part=_image(each), index=self.index) for each in objects_of(said.get("images"))]
        if said.get("audio"):
            self._audio = self._audio or Audio()
            self._audio.add(object_of(said["audio"]))

    def _think(self, said: dict[str, Any], found: list[StreamEvent]) -> None:
        """Read the thoughts: in plain text under one of two names, and what OpenRouter keeps beside."""
        text = None
        for name in _SPELLINGS:
            if said.get(name):
                text = json_of(said[name])
                self._native.setdefault(name, None)
                break
        if said.get("reasoning_details"):
            self._details = self._details or Details()
            readable = self._details.add(objects_of(said["reasoning_details"]))
            text = readable if text is None else text
        if said.get("extra_content"):
            self._native["extra_content"] = said["extra_content"]
        if text is not None:
            found.append(ReasoningDelta(reasoning=text, index=self.index, block=0))

    def _parts(self, content: list[Any], found: list[StreamEvent]) -> None:
        """Read content given as parts (Mistral)."""
        for part in content:
            match part:
                case {"type": "text", "text": str(text)} | str(text):
                    found.append(TextDelta(delta=text, index=self.index))
                case {"type": "thinking", "thinking": thinking}:
                    self._native["thinking"] = None
                    found.append(ReasoningDelta(reasoning=_thoughts(thinking), index=self.index, block=0))
                case {"type": "image_url"}:
                    found.append(PartEvent(part=_image(cast("dict[str, Any]", part)), index=self.index))
                case {"type": str()}:
                    found.append(PartEvent(part=OpaquePart(protocol="openai_chat", data=cast("dict[str, Any]", part)), index=self.index))
                case _:
                    found.append(TextDelta(delta=json_of(part), index=self.index))

    def add_logprobs(self, told: dict[str, Any]) -> None:
        """Take the token probabilities of one chunk; the lists go on, chunk by chunk."""
        if self.logprobs is None:
            self.logprobs = {}
        for name, value in told.items():
            known = self.logprobs.get(name)
            if isinstance(known, list) and isinstance(value, list):
                self.logprobs[name] = cast("list[Any]", known) + cast("list[Any]", value)
            elif value is not None or name not in self.logprobs:
                self.logprobs[name] = value

    def close(self) -> list[StreamEvent]:
        """Give what is whole only at the end: opaque reasoning, sound, tool calls."""
        found: list[StreamEvent] = []
        if self._details is not None:
            self._native["reasoning_details"] = self._details.whole()
        if self._native:
            found.append(ReasoningDelta(index=self.index, block=0, native=self._native))
        if self._audio is not None and (part := self._audio.part()) is not None:
            found.append(PartEvent(part=part, index=self.index))
        return found + self.calls.complete()

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why it ended, in the unified words: some servers say ``stop`` where there are tool calls."""
        unified = None if self.reason is None else unified_reason(self.reason)
        if unified in (None, "stop"):
            if self.calls:
                return "tool_calls"
            if self.refused:
                return "refusal"
        return unified


def unified_reason(word: str) -> FinishReason:
    """Translate a server's *word* for why a choice ended."""
    return cast("FinishReason", _REASONS.get(word.lower(), "other"))


def _thoughts(thinking: Any) -> str:
    """Join the texts of a thinking part; some servers give one string."""
    if isinstance(thinking, list):
        return "".join(text_of(each.get("text")) or "" for each in objects_of(cast("list[Any]", thinking)))
    return json_of(thinking)


def _citation(annotation: dict[str, Any]) -> Citation:
    told = object_of(annotation.get("url_citation")) or annotation
    start, end = told.get("start_index"), told.get("end_index")
    return Citation(
        url=text_of(told.get("url")),
        title=text_of(told.get("title")),
        cited_text=text_of(told.get("content")),
        start=start if type(start) is int else None,
        end=end if type(end) is int else None,
        source=annotation,
    )


def _image(told: dict[str, Any]) -> ImagePart:
    where = told.get("image_url")
    return ImagePart(url=text_of(where) or text_of(object_of(where).get("url")))
