"""What stands between a call and a provider, shared by all threads and loops of a ring; how it decides is in ``_core``."""

from __future__ import annotations

from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Final

from llmring._core.breaker import Breaker, Tolerance, counts, open_error
from llmring._io.locks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from llmring._core.plan import Candidate
    from llmring._core.purse import Purse
    from llmring._core.rate_headers import Told
    from llmring._core.rates import Rate
    from llmring._core.target import Ready
    from llmring._core.weight import Weight
    from llmring._gen.response import Attempt
    from llmring._io.desk import Desk
    from llmring._io.gate import Bell, Gate, Turn
    from llmring.exceptions import LLMRingError

NOTHING: Final = Decimal(0)


class Hold:
    """What one attempt has been given; it goes back once, at the latest when nobody refers to it any more."""

    __slots__ = ("_guards", "_over", "call", "candidate", "dollars", "era", "turn")

    def __init__(self, guards: Guards, candidate: Candidate, call: Hashable, dollars: Decimal, turn: Turn | None) -> None:
        """Hold for *call* what *guards* gave it for *candidate*: reserved *dollars*, and its *turn* where there are limits."""
        self._guards = guards
        self._over = False
        self.era = guards.era
        self.candidate = candidate
        self.call = call
        self.dollars = dollars
        self.turn = turn

    def settle(self, spent: Decimal | None, tokens: int | None) -> None:
        """Give everything back but what was *spent*, None for all that was reserved; *tokens* is what was used, None for all."""
        if not self._over:
            self._over = True
            self._guards.give_back(self, self.dollars if spent is None else spent, tokens)

    def heard(self, headers: Mapping[str, str] | None) -> None:
        """Note what a provider says in *headers* of its limits."""
        if self.turn is not None and headers:
            from llmring._core.rate_headers import NOT_TOLD, told

            left = told(headers)
            if left != NOT_TOLD:
                self._guards.heed(self.candidate.provider, left)

    def failed(self, retry_after: float | None, attempt: Attempt) -> None:
        """Give everything back but what the failed *attempt* cost; a provider that asked to be left alone is."""
        if self.turn is not None and retry_after is not None:
            from llmring._core.rate_headers import Told

            self._guards.heed(self.candidate.provider, Told(pause=retry_after))
        usage, cost = attempt.usage, attempt.cost
        self.settle(NOTHING if cost is None else cost.total, 0 if usage is None else usage.total_tokens)

    def release(self) -> None:
        """Give it back: nothing is known of what became of it."""
        self.settle(NOTHING, None)

    __del__ = release


class Guards:
    """The breakers, the money and the lines of a ring."""

    __slots__ = ("__weakref__", "_desk", "_gate", "breakers", "era", "limited", "purse", "tolerance")

    def __init__(self, desk: Desk, max_cost: Decimal | None, max_concurrency: int | None, rates: Mapping[str, Rate]) -> None:
        """Change things at *desk* only; hold the ring to *max_cost* dollars and *max_concurrency* calls, its providers to *rates*."""
        self._desk = desk
        self.era = 0
        """How many forks lie between this and the process that made the ring."""
        self.tolerance = Tolerance()
        self.breakers: dict[Candidate, Breaker] = {}
        """Of models that failed of late; a model that is not here has nothing to be asked about."""
        self.purse = None if max_cost is None else _purse(max_cost)
        self._gate = _gate(max_concurrency, rates) if max_concurrency is not None or rates else None
        self.limited = self.purse is not None or self._gate is not None
        """Whether every call has to ask."""
        renew_after_fork(self)

    def enter(self, ready: Ready, call: Hashable, weight: Weight, bell: Bell, now: float) -> Hold:
        """Reserve for *call* what it may take; where there are limits it may have to wait for its turn, which *bell* tells.

        Raises:
            CircuitBreakerError: the model's breaker is open.
            BudgetExceededError: it could cost more than is left.

        """
        if self.shut(ready.candidate, now):
            self.probe(ready, call, now)
        dollars = self._desk.ask(lambda: self._reserve(ready.name, weight))
        turn = None if self._gate is None else self._gate.turn(ready.candidate.provider, weight.tokens, bell)
        hold = Hold(self, ready.candidate, call, dollars, turn)
        if self._gate is not None and turn is not None:
            join = self._gate.join
            self._desk.ask(lambda: join(turn, now))
        return hold

    def _reserve(self, model: str, weight: Weight) -> Decimal:
        if self.purse is None:
            return NOTHING
        self.purse = self.purse.reserve(model, weight)
        return weight.dollars or NOTHING

    def serve(self, now: float) -> None:
        """Let through whoever may go by *now*."""
        if self._gate is not None:
            serve = self._gate.serve
            self._desk.ask(lambda: serve(now))

    def probe(self, ready: Ready, call: Hashable, now: float) -> None:
        """Let *call* through to a model, as the one that finds out if its breaker is half-open.

        Raises:
            CircuitBreakerError: its breaker is open.

        """
        seconds = self._desk.ask(lambda: self._passed(ready.candidate, call, now))
        if seconds is not None:
            error = open_error(ready.name, seconds)
            ready.dress(error)
            raise error

    def shut(self, candidate: Candidate, now: float) -> bool:
        """Tell whether no call is let through to *candidate*."""
        breaker = self.breakers.get(candidate)
        return breaker is not None and breaker.wait(now, self.tolerance) is not None

    def _passed(self, candidate: Candidate, call: Hashable, now: float) -> float | None:
        breaker = self.breakers.get(candidate)
        if breaker is None:
            return None
        seconds = breaker.wait(now, self.tolerance)
        if seconds is None:
            self.breakers[candidate] = breaker.begun(call)
        return seconds

    def failed(self, candidate: Candidate, call: Hashable, error: LLMRingError, now: float) -> None:
        """Note that *call* failed; a provider that refused it was well enough to do so."""
        if counts(error):
            self._desk.hand_in(lambda: self._note(candidate, call, now))
        else:
            self.succeeded(candidate, call)

    def succeeded(self, candidate: Candidate, call: Hashable, *, whole: bool = True) -> None:
        """Note that *call* succeeded; of a stream that has only begun, a probe has found out enough, others have to end first."""
        breaker = self.breakers.get(candidate)
        if breaker is not None and (whole or breaker.until is not None):
            self._desk.hand_in(lambda: self._forgive(candidate, call))

    def _note(self, candidate: Candidate, call: Hashable, now: float) -> None:
        self.breakers[candidate] = (self.breakers.get(candidate) or Breaker()).failure(call, now, self.tolerance)

    def _forgive(self, candidate: Candidate, call: Hashable) -> None:
        self._keep(candidate, (self.breakers.get(candidate) or Breaker()).success(call))

    def _keep(self, candidate: Candidate, breaker: Breaker | None) -> None:
        if breaker is None:
            self.breakers.pop(candidate, None)
        else:
            self.breakers[candidate] = breaker

    def give_back(self, hold: Hold, spent: Decimal, tokens: int | None) -> None:
        """Take back what *hold* holds, but what was *spent*; never waits."""
        self._desk.hand_in(lambda: self._left(hold, spent, tokens))

    def _left(self, hold: Hold, spent: Decimal, tokens: int | None) -> None:
        if hold.era != self.era:  # the parent's, which settles it itself; here it was forgotten at the fork
            return
        breaker = self.breakers.get(hold.candidate)
        if breaker is not None:
            self.breakers[hold.candidate] = breaker.left(hold.call)
        if self.purse is not None:
            self.purse = self.purse.settle(hold.dollars, spent)
        if self._gate is not None and hold.turn is not None:
            self._gate.leave(hold.turn, tokens, monotonic())

    def heed(self, provider: str, said: Told) -> None:
        """Note what *provider* says of its limits."""
        self._desk.hand_in(lambda: self._heed(provider, said))

    def _heed(self, provider: str, said: Told) -> None:
        if self._gate is not None:
            self._gate.told(provider, said, monotonic())

    def renew(self) -> None:
        """Forget in a forked child what the parent's calls hold."""
        self.era += 1
        for candidate, breaker in self.breakers.items():
            self.breakers[candidate] = breaker.left(breaker.probe)
        if self.purse is not None:
            self.purse = self.purse.settle(self.purse.reserved, NOTHING)
        if self._gate is not None:
            self._gate.renew()


# --- loaded only by who is limited -------------------------------------------------------------------


def _purse(dollars: Decimal) -> Purse:
    from llmring._core.purse import Purse

    return Purse(dollars)


def _gate(most: int | None, rates: Mapping[str, Rate]) -> Gate:
    from llmring._io.gate import Gate

    return Gate(most, rates)
