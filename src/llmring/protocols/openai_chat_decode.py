"""Decode chat completions, whole and streamed, into the same events; reading one choice is another module's work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._base import new_dict
from llmring._core.accumulate import fold
from llmring._gen.message import Citation
from llmring._gen.stream import CitationEvent, Finish, StreamEvent, TextDelta
from llmring.exceptions import ProviderResponseError
from llmring.protocols.framing import whole
from llmring.protocols.openai_chat_choice import Choice, unified_reason
from llmring.protocols.openai_chat_errors import error_inside
from llmring.protocols.openai_chat_usage import usage_of
from llmring.protocols.reading import object_of, objects_of, text_of

if TYPE_CHECKING:
    from llmring._core.http import HttpReply
    from llmring._gen.response import LLMResponse
    from llmring._gen.usage import Usage

NAME: Final = "openai_chat"

_CHOICE: Final = frozenset({"index", "delta", "finish_reason", "logprobs"})
_MESSAGE: Final = frozenset({"role", "content", "refusal", "annotations"})
_WHOLE: Final = frozenset({"index", "message", "finish_reason", "logprobs"})
_CHUNK: Final = frozenset(
    {"id", "object", "created", "model", "system_fingerprint", "choices", "usage", "service_tier", "obfuscation", "provider"}
)
"""Keys beside which a chunk can hold nothing but text."""


@attrs.define
class State:
    """What the chunks of one stream have told so far."""

    done: bool = False
    """Whether every choice has ended, or ``[DONE]`` has come."""
    id: str | None = None
    model: str | None = None
    tier: str | None = None
    usage: dict[str, Any] | None = None
    """The last counters: those of several chunks repeat, they do not add up."""
    choices: dict[int, Choice] = attrs.field(factory=new_dict)
    sources: dict[str, Any] = attrs.field(factory=new_dict)
    """Perplexity's ``citations`` and ``search_results``, which stand beside the choices."""
    broken: dict[str, Any] | None = None
    """The first choice that holds an error."""

    def choice(self, index: Any, at: int) -> Choice:
        """Find the choice of that *index*, or begin it; where the server gives none, its place *at* counts."""
        number = index if type(index) is int else at
        known = self.choices.get(number)
        if known is None:
            known = self.choices[number] = Choice(number)
            self.done = False
        return known


def start() -> State:
    """Begin a stream."""
    return State()


def events(state: State, frame: dict[str, Any]) -> list[StreamEvent]:
    """Translate one chunk; fold what later ones need into *state*."""
    plain = _plain(state, frame)
    if plain is not None:
        return plain
    found: list[StreamEvent] = []
    choices = frame.get("choices")
    if isinstance(choices, list):
        for at, each in enumerate(cast("list[Any]", choices)):
            if isinstance(each, dict):
                _chunk(state, cast("dict[str, Any]", each), at, found)
    _beside(state, frame)
    return found


def _plain(state: State, frame: dict[str, Any]) -> list[StreamEvent] | None:
    """Read a chunk that brings text of one known choice and nothing else, as most do; None where there may be more to it."""
    try:
        (each,) = frame["choices"]
        index, delta = each["index"], each["delta"]
        text = delta["content"]
        if type(index) is not int or index not in state.choices or type(text) is not str or len(delta) > 1:
            return None
    except (TypeError, ValueError, KeyError):
        return None
    if not (each.keys() <= _CHOICE and frame.keys() <= _CHUNK) or state.id is None or state.model is None:
        return None
    if each.get("finish_reason") or each.get("logprobs") or frame.get("usage") or frame.get("object") == "error":
        return None
    if frame.get("service_tier"):
        state.tier = text_of(frame["service_tier"])
    return [TextDelta(delta=text, index=index)] if text else []


def _chunk(state: State, each: dict[str, Any], at: int, found: list[StreamEvent]) -> None:
    choice = state.choice(each.get("index"), at)
    delta = each.get("delta")
    if isinstance(delta, dict):
        choice.delta(cast("dict[str, Any]", delta), found)
    _ending(state, choice, each)


def _ending(state: State, choice: Choice, each: dict[str, Any]) -> None:
    """Take what stands beside the message of a choice."""
    if each.get("logprobs"):
        choice.add_logprobs(object_of(each["logprobs"]))
    if each.get("finish_reason"):
        choice.reason = text_of(each["finish_reason"])
        state.done = all(known.reason for known in state.choices.values())
    if each.get("usage"):
        state.usage = object_of(each["usage"]) or state.usage
    if each.get("error") and state.broken is None:
        state.broken = each


def _beside(state: State, frame: dict[str, Any]) -> None:
    """Take what stands beside the choices."""
    if state.id is None:
        state.id = text_of(frame.get("id"))
    if state.model is None:
        state.model = text_of(frame.get("model"))
    if frame.get("service_tier"):
        state.tier = text_of(frame["service_tier"])
    usage = frame.get("usage") or object_of(frame.get("x_groq")).get("usage")
    if usage:
        state.usage = object_of(usage) or state.usage
    for name in ("citations", "search_results"):
        if frame.get(name):
            state.sources[name] = frame[name]
    if state.broken is not None:
        raise error_inside(state.broken["error"], state.broken, _counted(state))
    if frame.get("error"):
        raise error_inside(frame["error"], frame, _counted(state))
    if frame.get("object") == "error":
        raise error_inside(frame, frame, _counted(state))


def _counted(state: State) -> Usage | None:
    return None if state.usage is None else usage_of(state.usage)


def finish(state: State) -> list[StreamEvent]:
    """End the stream: complete what is still open, then one ``Finish`` a choice; the last one has the usage."""
    choices = list(state.choices.values()) or [Choice(0)]
    found = _sources(state.sources, choices[0].index)
    usage = _counted(state)
    for choice in choices:
        found += choice.close()
        found.append(
            Finish(
                index=choice.index,
                finish_reason=choice.finish_reason,
                raw_finish_reason=choice.reason,
                usage=usage if choice is choices[-1] else None,
                model=state.model,
                id=state.id,
                logprobs=choice.logprobs,
                service_tier=state.tier,
                warnings=choice.warnings,
            )
        )
    return found


def _sources(beside: dict[str, Any], index: int) -> list[StreamEvent]:
    """Tell of the sources that stand beside the choices; results say more than bare addresses."""
    results = [
        Citation(url=text_of(each.get("url")), title=text_of(each.get("title")), cited_text=text_of(each.get("snippet")), source=each)
        for each in objects_of(beside.get("search_results"))
    ]
    listed: Any = beside.get("citations")
    plain = [Citation(url=url) for url in cast("list[Any]", listed) if isinstance(url, str)] if isinstance(listed, list) else []
    return [CitationEvent(citation=each, index=index) for each in results or plain]


def decode(reply: HttpReply) -> LLMResponse[Any]:
    """Decode a whole answer (API page: chat completion object).

    Raises:
        ProviderResponseError: the body is no chat completion.
        ProviderError: the body is an error, in spite of its status.

    """
    body = whole(reply)
    plain = _plain_answer(body)
    if plain is not None:
        return fold(plain, protocol=NAME, raw=body, headers=dict(reply.headers))
    state = State()
    found: list[StreamEvent] = []
    if isinstance(body.get("choices"), list):
        for at, each in enumerate(objects_of(body["choices"])):
            choice = state.choice(each.get("index"), at)
            choice.message(object_of(each.get("message")) or object_of(each.get("delta")), found)
            _ending(state, choice, each)
    _beside(state, body)
    if not isinstance(body.get("choices"), list):
        raise ProviderResponseError("the answer is no chat completion: it has no choices", status_code=reply.status, body=body)
    return fold(found + finish(state), protocol=NAME, raw=body, headers=dict(reply.headers))


def _plain_answer(body: dict[str, Any]) -> list[StreamEvent] | None:
    """Read an answer of one choice that is text and nothing else, as most are; None where there may be more to it."""
    try:
        (each,) = body["choices"]
        index, said, reason = each["index"], each["message"], each["finish_reason"]
        text = said["content"]
        if type(index) is not int or type(text) is not str or type(reason) is not str or not (text and reason):
            return None
        if not (said.keys() <= _MESSAGE and each.keys() <= _WHOLE and body.keys() <= _CHUNK):
            return None
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    if said.get("refusal") or said.get("annotations") or each.get("logprobs") or body.get("object") == "error":
        return None
    usage = object_of(body.get("usage"))
    end = Finish(
        index=index,
        finish_reason=unified_reason(reason),
        raw_finish_reason=reason,
        usage=usage_of(usage) if usage else None,
        model=text_of(body.get("model")),
        id=text_of(body.get("id")),
        service_tier=text_of(body.get("service_tier")),
    )
    return [TextDelta(delta=text, index=index), end]
