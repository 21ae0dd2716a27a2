"""Put a scenario to a ring, and say what came of it in plain terms that recordings keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring.exceptions import LLMRingError
from tests.recording.outcome import answer_of, error_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._async.ring import AsyncLLMRing
    from llmring._gen.response import LLMResponse
    from tests.scenarios import Scenario

NOTHING: Final[Mapping[str, str]] = {}


async def answered(ring: AsyncLLMRing, scenario: Scenario, headers: Mapping[str, str] = NOTHING) -> LLMResponse[Any]:
    """Ask *ring* for the answer to *scenario*, with *headers* beside it."""
    options: dict[str, Any] = {**scenario.options, "extra_headers": headers}
    if not scenario.stream:
        return await ring.chat(scenario.reference, scenario.talk.messages, **options)
    stream = ring.chat_stream(scenario.reference, scenario.talk.messages, **options)
    async for event in stream:
        assert event.index >= 0
    return stream.response


async def outcome(ring: AsyncLLMRing, scenario: Scenario, headers: Mapping[str, str] = NOTHING) -> dict[str, Any]:
    """Ask, and give the ``answer`` or the ``error``."""
    try:
        response = await answered(ring, scenario, headers)
    except LLMRingError as error:
        return {"error": error_of(error)}
    return {"answer": answer_of(response)}
