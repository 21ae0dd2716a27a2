"""Call each recorded exchange through the ring, blocking and async, and say what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring import LLMRing
from llmring.exceptions import ProviderError, SchemaValidationError, StreamInterruptedError
from tests.protocols.wire import Outcome, differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.conformance.peer import Peer
    from tests.protocols.wire import Exchange

SECONDS = 10
"""What one call may take."""
ANY_SCHEMA: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {}}}


@attrs.frozen
class Case:
    """One exchange, as one provider of the ring's and one way to call it."""

    at: int
    exchange: Exchange
    streamed: bool

    @property
    def model(self) -> str:
        """A direct reference to the provider that says it."""
        return f"case-{self.at}:{self.exchange.expected['model'] or 'model'}"

    @property
    def options(self) -> dict[str, Any]:
        """What the call asks for beside an answer."""
        options: dict[str, Any] = {}
        wanted = self.exchange.expected.get("structured")
        if wanted:
            options["response_format"] = {"type": "json_object"} if wanted["mode"] == "json_object" else ANY_SCHEMA
        if self.exchange.expected.get("choices"):
            options["n"] = len(self.exchange.expected["choices"])
        return options


def cases_of(exchanges: Sequence[Exchange]) -> list[Case]:
    """Give every case: an HTTP error is called both plain and streamed."""
    found: list[Case] = []
    for at, exchange in enumerate(exchanges):
        ways = (False, True) if exchange.failed else (exchange.framing is not None,)
        found += [Case(at, exchange, streamed) for streamed in ways]
    return found


def ring_for(peer: Peer, protocols: Sequence[str]) -> LLMRing:
    """Make a ring whose providers are all made of configuration, one an exchange."""
    providers = {
        f"case-{at}": {"protocol": protocol, "base_url": peer.base_url(at), "api_key": "sk-not-a-key"}
        for at, protocol in enumerate(protocols)
    }
    return LLMRing(providers=providers, max_retries=0, timeout=SECONDS)


def blocking(ring: LLMRing, case: Case) -> list[str]:
    """Call *case* and wait; list what is not as recorded."""
    stream = None
    try:
        if not case.streamed:
            return _judge(case, Outcome(ring.chat(case.model, "Hi", **case.options)), parsed=True)
        stream = ring.chat_stream(case.model, "Hi", **case.options)
        events = tuple(stream)
        return _judge(case, Outcome(stream.response, None, events), parsed=True)
    except ProviderError as error:
        return list(_failed(case, error))
    except SchemaValidationError as error:
        return list(_misfit(case, error))
    finally:
        if stream is not None:
            stream.close()


async def awaited(ring: LLMRing, case: Case) -> list[str]:
    """Call *case* asynchronously; list what is not as recorded."""
    stream = None
    try:
        if not case.streamed:
            return _judge(case, Outcome(await ring.achat(case.model, "Hi", **case.options)), parsed=True)
        stream = ring.achat_stream(case.model, "Hi", **case.options)
        events = tuple([event async for event in stream])
        return _judge(case, Outcome(stream.response, None, events), parsed=True)
    except ProviderError as error:
        return list(_failed(case, error))
    except SchemaValidationError as error:
        return list(_misfit(case, error))
    finally:
        if stream is not None:
            await stream.close()


def _judge(case: Case, outcome: Outcome, *, parsed: bool) -> list[str]:
    found = [line for line in differences(case.exchange, outcome) if not line.startswith("model:")]  # ours is provider:model
    wanted = case.exchange.expected.get("structured")
    if wanted and parsed and outcome.response is not None and outcome.response.parsed != wanted["value"]:
        found.append(f"parsed: {outcome.response.parsed!r}, wanted {wanted['value']!r}")
    return found


def _failed(case: Case, error: ProviderError) -> Iterator[str]:
    """Judge an error; one that broke a stream off carries what had come, and its class is that of its cause."""
    if isinstance(error, StreamInterruptedError):
        if error.partial is None:
            yield "the interrupted stream lost what had come"
            return
        cause = error.__cause__
        assert isinstance(cause, ProviderError)
        yield from _judge(case, Outcome(error.partial, cause), parsed=False)
        if error.message != cause.message:
            yield f"message: {error.message!r}, of the cause: {cause.message!r}"
        return
    yield from _judge(case, Outcome(None, error), parsed=False)
    if error.provider != f"case-{case.at}" or error.model != case.model or len(error.attempts) != 1:
        yield f"the error does not tell its story: {error.provider}, {error.model}, {error.attempts}"


def _misfit(case: Case, error: SchemaValidationError) -> Iterator[str]:
    """Judge a refused form: the answer must really not have it, and its text must be there."""
    wanted = case.exchange.expected.get("structured")
    if not wanted or wanted["ok"]:
        yield f"raised {error!r}"
    elif error.text != (case.exchange.expected["text"] or ""):
        yield f"text of the error: {error.text!r}"
    elif error.response is not None:
        yield from (line for line in differences(case.exchange, Outcome(error.response)) if not line.startswith("model:"))
