"""Decode Ollama's chat answers, whole and line by line, into the same events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._base import new_list
from llmring._core.accumulate import fold
from llmring._core.jsontext import loads
from llmring._core.making import plain_usage
from llmring._gen.providers import PROVIDERS
from llmring._gen.stream import Finish, ReasoningDelta, StreamEvent, TextDelta, ToolCallComplete
from llmring._gen.tool import ToolCall
from llmring.exceptions import ProviderResponseError
from llmring.protocols.failure import failure
from llmring.protocols.framing import whole
from llmring.protocols.reading import count_of, json_of, object_of, objects_of, text_of

if TYPE_CHECKING:
    from llmring._core.http import HttpReply
    from llmring._gen.response import FinishReason, LLMResponse
    from llmring._gen.usage import Usage
    from llmring.exceptions import ProviderError

NAME: Final = "ollama_chat"

_REASONS: Final = PROVIDERS["ollama"]["finish_reasons"]
_COUNTERS: Final = ("prompt_eval_count", "eval_count")


@attrs.define
class State:
    """What the lines of one answer have told so far."""

    done: bool = False
    """Whether the last line has come."""
    model: str | None = None
    reason: str | None = None
    usage: Usage | None = None
    calls: list[dict[str, Any]] = attrs.field(factory=new_list)
    """Each is whole; they come on lines of their own, several under one index or none."""
    logprobs: list[Any] = attrs.field(factory=new_list)


def start() -> State:
    """Begin a stream."""
    return State()


def events(state: State, frame: dict[str, Any]) -> list[StreamEvent]:
    """Translate one line; fold what the end needs into *state*."""
    found: list[StreamEvent] = []
    message = frame.get("message")
    if isinstance(message, dict):
        _said(state, cast("dict[str, Any]", message), found)
    if frame.get("logprobs"):
        state.logprobs += objects_of(frame["logprobs"])
    if frame.get("done") or "done_reason" in frame:
        _ended(state, frame)
    if frame.get("error"):
        raise _failure(200, {}, frame, state.usage)
    return found


def _said(state: State, message: dict[str, Any], found: list[StreamEvent]) -> None:
    thinking, content = message.get("thinking"), message.get("content")
    if thinking:
        found.append(ReasoningDelta(reasoning=json_of(thinking), block=0))
    if content:
        found.append(TextDelta(delta=json_of(content)))
    if message.get("tool_calls"):
        state.calls += objects_of(message["tool_calls"])


def _ended(state: State, frame: dict[str, Any]) -> None:
    """Take what the last line tells; a prompt that came from the cache whole has no counter."""
    state.done = frame.get("done") is True
    state.model = text_of(frame.get("model"))
    state.reason = text_of(frame.get("done_reason"))
    state.usage = _counted(frame) or state.usage


def _counted(frame: dict[str, Any]) -> Usage | None:
    if not any(name in frame for name in _COUNTERS):
        return None
    given, made = (count_of(frame.get(name)) for name in _COUNTERS)
    return plain_usage(given, made)


def finish(state: State) -> list[StreamEvent]:
    """End the answer: the tool calls, then ``Finish``; Ollama says ``stop`` also where there are calls."""
    unified = None if state.reason is None else cast("FinishReason", _REASONS.get(state.reason, "other"))
    if state.calls and unified in (None, "stop"):
        unified = "tool_calls"
    return [
        *_calls(state.calls),
        Finish(
            finish_reason=unified,
            raw_finish_reason=state.reason,
            usage=state.usage,
            model=state.model,
            logprobs={"content": state.logprobs} if state.logprobs else None,
        ),
    ]


def _calls(told: list[dict[str, Any]]) -> list[StreamEvent]:
    """Make the calls, each with an id: a made-up one where there is none."""
    taken = {text_of(each.get("id")) for each in told}
    made: list[StreamEvent] = []
    for number, each in enumerate(told):
        function = object_of(each.get("function"))
        id_ = text_of(each.get("id")) or _fresh(number, taken)
        call = ToolCall(id=id_, name=text_of(function.get("name")) or "", arguments=json_of(function.get("arguments")))
        made.append(ToolCallComplete(tool_call=call, call=number))
    return made


def _fresh(number: int, taken: set[str | None]) -> str:
    while f"call_{number}" in taken:
        number += 1
    taken.add(f"call_{number}")
    return f"call_{number}"


def decode(reply: HttpReply) -> LLMResponse[Any]:
    """Decode a whole answer.

    Raises:
        ProviderResponseError: the body is no answer of this API.
        ProviderError: the body is an error, in spite of its status.

    """
    body = whole(reply)
    state = State()
    found = events(state, body)
    if not isinstance(body.get("message"), dict):
        raise ProviderResponseError("the answer is none of Ollama's chat: it has no message", status_code=reply.status, body=body)
    state.model = text_of(body.get("model"))
    return fold(found + finish(state), protocol=NAME, raw=body, headers=dict(reply.headers))


def decode_error(reply: HttpReply) -> ProviderError:
    """Read an error answer: one string, or a body that is not JSON."""
    try:
        body = loads(reply.body)
    except ValueError:
        body = reply.body.decode(errors="replace")
    return _failure(reply.status, reply.headers, body, _counted(object_of(body)))


def _failure(status: int, headers: Any, body: Any, usage: Usage | None = None) -> ProviderError:
    told = object_of(body).get("error", body)
    message = object_of(told).get("message", told)
    code = text_of(object_of(told).get("code"))
    return failure(status=status, headers=headers, message=json_of(message), code=code, body=body, usage=usage)
