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
from llmring.protocols.stream import Reading
from tests.recording.outcome import answer_of, error_of
from tests.recording.studio import settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from llmring._core.http import HttpReply
    from llmring._core.wire_call import PreparedCall
    from tests.recording.tape import Cassette
    from tests.scenarios import Scenario

FAILED = 400


def protocol_of(name: str) -> ModuleType:
    """Give the protocol *name*."""
    return import_module(f"llmring.protocols.{name}")


def encoded(scenario: Scenario) -> PreparedCall:
    """Encode what *scenario* asks, as it would be sent."""
    options = dict(scenario.options)
    wanted = options.pop("response_format", None)
    request = normalise(scenario.talk.messages, options, wanted, stream=scenario.stream)
    protocol = protocol_of(scenario.protocol)
    endpoint = Settings(settings(scenario, scenario.talk.key)).endpoint(scenario.provider, {})
    ready = make_ready(Candidate(scenario.provider, scenario.model), endpoint, None, protocol)
    fitted = fit(request, ready.limits).request
    return ready.prepare(protocol.encode(fitted, scenario.model), fitted)


def told(tape: Cassette, reply: HttpReply) -> dict[str, Any]:
    """Decode *reply*, a whole answer, and say what it is."""
    protocol = protocol_of(tape.protocol)
    if reply.status >= FAILED:
        return error_of(protocol.decode_error(reply))
    try:
        return answer_of(protocol.decode(reply))
    except ProviderError as error:
        return error_of(error)


def told_by(tape: Cassette, pieces: Iterable[bytes]) -> dict[str, Any]:
    """Decode a stream that arrives in *pieces*, and say what it is: the answer, or the failure and what came before."""
    protocol = protocol_of(tape.protocol)
    accumulator = Accumulator(protocol.NAME)
    reading = Reading(protocol, accumulator)
    for piece in (*pieces, None):
        reading.read(piece)
        if reading.failure is not None:
            reading.leave()
            return {**error_of(reading.failure), "partial": answer_of(accumulator.response())}
    return answer_of(accumulator.response())
