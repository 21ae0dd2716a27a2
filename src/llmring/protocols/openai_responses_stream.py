"""The events of the Responses API, one by one; a whole response is read as the last of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.making import plain_usage
from llmring._gen.providers import PROVIDERS
from llmring._gen.stream import Finish
from llmring.protocols.openai_chat_errors import error_inside
from llmring.protocols.openai_responses_items import MessageItem, ReasoningItem
from llmring.protocols.openai_responses_output import Output
from llmring.protocols.reading import count_of, object_of, text_of

if TYPE_CHECKING:
    from llmring._gen.response import FinishReason
    from llmring._gen.stream import StreamEvent
    from llmring._gen.usage import Usage

_WORDS: Final[dict[str, tuple[type[MessageItem | ReasoningItem], str, str]]] = {
    "response.output_text.delta": (MessageItem, "text", "content_index"),
    "response.refusal.delta": (MessageItem, "refusal", "content_index"),
    "response.reasoning_summary_text.delta": (ReasoningItem, "summary", "summary_index"),
    "response.reasoning_text.delta": (ReasoningItem, "content", "content_index"),
}
"""Event -> the item that it extends, its section, and what it calls the number of the part."""
_REASONS: Final = PROVIDERS["openai"]["finish_reasons"]


@attrs.define
class State:
    """What the events of one response have told so far."""

    done: bool = False
    """Whether the response has ended."""
    finished: bool = False
    owing: bool = False
    """Whether there was an error that ``response.failed``, with the usage, may follow."""
    output: Output = attrs.field(factory=Output)
    id: str | None = None
    model: str | None = None
    tier: str | None = None
    reason: str | None = None
    usage: dict[str, Any] | None = None


def start() -> State:
    """Begin a response."""
    return State()


def events(state: State, frame: dict[str, Any]) -> list[StreamEvent]:
    """Translate one event (docs: Responses, streaming events); unknown ones pass silently, and all after the end."""
    kind = frame.get("type")
    if state.finished:
        return []
    if isinstance(kind, str) and kind in _WORDS:
        return state.output.words(frame, *_WORDS[kind])
    match frame:
        case {"type": "response.function_call_arguments.delta"}:
            return state.output.arguments(frame, "function_call")
        case {"type": "response.custom_tool_call_input.delta"}:
            return state.output.arguments(frame, "custom_tool_call")
        case {"type": "response.output_item.added", "item": dict()}:
            return state.output.added(frame, frame["item"])
        case {"type": "response.output_item.done", "item": dict()}:
            return state.output.done(frame, frame["item"])
        case {"type": "response.output_text.annotation.added"}:
            return state.output.cite(frame)
        case {"type": "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled"}:
            return end(state, object_of(frame.get("response")), str(kind).removeprefix("response."))
        case {"type": "error"}:
            state.owing = True
            raise error_inside(frame.get("error") or frame, frame, _counted(state))
        case {"type": str(), "response": dict()}:
            _note(state, frame["response"])
        case {"error": error} if error and kind is None:
            raise error_inside(error, frame, _counted(state))
        case _:
            pass
    return []


def end(state: State, response: dict[str, Any], status: str | None) -> list[StreamEvent]:
    """Take the whole *response*, which has the last word; *status* counts where it gives none.

    Raises:
        ProviderError: the response failed.

    """
    _note(state, response)
    state.owing = False
    status = text_of(response.get("status")) or status
    error = response.get("error")
    if error or status == "failed":
        raise error_inside(error or {"message": "the response failed; the provider does not say why"}, response, _counted(state))
    why = text_of(object_of(response.get("incomplete_details")).get("reason"))
    state.reason = why or status if status == "incomplete" else status
    state.done = True
    return state.output.settle(response.get("output")) + finish(state)


def _note(state: State, response: dict[str, Any]) -> None:
    """Note what *response* says of itself."""
    state.id = text_of(response.get("id")) or state.id
    state.model = text_of(response.get("model")) or state.model
    state.tier = text_of(response.get("service_tier")) or state.tier
    state.usage = object_of(response.get("usage")) or state.usage


def finish(state: State) -> list[StreamEvent]:
    """End the response, once; calls that were left open count only when it came to its end."""
    if state.finished:
        return []
    state.finished = True
    told = state.output.close() if state.done else []
    logprobs = state.output.logprobs
    told.append(
        Finish(
            finish_reason=_reason(state),
            raw_finish_reason=state.reason,
            usage=_counted(state),
            model=state.model,
            id=state.id,
            logprobs={"content": logprobs} if logprobs else None,
            service_tier=state.tier,
        )
    )
    return told


def _reason(state: State) -> FinishReason | None:
    """Give why the response ended in the unified words; a completed one may wait for results, or decline."""
    unified = None if state.reason is None else cast("FinishReason", _REASONS.get(state.reason, "other"))
    if unified in (None, "stop"):
        if state.output.called:
            return "tool_calls"
        if state.output.refused:
            return "refusal"
    return unified


def _counted(state: State) -> Usage | None:
    return None if state.usage is None else usage_of(state.usage)


def usage_of(raw: dict[str, Any]) -> Usage:
    """Give the counters of *raw*: input with cached tokens, output with reasoning, which a few servers count beside it."""
    given, made, total = count_of(raw.get("input_tokens")), count_of(raw.get("output_tokens")), count_of(raw.get("total_tokens"))
    details = object_of(raw.get("input_tokens_details"))
    reasoning = count_of(object_of(raw.get("output_tokens_details")).get("reasoning_tokens"))
    if reasoning and total - given - made == reasoning:
        made += reasoning
    return plain_usage(
        given,
        made,
        cache_read=count_of(details.get("cached_tokens")),
        cache_write=count_of(details.get("cache_write_tokens")),
        reasoning=reasoning,
    )
