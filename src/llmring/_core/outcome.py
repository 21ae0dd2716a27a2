"""How a call went: attempts as they are made, the response they end in, or the one error that tells the story."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from llmring._core.making import completed
from llmring._core.pricing import EXACT, quote
from llmring._core.window import cut
from llmring._gen.message import Message
from llmring._gen.response import Attempt
from llmring.exceptions import LLMRingError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from llmring._core.plan import Plan
    from llmring._core.request import NormalRequest
    from llmring._core.target import Ready
    from llmring._core.window import Prompt
    from llmring._gen.response import LLMResponse
    from llmring._gen.usage import Cost, Usage
    from llmring.exceptions import SchemaValidationError

CLOSED: Final = "closed"
"""How a stream ended that was left before its end."""


class Held(Protocol):
    """What an attempt was given beforehand, and gives back."""

    def settle(self, spent: Decimal | None, tokens: int | None) -> None:
        """Give it back but for what was *spent*."""
        ...


class Walk:
    """The way of one call through its pool so far."""

    __slots__ = ("_mark", "attempts", "began", "held", "plan", "prompt", "spent", "warnings", "when")

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
        self.spent = Decimal(0)
        """Dollars that the attempts so far have cost."""
        self.held: Held | None = None
        """What the last attempt holds until it is settled."""
        self._mark: Hashable | None = None

    @property
    def mark(self) -> Hashable:
        """What tells this call from others."""
        if self._mark is None:
            self._mark = object()
        return self._mark

    def failed(self, ready: Ready, error: ProviderError, seconds: float) -> Attempt:
        """Note that a model failed after *seconds*, and what that cost all the same; give the attempt."""
        usage = error.usage
        cost = None if usage is None else quote(usage, ready.info, when=self.when)[0]
        attempt = Attempt(
            model=ready.name,
            outcome=type(error).__name__,
            error=error.message,
            status_code=error.status_code,
            seconds=seconds,
            usage=usage,
            cost=cost,
        )
        self.attempts.append(attempt)
        self._pay(cost)
        return attempt

    def succeeded(self, model: str, seconds: float) -> None:
        """Note that *model* answered after *seconds*."""
        self.attempts.append(Attempt(model=model, outcome="ok", seconds=seconds))

    def settled(self, usage: Usage, cost: Cost | None, error: ProviderError | None = None) -> None:
        """Complete the last attempt: what it used and cost, and the *error* that its stream broke with."""
        changes: dict[str, Any] = {"usage": usage, "cost": cost}
        if error is not None:
            changes |= {"outcome": type(error).__name__, "error": error.message, "status_code": error.status_code}
        completed(self.attempts[-1], changes)
        self._pay(cost)
        held, self.held = self.held, None
        if held is not None:
            held.settle(None if cost is None else cost.total, usage.total_tokens)

    def release(self) -> None:
        """Give back what the last attempt holds, for it cost nothing."""
        held, self.held = self.held, None
        if held is not None:
            held.settle(Decimal(0), 0)

    def _pay(self, cost: Cost | None) -> None:
        if cost is not None:
            self.spent = EXACT.add(self.spent, cost.total)


def finished(response: LLMResponse[Any], ready: Ready, walk: Walk, now: float, error: ProviderError | None = None) -> LLMResponse[Any]:
    """Complete a freshly decoded *response*: who answered, at what cost, after which attempts; *error* is what broke it off."""
    cost, reason = quote(response.usage, ready.info, service_tier=response.service_tier, when=walk.when)
    walk.settled(response.usage, cost, error)
    short = cut(walk.prompt, response.usage)
    warnings = [*response.warnings, *walk.warnings, *([short] if short else []), *([f"no cost: {reason}"] if reason else [])]
    changes = {
        "model": ready.name,
        "provider": ready.candidate.provider,
        "alias": walk.plan.alias,
        "profile": walk.plan.profile,
        "cost": cost,
        "attempts": list(walk.attempts),
        "warnings": warnings,
        "latency": now - walk.began,
    }
    return completed(response, changes)


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
