"""Recorded exchanges as test data: where they are, what each must decode to; any protocol may ask.

The recordings are no part of the project: ``LLMRING_SHARED`` names their folder, else ``shared`` beside the repository.
"""

from __future__ import annotations

import json
import os
import random
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from llmring._core.accumulate import Accumulator
from llmring._core.http import HttpReply
from llmring.exceptions import (
    ContentFilterError,
    ContextWindowExceededError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderAuthenticationError,
    ProviderError,
    ProviderOverloadedError,
    ProviderPermissionError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderServerError,
    ProviderTimeoutError,
)
from llmring.protocols.framing import DONE, Framing, decoder, frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent
    from llmring._gen.tool import ToolCall
    from llmring._gen.usage import Usage

_BESIDE: Final = Path(__file__).parents[3] / "shared"
WIRE: Final = Path(os.environ.get("LLMRING_SHARED", _BESIDE)) / "wire"
KINDS: Final = ("generation", "error")
CLASSES: Final[Mapping[int, tuple[type[ProviderError], ...]]] = {
    400: (InvalidRequestError, ModelNotFoundError, ContentFilterError, ProviderQuotaError, ProviderAuthenticationError),
    401: (ProviderAuthenticationError,),
    403: (ProviderPermissionError, ContentFilterError),
    404: (ModelNotFoundError, InvalidRequestError),
    408: (ProviderTimeoutError,),
    413: (InvalidRequestError,),
    422: (InvalidRequestError,),
    429: (ProviderRateLimitError, ProviderQuotaError, ContextWindowExceededError),  # more tokens than a minute has
    500: (ProviderServerError, ProviderOverloadedError),
    503: (ProviderOverloadedError,),
    529: (ProviderOverloadedError,),
}
"""What an HTTP error of each status may become."""


class Wire(Protocol):
    """What a protocol module exports for decoding."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module's constant
        """The protocol's name."""
        ...

    @property
    def FRAMING(self) -> Framing:  # noqa: N802 - a module's constant
        """How its streams are cut."""
        ...

    def decode(self, reply: HttpReply) -> LLMResponse[Any]:
        """Decode a whole answer."""
        ...

    def decode_error(self, reply: HttpReply) -> ProviderError:
        """Decode an error."""
        ...

    def start(self) -> Any:
        """Begin a stream."""
        ...

    def events(self, state: Any, frame: dict[str, Any]) -> list[StreamEvent]:
        """Translate one object of a stream."""
        ...

    def finish(self, state: Any) -> list[StreamEvent]:
        """End a stream."""
        ...


@attrs.frozen
class Exchange:
    """One recorded exchange and what it must decode to."""

    name: str
    tags: tuple[str, ...]
    status: int
    headers: dict[str, str]
    framing: str | None
    body: bytes
    """The answer's bytes: a whole body, or a stream's raw text."""
    request: dict[str, Any] | None
    expected: dict[str, Any] = attrs.field(repr=False)
    accept: dict[str, Any] = attrs.field(repr=False)
    """Fields with more than one right reading, and these."""

    def __str__(self) -> str:
        """Name the exchange, for test ids."""
        return self.name

    @property
    def left_out(self) -> str | None:
        """Say why the exchange is left out of strict checks; None where it is not."""
        if "maybe_synthetic" in self.tags:
            return "maybe_synthetic"
        elided = next((tag for tag in self.tags if tag.endswith("_elided")), None)
        return elided or ("json_array framing" if self.framing == "json_array" else None)

    @property
    def failed(self) -> bool:
        """Whether the answer is an HTTP error."""
        return self.expected["kind"] == "error" and self.status >= 400

    @property
    def reply(self) -> HttpReply:
        """The answer as a protocol gets it."""
        return HttpReply(self.status, self.headers, self.body)

    def accepted(self, field: str, value: Any) -> tuple[Any, ...]:
        """Give all right readings of *field*, whose usual one is *value*."""
        return (value, *self.accept.get(field, ()))


def present() -> bool:
    """Tell whether the recordings are on this machine."""
    return (WIRE / "INDEX.json").is_file()


def cases(provider: str, api: str, *, kinds: Iterable[str] = KINDS, left_out: bool = False) -> list[Exchange]:
    """Read the exchanges of *provider* and *api*; with *left_out* also those not checked strictly. Empty where none are here.

    *provider* is ``openai``, ``anthropic``, ``gemini``, ``ollama`` or ``openai_compatible`` (all vendors).
    """
    rows = [row for row in _index() if row["provider"] == provider and row["api"] == api and _expected()[row["name"]]["kind"] in kinds]
    read = [_read(row) for row in rows]
    return [exchange for exchange in read if left_out or exchange.left_out is None]


@cache
def _index() -> list[dict[str, Any]]:
    return json.loads((WIRE / "INDEX.json").read_text())["exchanges"] if present() else []


@cache
def _expected() -> dict[str, dict[str, Any]]:
    return json.loads((WIRE / "expected.json").read_text())


@cache
def _accept() -> dict[str, list[dict[str, Any]]]:
    return json.loads((WIRE / "ACCEPT.json").read_text())


def _read(row: dict[str, Any]) -> Exchange:
    record = json.loads((WIRE / row["file"]).read_text())
    response = record["response"]
    raw = response.get("raw")
    body = json.dumps(response["body"], ensure_ascii=False).encode() if raw is None else raw.encode()
    accept = {each["field"]: each["value"]["accept"] for each in _accept().get(row["name"], ())}
    return Exchange(
        row["name"],
        tuple(row["tags"]),
        response["status"],
        dict(response["headers"] or {}),
        response["framing"],
        body,
        record["request"],
        _expected()[row["name"]],
        accept,
    )


# --- decoding ------------------------------------------------------------------------------------


@attrs.frozen
class Outcome:
    """What became of an exchange: an answer, or an error with what had come before it."""

    response: LLMResponse[Any] | None
    error: ProviderError | None = None
    events: tuple[StreamEvent, ...] = ()
    ended: bool = True
    """Of a stream: whether its end was marked."""


def replay(protocol: Wire, exchange: Exchange, chunks: Iterable[bytes] | None = None) -> Outcome:
    """Decode *exchange* as *protocol* does; a stream from *chunks*, by default in one piece."""
    if exchange.failed:
        return Outcome(None, protocol.decode_error(exchange.reply))
    if exchange.framing is None:
        try:
            return Outcome(protocol.decode(exchange.reply))
        except ProviderError as error:
            return Outcome(None, error)
    return stream(protocol, [exchange.body] if chunks is None else chunks)


def stream(protocol: Wire, chunks: Iterable[bytes]) -> Outcome:
    """Decode the bytes of a stream, as the engine does."""
    state = protocol.start()
    events: list[StreamEvent] = []
    error = None
    try:
        for payload in _payloads(protocol.FRAMING, chunks):
            if payload == DONE:
                state.done = True
                break
            read = frame(payload)
            if read is not None:
                events += protocol.events(state, read)
        events += protocol.finish(state)
    except ProviderError as raised:
        error = raised
    accumulator = Accumulator(protocol.NAME)
    for event in events:
        accumulator.add(event)
    return Outcome(accumulator.response(), error, tuple(events), state.done)


def _payloads(framing: Framing, chunks: Iterable[bytes]) -> Iterator[bytes]:
    cutter = decoder(framing)
    for chunk in chunks:
        yield from cutter.feed(chunk)
    yield from cutter.flush()


def cut(data: bytes, seed: int, longest: int = 200) -> list[bytes]:
    """Cut *data* at random places, inside characters too."""
    places = random.Random(seed)
    chunks: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + places.randint(1, longest)
        chunks.append(data[at:end])
        at = end
    return chunks


# --- comparing -----------------------------------------------------------------------------------


def differences(exchange: Exchange, outcome: Outcome) -> list[str]:
    """List where *outcome* is not what *exchange* must decode to; none is right."""
    wanted = exchange.expected
    told = wanted["error"]
    if told is not None:
        if outcome.error is None:
            return [] if "answer" in exchange.accept.get("error", ()) else [f"no error, wanted {told}"]
        found = list(_error(exchange, outcome.error, told))
        return (
            found if wanted["kind"] == "error" or outcome.response is None else [*found, *_answer(exchange, outcome.response, partial=True)]
        )
    if outcome.error is not None:
        accepted = exchange.accept.get("error", ())
        named = f"typed {type(outcome.error).__name__}"
        return [] if named in accepted else [f"raised {outcome.error!r}"]
    assert outcome.response is not None
    return list(_answer(exchange, outcome.response))


def _answer(exchange: Exchange, response: LLMResponse[Any], *, partial: bool = False) -> Iterator[str]:
    wanted = exchange.expected
    yield from _differs("text", response.content, wanted["text"] or "")
    yield from _differs("thinking", _squeezed(response.reasoning), _squeezed(wanted["thinking"]))
    yield from _differs("refusal", response.refusal or None, wanted["refusal"] or None)
    yield from _calls(response.tool_calls, wanted["tool_calls"], partial=partial)
    if partial:
        return
    reasons = exchange.accepted("finish_reason", wanted["finish_reason"])
    if response.raw_finish_reason not in reasons:
        yield f"finish_reason: {response.raw_finish_reason!r}, wanted one of {reasons!r}"
    yield from _usage(exchange, response.usage)
    yield from _choices(response, wanted.get("choices") or [])
    for field, got in (("response_id", response.id), ("model", response.model)):
        if wanted[field]:
            yield from _differs(field, got, wanted[field])


def _choices(response: LLMResponse[Any], wanted: list[dict[str, Any]]) -> Iterator[str]:
    for each in wanted:
        got = next((choice for choice in response.choices if choice.index == each["index"]), None)
        text, reason = (got.content, got.raw_finish_reason) if got else (None, None)
        yield from _differs(f"choices[{each['index']}]", (text, reason), (each["text"], each["finish_reason"]))


def _calls(got: list[ToolCall], wanted: list[dict[str, Any]], *, partial: bool) -> Iterator[str]:
    if not partial:
        yield from _differs("number of tool calls", len(got), len(wanted))
    for at, (call, each) in enumerate(zip(got, wanted, strict=False)):
        yield from _differs(f"tool_calls[{at}].name", call.name, each["name"])
        if each["id"]:
            yield from _differs(f"tool_calls[{at}].id", call.id, each["id"])
        elif not call.id:
            yield f"tool_calls[{at}] has no id"
        if each.get("arguments_valid_json", True):
            yield from _differs(f"tool_calls[{at}].arguments", call.arguments, each["arguments"])
        else:
            yield from _differs(f"tool_calls[{at}].raw_arguments", call.raw_arguments, each["arguments_raw"])
        if each.get("has_thought_signature") and call.signature is None:
            yield f"tool_calls[{at}] lost its signature"
    if len({call.id for call in got}) < len(got) and len({each["id"] for each in wanted}) == len(wanted):
        yield "two tool calls share an id"


def _usage(exchange: Exchange, usage: Usage) -> Iterator[str]:
    raw = exchange.expected["usage"]
    if raw is None:
        return
    if "usage" in exchange.accept:
        return  # listed where no single reading is right
    number = {key: value or 0 for key, value in raw.items()}
    cached = 0 if raw["input_includes_cache"] else number["cached_read"] + number["cache_write"]
    given = number["input"] + cached + number.get("tool_use_input", 0)
    made = number["output"] + (0 if raw["output_includes_reasoning"] else number["reasoning"])
    pairs = [(given, made), *map(tuple, exchange.accept.get("usage.rebased_input_output", ()))]
    pairs += [(other, made) for other in exchange.accept.get("usage.rebased_input", ())]
    pairs += [(given, other) for other in exchange.accept.get("usage.output", ())]
    if (usage.input_tokens, usage.output_tokens) not in pairs:
        yield f"usage: {usage.input_tokens, usage.output_tokens}, wanted one of {pairs}"
    yield from _differs("usage.total", usage.total_tokens, usage.input_tokens + usage.output_tokens)
    parts = {
        "cached_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
        "reasoning": usage.reasoning_tokens,
    }
    if (given, made) == (usage.input_tokens, usage.output_tokens):
        for field, got in parts.items():
            if raw[field] is not None:
                yield from _differs(f"usage.{field}", got, raw[field])


def _error(exchange: Exchange, error: ProviderError, told: dict[str, Any]) -> Iterator[str]:
    yield from _differs("error.status_code", error.status_code, exchange.status)
    if _unquoted(error.message) != _unquoted(told["message"]):
        yield f"error.message: {error.message!r}, wanted {told['message']!r}"
    for field in ("type", "param"):
        if told[field]:
            yield from _differs(f"error.{field}", getattr(error, field), told[field])
    if told["code"] is not None:
        yield from _differs("error.code", error.code, str(told["code"]))
    if told.get("retry_after") is not None:
        yield from _differs("error.retry_after", error.retry_after, float(told["retry_after"]))
    kinds = CLASSES.get(exchange.status)
    if kinds is not None and not isinstance(error, kinds):
        yield f"error class: {type(error).__name__} for status {exchange.status}"


def _unquoted(text: str) -> str:
    """Give the words of an error; a string that is JSON again is taken as what it says."""
    return text.strip().strip('"')


def _squeezed(text: str | None) -> str:
    return "".join((text or "").split())


def _differs(what: str, got: Any, wanted: Any) -> Iterator[str]:
    if got != wanted:
        yield f"{what}: {got!r}, wanted {wanted!r}"
