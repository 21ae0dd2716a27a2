"""What stands between a call and a provider, shared by all threads and loops of a ring; how it decides is in ``_core``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring._core.breaker import Breaker, Tolerance, counts, open_error
from llmring._io.locks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Hashable

    from llmring._core.plan import Candidate
    from llmring._core.target import Ready
    from llmring._io.desk import Desk
    from llmring.exceptions import LLMRingError


class Hold:
    """What one attempt has been given; it goes back once, at the latest when nobody refers to it any more."""

    __slots__ = ("_guards", "_over", "call", "candidate")

    def __init__(self, guards: Guards, candidate: Candidate, call: Hashable) -> None:
        """Hold for *call* what *guards* gave it for *candidate*."""
        self._guards = guards
        self._over = False
        self.candidate = candidate
        self.call = call

    def release(self) -> None:
        """Give everything back."""
        if not self._over:
            self._over = True
            self._guards.give_back(self)

    __del__ = release


class Guards:
    """The breakers of a ring."""

    __slots__ = ("__weakref__", "_desk", "breakers", "tolerance")

    def __init__(self, desk: Desk) -> None:
        """Change things at *desk* only."""
        self._desk = desk
        self.tolerance = Tolerance()
        self.breakers: dict[Candidate, Breaker] = {}
        """Of models that failed of late; a model that is not here has nothing to be asked about."""
        renew_after_fork(self)

    def enter(self, ready: Ready, call: Hashable, now: float) -> Hold:
        """Let *call* through to a model.

        Raises:
            CircuitBreakerError: its breaker is open.

        """
        seconds = self._desk.ask(lambda: self._passed(ready.candidate, call, now))
        if seconds is not None:
            error = open_error(ready.name, seconds)
            ready.dress(error)
            raise error
        return Hold(self, ready.candidate, call)

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

    def give_back(self, hold: Hold) -> None:
        """Take back what *hold* holds; never waits."""
        self._desk.hand_in(lambda: self._left(hold))

    def _left(self, hold: Hold) -> None:
        breaker = self.breakers.get(hold.candidate)
        if breaker is not None:
            self.breakers[hold.candidate] = breaker.left(hold.call)

    def renew(self) -> None:
        """Forget in a forked child what the parent's calls hold."""
        for candidate, breaker in self.breakers.items():
            self.breakers[candidate] = breaker.left(breaker.probe)
