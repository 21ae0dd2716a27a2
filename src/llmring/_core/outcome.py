"""How a call went: attempts as they are made, the response they end in, or the one error that tells the story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.pricing import quote
from llmring._core.window import cut
from llmring._gen.message import Message
from llmring._gen.response import Attempt
from llmring.exceptions import LLMRingError, ProviderError

if TYPE_CHECKING:
    from datetime import datetime

    from llmring._core.plan import Plan
    from llmring._core.request import NormalRequest
    from llmring._core.target import Ready
    from llmring._core.window import Prompt
    from llmring._gen.response import LLMResponse
    from llmring.exceptions import SchemaValidationError

CLOSED: Final = "closed"
"""How a stream ended that was left before its end."""


class Walk:
    """The way of one call through its pool so far."""

    __slots__ = ("attempts", "began", "plan", "prompt", "warnings", "when")

    def __init__(self, plan: Plan, began: float, when: datetime) -> None:
        """Begin to walk *plan*: at *began* on the clock that measures, at *when* on the one that dates prices."""
        self.plan = plan
        self.began = began
        self.when = when
        self.attempts: list[Attempt] = []
        self.warnings: tuple[str, ...] = ()
        """What fitting the request to the model at hand has cost."""
        self.prompt: Prompt | None = None
        """What was sent, if the model at hand may have seen less of it."""

    def failed(self, model: str, error: ProviderError, seconds: float) -> None:
        """Note that *model* failed after *seconds*."""
        self.attempts.append(
            Attempt(model=model, outcome=type(error).__name__, error=error.message, status_code=error.status_code, seconds=seconds)
        )

    def succeeded(self, model: str, seconds: float) -> None:
        """Note that *model* answered after *seconds*."""
        self.attempts.append(Attempt(model=model, outcome="ok", seconds=seconds))


def finished(response: LLMResponse[Any], ready: Ready, walk: Walk, now: float) -> LLMResponse[Any]:
    """Complete a decoded *response*: who answered, at what cost, after which attempts."""
    cost, reason = quote(response.usage, ready.info, service_tier=response.service_tier, when=walk.when)
    attempts = [*walk.attempts[:-1], attrs.evolve(walk.attempts[-1], usage=response.usage, cost=cost)]
    short = cut(walk.prompt, response.usage)
    warnings = [*response.warnings, *walk.warnings, *([short] if short else []), *([f"no cost: {reason}"] if reason else [])]
    return attrs.evolve(
        response,
        model=ready.name,
        provider=ready.candidate.provider,
        alias=walk.plan.alias,
        profile=walk.plan.profile,
        cost=cost,
        attempts=attempts,
        warnings=warnings,
        latency=now - walk.began,
    )


def told(failures: list[LLMRingError], walk: Walk) -> LLMRingError:
    """Give the last of *failures*, with the earlier ones as notes and every attempt."""
    last = failures[-1]
    for earlier in failures[:-1]:
        model = getattr(earlier, "model", None)
        last.add_note(f"before that{f', {model}' if model else ''}: {type(earlier).__name__}: {earlier.message}")
    if isinstance(last, ProviderError):
        last.attempts = tuple(walk.attempts)
    return last


def repair_request(request: NormalRequest, misfit: SchemaValidationError) -> NormalRequest:
    """Ask again, showing the model its answer and what is wrong with it."""
    turns = (
        Message(role="assistant", content=misfit.text or "(no answer)"),
        Message(role="user", content=f"{misfit.message}\nAnswer again, with the corrected JSON only."),
    )
    return attrs.evolve(request, messages=(*request.messages, *turns))
