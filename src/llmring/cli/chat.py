"""``llmring chat``: one question, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring import Message, ProviderError
from llmring.cli.rings import ring
from llmring.cli.terminal import note, say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmring import Attempt, LLMResponse, SyncChatStream

SHAPE = (
    "content",
    "reasoning",
    "refusal",
    "tool_calls",
    "citations",
    "finish_reason",
    "model",
    "provider",
    "alias",
    "profile",
    "id",
    "usage",
    "cost",
    "attempts",
    "warnings",
    "latency",
)
"""The keys of ``--json``, always all of them, in this order."""
ATTEMPT = ("model", "outcome", "error", "status_code", "seconds", "usage", "cost")
"""The keys of each of its attempts."""

_CUT = {
    "length": "the answer was cut off at the limit of tokens; raise --max-tokens",
    "content_filter": "the answer was cut off by the provider's content filter",
    "error": "the answer ended with an error of the provider",
}
"""What is worth saying of an ending, though not asked for."""


@attrs.frozen
class Question:
    """What is asked, of which model."""

    prompt: str
    model: str
    system: str | None = None
    options: dict[str, Any] = attrs.field(factory=dict[str, Any])

    @property
    def messages(self) -> list[Message]:
        """The conversation to send."""
        system = [Message(role="system", content=self.system)] if self.system else []
        return [*system, Message(role="user", content=self.prompt)]


def answer(question: Question, *, live: bool, as_json: bool, verbose: bool) -> None:
    """Ask, and write the answer: as it comes when *live*, as JSON with *as_json*."""
    options = {key: value for key, value in question.options.items() if value is not None}
    try:
        with ring() as made:
            if live:
                response = _streamed(made.chat_stream(question.model, question.messages, **options), shown=not as_json)
            else:
                response: LLMResponse[Any] = made.chat(question.model, question.messages, **options)
    except ProviderError as error:
        for line in _attempts(error.attempts) if verbose else ():
            note(line)
        raise
    if as_json:
        say_json(plain(response))
    elif not live:
        say(response.content)
    for line in _remarks(response, verbose=verbose, as_json=as_json):
        note(line)


def _streamed(stream: SyncChatStream[Any], *, shown: bool) -> LLMResponse[Any]:
    last = "\n"
    with stream:
        try:
            for event in stream:
                if event.delta and shown:
                    last = event.delta
                    say(last, end="")
        except ProviderError:
            _end(last)
            raise
        _end(last)
        return stream.response


def _end(last: str) -> None:
    """End the line that *last* may have left open; after an interruption click does."""
    if not last.endswith("\n"):
        say()


def plain(response: LLMResponse[Any]) -> dict[str, Any]:
    """Give *response* in the stable shape of ``--json``."""
    found = response.to_dict()
    found["attempts"] = [{key: attempt.get(key) for key in ATTEMPT} for attempt in found.get("attempts", [])]
    empty: dict[str, Any] = {"content": "", "tool_calls": [], "citations": [], "warnings": []}
    return {key: found.get(key, empty.get(key)) for key in SHAPE}


def _remarks(response: LLMResponse[Any], *, verbose: bool, as_json: bool) -> Iterator[str]:
    """Say what a reader has to know beside the answer, and with *verbose* how it came about."""
    if response.refusal and not as_json:
        yield f"declined: {response.refusal}"
    if response.finish_reason in _CUT:
        yield _CUT[response.finish_reason]
    if not verbose:
        return
    yield from (f"warning: {warning}" for warning in response.warnings)
    usage = response.usage
    cost = "unknown" if response.cost is None else f"${response.cost.total:.6f}"
    yield f"model: {response.model}" + (f" (alias {response.alias}, profile {response.profile})" if response.alias else "")
    yield f"tokens: {usage.input_tokens} in, {usage.output_tokens} out; cost: {cost}; {response.latency:.2f} s"
    yield from _attempts(response.attempts)


def _attempts(attempts: Iterable[Attempt]) -> Iterator[str]:
    for attempt in attempts:
        yield f"attempt: {attempt.model}: {attempt.outcome}, {attempt.seconds:.2f} s" + (f" ({attempt.error})" if attempt.error else "")
