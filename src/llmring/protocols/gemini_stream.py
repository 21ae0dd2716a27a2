"""Gemini's answers, chunk by chunk; a whole answer is one chunk."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._base import new_dict, new_list
from llmring._gen.message import AudioPart, ImagePart, OpaquePart
from llmring._gen.stream import CitationEvent, Finish, PartEvent, ReasoningDelta, StreamEvent, TextDelta
from llmring.protocols.gemini_calls import Calls
from llmring.protocols.gemini_errors import blocked, error_in
from llmring.protocols.gemini_sources import citations
from llmring.protocols.gemini_usage import finish_reason, reason_name, usage
from llmring.protocols.reading import object_of, objects_of, text_of

if TYPE_CHECKING:
    from llmring._gen.usage import Usage

NAME = "gemini_generate"

_EXPLAINED: Final = frozenset({"error", "content_filter", "other"})
"""Ends whose message tells more than their reason does."""


@attrs.define
class _Choice:
    """What later chunks of one candidate need."""

    index: int
    calls: Calls
    block: int = -1
    """The number of the text or thoughts that came last; a signed part never joins another."""
    open: str | None = None
    """Whether more text (``text``) or thoughts (``thought``) would belong to that block."""
    said: list[str] = attrs.field(factory=new_list)
    spoken: int | None = None
    """The block of the last text."""
    reason: str | None = None
    message: str | None = None
    grounding: dict[str, Any] = attrs.field(factory=new_dict)
    recited: dict[str, Any] = attrs.field(factory=new_dict)
    logprobs: dict[str, Any] = attrs.field(factory=new_dict)

    def next_block(self, kind: str, signature: str | None) -> int:
        """Give the block that a piece of *kind* belongs to."""
        if self.open != kind or signature is not None:
            self.block += 1
        self.open = kind if signature is None else None
        return self.block


@attrs.define
class State:
    """What later chunks of one answer need."""

    done: bool = False
    finished: bool = False
    choices: dict[int, _Choice] = attrs.field(factory=new_dict)
    usage: dict[str, Any] = attrs.field(factory=new_dict)
    id: str | None = None
    model: str | None = None


def start() -> State:
    """Begin an answer."""
    return State()


def events(state: State, frame: dict[str, Any]) -> list[StreamEvent]:
    """Translate one ``GenerateContentResponse`` (docs: GenerateContent).

    Raises:
        ProviderError: it is an error, or says that the prompt was blocked.

    """
    candidates = frame.get("candidates")
    counters = frame.get("usageMetadata")
    if counters:
        state.usage = object_of(counters)
    if candidates is None:
        if "error" in frame:
            raise error_in(frame, usage=_counted(state))
        feedback = object_of(frame.get("promptFeedback"))
        if "blockReason" in feedback and not state.choices:
            raise blocked(feedback, frame, _counted(state))
    if state.id is None:
        state.id, state.model = text_of(frame.get("responseId")), text_of(frame.get("modelVersion"))
    plain = _plain(state, candidates)
    if plain is not None:
        return [plain]
    found: list[StreamEvent] = []
    for position, candidate in enumerate(objects_of(candidates)):
        choice = _choice(state, candidate.get("index", position))
        parts = object_of(candidate.get("content")).get("parts")
        for part in objects_of(parts):
            found += _part(choice, part)
        if len(candidate) > 1:
            _note(state, choice, candidate)
    return found


def _plain(state: State, candidates: Any) -> TextDelta | None:
    """Give the text of a chunk that holds one unsigned text of one known candidate and nothing else, as most do; None otherwise."""
    try:
        (candidate,) = candidates
        (part,) = candidate["content"]["parts"]
        text, index = part["text"], candidate["index"]
    except (TypeError, ValueError, KeyError):
        return None
    if len(candidate) > 2 or len(part) > 1 or type(text) is not str or not text or type(index) is not int:  # noqa: PLR2004 - content and index
        return None
    choice = state.choices.get(index)
    if choice is None:
        return None
    block = choice.spoken = choice.next_block("text", None)
    choice.said.append(text)
    return TextDelta(delta=text, block=block, index=index)


def finish(state: State) -> list[StreamEvent]:
    """End every choice, once; the last counters are those of the whole answer."""
    if state.finished:
        return []
    state.finished = True
    found: list[StreamEvent] = []
    choices = sorted(state.choices.values(), key=lambda choice: choice.index) or [_Choice(0, Calls(0))]
    for choice in choices:
        if state.done:
            found += choice.calls.end(cut=choice.reason == "MAX_TOKENS")
        found += _cited(choice)
        found.append(_end(state, choice, last=choice is choices[-1]))
    return found


def _choice(state: State, index: Any) -> _Choice:
    at = index if type(index) is int else 0
    choice = state.choices.get(at)
    if choice is None:
        choice = state.choices[at] = _Choice(at, Calls(at))
        state.done = False
    return choice


def _note(state: State, choice: _Choice, candidate: dict[str, Any]) -> None:
    """Keep what *candidate* says beside its content."""
    raw = candidate.get("finishReason")
    if raw is not None:
        choice.reason = reason_name(raw)
        choice.message = text_of(candidate.get("finishMessage"))
        state.done = all(each.reason is not None for each in state.choices.values())
    choice.grounding = object_of(candidate.get("groundingMetadata")) or choice.grounding
    choice.recited = object_of(candidate.get("citationMetadata")) or choice.recited
    for key, value in object_of(candidate.get("logprobsResult")).items():
        before = choice.logprobs.get(key)
        choice.logprobs[key] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value


def _cited(choice: _Choice) -> list[StreamEvent]:
    if not choice.grounding and not choice.recited:
        return []
    found = citations("".join(choice.said), choice.grounding, choice.recited)
    return [CitationEvent(citation=citation, block=choice.spoken, index=choice.index) for citation in found]


def _end(state: State, choice: _Choice, *, last: bool) -> Finish:
    reason = finish_reason(choice.reason, calls=choice.calls.count > 0)
    return Finish(
        index=choice.index,
        finish_reason=reason,
        raw_finish_reason=choice.reason,
        usage=_counted(state) if last else None,
        model=state.model,
        id=state.id,
        logprobs=choice.logprobs or None,
        service_tier=text_of(state.usage.get("serviceTier")),
        warnings=[choice.message] if choice.message and reason in _EXPLAINED else [],
    )


def _counted(state: State) -> Usage | None:
    return usage(state.usage) if state.usage else None


# --- parts ---------------------------------------------------------------------------------------


def _part(choice: _Choice, part: dict[str, Any]) -> list[StreamEvent]:
    match part:
        case {"text": str(text)}:
            signature = text_of(part.get("thoughtSignature"))
            return _words(choice, text, signature, thought=part.get("thought") is True)
        case {"functionCall": dict()}:
            choice.open = None
            return choice.calls.take(part["functionCall"], text_of(part.get("thoughtSignature")))
        case {"inlineData": {"mimeType": str(kind), "data": str(data)}} if not part.get("thought"):
            choice.open = None
            return [PartEvent(part=_media(kind, data, part), index=choice.index)]
        case {"thoughtSignature": str(signature)} if part.keys() <= {"thoughtSignature", "thought"}:
            return _words(choice, "", signature, thought=part.get("thought") is True)
        case _:
            choice.open = None
            return [PartEvent(part=OpaquePart(protocol=NAME, data=part), index=choice.index)] if part else []


def _words(choice: _Choice, text: str, signature: str | None, *, thought: bool) -> list[StreamEvent]:
    """Give text or thoughts; a signature may stand on an empty part."""
    if not text and signature is None:
        return []
    if thought:
        block = choice.next_block("thought", signature)
        return [ReasoningDelta(reasoning=text, signature=signature, block=block, index=choice.index)]
    block = choice.spoken = choice.next_block("text", signature)
    choice.said.append(text)
    return [TextDelta(delta=text, signature=signature, block=block, index=choice.index)]


def _media(kind: str, data: str, part: dict[str, Any]) -> ImagePart | AudioPart | OpaquePart:
    """Give an image or sound as bytes; anything else stays as it came."""
    signature = text_of(part.get("thoughtSignature"))
    try:
        if kind.startswith("image/"):
            return ImagePart(data=base64.b64decode(data), media_type=kind, signature=signature)
        if kind.startswith("audio/") and signature is None:
            return AudioPart(data=base64.b64decode(data), media_type=kind)
    except ValueError:
        pass
    return OpaquePart(protocol=NAME, data=part)
