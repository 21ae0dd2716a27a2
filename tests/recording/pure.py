"""Put scenarios and recorded bytes through a protocol's functions, with no ring and no transport around them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from llmring._core.accumulate import Accumulator
from llmring._core.fit import fit
from llmring._core.normalise import normalise
from llmring._core.plan import Candidate
from llmring._core.readying import make_ready
from llmring._core.settings import Settings
from llmring.exceptions import ProviderError
from llmring.protocols.emulation import emulated
from llmring.protocols.stream import Reading
from tests.recording.outcome import answer_of, error_of
from tests.recording.studio import settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from llmring._core.fit import Fitted
    from llmring._core.http import HttpReply
    from llmring._core.target import Ready
    from llmring._core.wire_call import PreparedCall
    from tests.scenarios import Scenario

FAILED = 400


def protocol_of(name: str) -> ModuleType:
    """Give the protocol *name*."""
    return import_module(f"llmring.protocols.{name}")


def asked(scenario: Scenario) -> tuple[Ready, Fitted]:
    """Fit what *scenario* asks to its model."""
    options = dict(scenario.options)
    wanted = options.pop("response_format", None)
    request = normalise(scenario.talk.messages, options, wanted, stream=scenario.stream)
    protocol = protocol_of(scenario.protocol)
    endpoint = Settings(settings(scenario, scenario.talk.key)).endpoint(scenario.provider, {})
    ready = make_ready(Candidate(scenario.provider, scenario.model), endpoint, None, protocol)
    return ready, fit(request, ready.limits)


def encoded(scenario: Scenario) -> PreparedCall:
    """Encode what *scenario* asks, as it would be sent."""
    ready, fitted = asked(scenario)
    return ready.prepare(ready.protocol.encode(fitted.request, scenario.model), fitted.request)


def reader(scenario: Scenario) -> Any:
    """Give what reads the answer to *scenario*: its protocol, or what stands before that where something is emulated."""
    ready, fitted = asked(scenario)
    if fitted.first_call is None and not fitted.by_call:
        return ready.protocol
    return emulated(ready.protocol, fitted.first_call)


def told(scenario: Scenario, reply: HttpReply) -> dict[str, Any]:
    """Decode *reply*, a whole answer, and say what it is."""
    protocol = reader(scenario)
    if reply.status >= FAILED:
        return error_of(protocol.decode_error(reply))
    try:
        return answer_of(protocol.decode(reply))
    except ProviderError as error:
        return error_of(error)


def told_by(scenario: Scenario, pieces: Iterable[bytes]) -> dict[str, Any]:
    """Decode a stream that arrives in *pieces*, and say what it is: the answer, or the failure and what came before."""
    protocol = reader(scenario)
    accumulator = Accumulator(protocol.NAME)
    reading = Reading(protocol, accumulator)
    for piece in (*pieces, None):
        reading.read(piece)
        if reading.failure is not None:
            reading.leave()
            return {**error_of(reading.failure), "partial": answer_of(accumulator.response())}
    return answer_of(accumulator.response())
