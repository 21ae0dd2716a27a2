"""``llmring chat``: one question, one answer, shown as it comes or as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring import Message, ProviderError
from llmring.cli.rings import ring
from llmring.cli.sending import content, named
from llmring.cli.terminal import note, say, say_json
from llmring.cli.writers import Markdown, Plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmring import Attempt, LLMResponse, SyncChatStream
    from llmring.cli.writers import Writer

SHAPE = (
    "content",
    "parsed",
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
    files: Sequence[str] = ()
    options: dict[str, Any] = attrs.field(factory=dict[str, Any])

    @property
    def opening(self) -> list[Message]:
        """What comes before the first turn."""
        return [Message(role="system", content=self.system)] if self.system else []

    @property
    def turn(self) -> Message:
        """The turn to send."""
        return Message(role="user", content=content(self.prompt, self.files))

    @property
    def given(self) -> dict[str, Any]:
        """The options that were given."""
        return {key: value for key, value in self.options.items() if value is not None}


def answer(question: Question, *, live: bool, markdown: bool, as_json: bool, verbose: bool) -> None:
    """Ask, and write the answer: as it comes when *live*, laid out with *markdown*, as JSON with *as_json*."""
    messages = [*question.opening, question.turn]
    try:
        with named(question.files), ring() as made:
            if live:
                response = streamed(
                    made.chat_stream(question.model, messages, **question.given), None if as_json else writer(markdown=markdown)
                )
            else:
                response: LLMResponse[Any] = made.chat(question.model, messages, **question.given)
    except ProviderError as error:
        for line in _attempts(error.attempts) if verbose else ():
            note(line)
        raise
    if as_json:
        say_json(plain(response))
    elif not live:
        whole(response.content, markdown=markdown)
    for line in remarks(response, verbose=verbose, as_json=as_json):
        note(line)


def writer(*, markdown: bool) -> Writer:
    """Give what an answer is written by."""
    return Markdown() if markdown else Plain()


def whole(text: str, *, markdown: bool) -> None:
    """Write an answer that is there as a whole."""
    if markdown:
        laid_out = Markdown()
        laid_out.more(text)
        laid_out.end()
    else:
        say(text)


def streamed(stream: SyncChatStream[Any], to: Writer | None) -> LLMResponse[Any]:
    """Write what *stream* brings, whatever ends it, and give its response."""
    with stream:
        try:
            for event in stream:
                if to is not None:
                    to.more(event.delta)
        except KeyboardInterrupt:
            if isinstance(to, Markdown):
                to.end()
            raise
        except ProviderError:
            if to is not None:
                to.end()
            raise
        if to is not None:
            to.end()
        return stream.response


def plain(response: LLMResponse[Any]) -> dict[str, Any]:
    """Give *response* in the stable shape of ``--json``."""
    found = response.to_dict()
    found["attempts"] = [{key: attempt.get(key) for key in ATTEMPT} for attempt in found.get("attempts", [])]
    empty: dict[str, Any] = {"content": "", "tool_calls": [], "citations": [], "warnings": []}
    return {key: found.get(key, empty.get(key)) for key in SHAPE}


def remarks(response: LLMResponse[Any], *, verbose: bool, as_json: bool) -> Iterator[str]:
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
