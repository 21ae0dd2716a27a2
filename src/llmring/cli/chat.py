"""``llmring chat``: one question, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring import LLMRing, Message
from llmring.cli.terminal import note, say, say_json

if TYPE_CHECKING:
    from llmring import LLMResponse

SHAPE = (
    "content",
    "reasoning",
    "refusal",
    "tool_calls",
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
"""The keys of ``--json``, always all of them."""


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
    with LLMRing() as ring:
        response = _streamed(ring, question, options, as_json=as_json) if live else ring.chat(question.model, question.messages, **options)
    if as_json:
        say_json(plain(response))
    elif not live:
        say(response.content)
    if response.refusal and not as_json:
        note(f"declined: {response.refusal}")
    for warning in response.warnings if verbose else ():
        note(f"warning: {warning}")
    if verbose:
        _tell(response)


def _streamed(ring: LLMRing, question: Question, options: dict[str, Any], *, as_json: bool) -> LLMResponse[Any]:
    with ring.chat_stream(question.model, question.messages, **options) as stream:
        for event in stream:
            if event.delta and not as_json:
                say(event.delta, end="")
        if not as_json:
            say()
        return stream.response


def plain(response: LLMResponse[Any]) -> dict[str, Any]:
    """Give *response* in the stable shape of ``--json``."""
    found = response.to_dict()
    empty: dict[str, Any] = {"tool_calls": [], "attempts": [], "warnings": []}
    return {key: found.get(key, empty.get(key)) for key in SHAPE}


def _tell(response: LLMResponse[Any]) -> None:
    usage = response.usage
    cost = "unknown" if response.cost is None else f"${response.cost.total:.6f}"
    note(f"model: {response.model}" + (f" (alias {response.alias}, profile {response.profile})" if response.alias else ""))
    note(f"tokens: {usage.input_tokens} in, {usage.output_tokens} out; cost: {cost}; {response.latency:.2f} s")
    for attempt in response.attempts:
        note(f"attempt: {attempt.model}: {attempt.outcome}, {attempt.seconds:.2f} s" + (f" ({attempt.error})" if attempt.error else ""))
