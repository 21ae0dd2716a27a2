"""Make the planned calls, blocking and asynchronous, and tell what came of each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import attrs

from llmring._gen.stream import TextDelta
from llmring.exceptions import LLMRingError
from tests.chaos.plan import QUESTIONS

if TYPE_CHECKING:
    from llmring import LLMRing
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent
    from tests.chaos.plan import Plan


@attrs.define
class Told:
    """What came of a call."""

    plan: Plan
    response: LLMResponse[Any] | None = None
    error: LLMRingError | None = None
    begun: bool = False
    """Whether a stream had begun that was left or cancelled."""
    heard: str | None = None
    """The text of a stream as it came."""
    strange: BaseException | None = None
    """An error that is none of ours."""

    @property
    def kind(self) -> str:
        """Name it for the table."""
        if self.strange is not None:
            return f"strange {type(self.strange).__name__}"
        if self.error is not None:
            return type(self.error).__name__
        return "answer" if self.response is not None else self.plan.end


def blocking(ring: LLMRing, plan: Plan) -> Told:
    """Make the call *plan* and wait."""
    told = Told(plan)
    try:
        if not plan.stream:
            told.response = ring.chat(plan.reference, QUESTIONS[plan.question], **plan.options)
        else:
            _read(ring, plan, told)
    except LLMRingError as error:
        told.error = error
    except BaseException as error:  # noqa: BLE001 - it is told
        told.strange = error
    return told


def _read(ring: LLMRing, plan: Plan, told: Told) -> None:
    stream = ring.chat_stream(plan.reference, QUESTIONS[plan.question], **plan.options)
    heard: list[StreamEvent] = []
    for event in stream:
        heard.append(event)
        if plan.end in {"leave", "drop"} and len(heard) > plan.patience:
            told.begun = True
            if plan.end == "leave":
                stream.close()
            return
    told.heard, told.response = _text(heard), stream.response


async def awaited(ring: LLMRing, plan: Plan) -> Told:
    """Make the call *plan* asynchronously."""
    told = Told(plan)
    task = asyncio.ensure_future(_asked(ring, plan, told))
    try:
        if plan.end == "cancel":
            await asyncio.wait([task], timeout=plan.patience / 1000)
            task.cancel()
        await task
    except asyncio.CancelledError:
        pass
    except LLMRingError as error:
        told.error = error
    except BaseException as error:  # noqa: BLE001 - it is told
        told.strange = error
    return told


async def _asked(ring: LLMRing, plan: Plan, told: Told) -> None:
    if not plan.stream:
        told.response = await ring.achat(plan.reference, QUESTIONS[plan.question], **plan.options)
        return
    stream = ring.achat_stream(plan.reference, QUESTIONS[plan.question], **plan.options)
    heard: list[StreamEvent] = []
    try:
        async for event in stream:
            heard.append(event)
            if plan.end in {"leave", "drop"} and len(heard) > plan.patience:
                told.begun = True
                if plan.end == "leave":
                    await stream.close()
                return
    except asyncio.CancelledError:
        told.begun = stream._opening is not None
        raise
    told.heard, told.response = _text(heard), stream.response


def _text(events: list[StreamEvent]) -> str:
    return "".join(event.delta for event in events if isinstance(event, TextDelta) and event.index == 0)
