"""A breaker opens after calls that failed, lets one of them find out, and closes or opens for longer by what it finds."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from llmring import exceptions
from llmring._core.breaker import Breaker, Tolerance, counts, open_error
from llmring.exceptions import ProviderRateLimitError, ProviderServerError, StreamInterruptedError

TOLERANCE = Tolerance(calls=3, window=60.0, pause=10.0, longest=30.0, probing=1.0)
ILL = {
    *("ProviderConnectionError", "ProviderOverloadedError", "ProviderResponseError"),
    *("ProviderServerError", "ProviderTimeoutError"),
}
KINDS: dict[str, type[Any]] = {name: getattr(exceptions, name) for name in exceptions.__all__}


def failing(breaker: Breaker, calls: int, now: float = 0.0) -> Breaker:
    """Have so many *calls* fail."""
    for call in range(calls):
        breaker = breaker.failure(call, now, TOLERANCE)
    return breaker


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"StreamInterruptedError"}))
def test_only_illness_counts(name: str) -> None:
    """A provider that refuses a request, a key or too many calls is well."""
    assert counts(KINDS[name]("no")) is (name in ILL)


def test_a_broken_stream_counts_by_what_broke_it() -> None:
    """A limit that was hit in the middle is no illness."""
    for cause, ill in ((ProviderServerError("down"), True), (ProviderRateLimitError("slow down"), False)):
        error = StreamInterruptedError("cut")
        error.__cause__ = cause
        assert counts(error) is ill


def test_a_few_failures_are_forgiven() -> None:
    """Fewer than the tolerance says leave it closed, and a success wipes them out."""
    breaker = failing(Breaker(), 2)
    assert breaker.wait(0, TOLERANCE) is None
    assert breaker.success(0) is None


def test_the_tries_of_one_call_count_once() -> None:
    """However often it tries, one call opens nothing."""
    breaker = Breaker()
    for moment in range(20):
        breaker = breaker.failure("one", moment, TOLERANCE)
    assert breaker.wait(20, TOLERANCE) is None


def test_old_failures_do_not_count() -> None:
    """What happened before the window is forgotten."""
    breaker = failing(Breaker(), 2).failure("late", 61, TOLERANCE)
    assert breaker.wait(61, TOLERANCE) is None


def test_it_opens_and_tells_until_when() -> None:
    """The third call opens it for its pause."""
    breaker = failing(Breaker(), 3)
    assert breaker.wait(4, TOLERANCE) == 6
    assert breaker.wait(10, TOLERANCE) is None
    error = open_error("openai:m", 6)
    assert (error.retry_after, error.retryable) == (6, False)
    assert "openai:m" in str(error)


def test_one_call_finds_out() -> None:
    """While it does, no other is let through; success closes, for all."""
    breaker = failing(Breaker(), 3).begun("probe")
    assert breaker.wait(11, TOLERANCE) == TOLERANCE.probing
    assert breaker.success("late one") == breaker
    assert breaker.success("probe") is None


def test_a_probe_that_fails_doubles_the_pause() -> None:
    """Up to the longest."""
    breaker, now = failing(Breaker(), 3), 0.0
    for pause in (20, 30, 30):
        now = breaker.until or 0.0
        breaker = breaker.begun("probe").failure("probe", now, TOLERANCE)
        assert breaker.wait(now, TOLERANCE) == pause


def test_a_probe_that_is_given_up_frees_its_place() -> None:
    """The next call finds out instead; others leave it as it is."""
    breaker = failing(Breaker(), 3).begun("probe")
    assert breaker.left("other") == breaker
    assert breaker.left("probe").wait(11, TOLERANCE) is None
    assert Breaker().begun("any") == Breaker()


def test_late_failures_of_others_do_not_prolong_it() -> None:
    """They began before it opened."""
    breaker = failing(Breaker(), 3)
    assert breaker.failure("late", 5, TOLERANCE) == breaker


class Life(RuleBasedStateMachine):
    """Calls come, fail, succeed and are given up, in any order, while time passes."""

    def __init__(self) -> None:
        """Begin with nothing to remember."""
        super().__init__()
        self.breaker: Breaker | None = None
        self.now = 0.0
        self.calls = 0
        self.inside: dict[int, bool] = {}
        """The calls under way, and whether each was let through while half-open."""

    @rule(seconds=st.floats(0, 40))
    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    @rule()
    def enter(self) -> None:
        """Ask to be let through."""
        self.calls += 1
        if self.breaker is None:
            self.inside[self.calls] = False
            return
        half_open = self.breaker.until is not None
        if self.breaker.wait(self.now, TOLERANCE) is None:
            self.breaker = self.breaker.begun(self.calls)
            self.inside[self.calls] = half_open

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), end=st.sampled_from(["success", "failure", "left"]))
    def leave(self, data: st.DataObject, end: str) -> None:
        """End one of the calls under way."""
        call = data.draw(st.sampled_from(sorted(self.inside)))
        del self.inside[call]
        before = self.breaker
        if end == "failure":
            self.breaker = (before or Breaker()).failure(call, self.now, TOLERANCE)
        elif before is not None:
            self.breaker = before.success(call) if end == "success" else before.left(call)
        if before is not None and before.probe == call:
            assert self.breaker is None if end == "success" else self.breaker is not None and self.breaker.probe is None

    @invariant()
    def one_probe(self) -> None:
        """At most one call finds out, and it is one of those under way."""
        if self.breaker is not None and self.breaker.probe is not None:
            assert self.inside.get(self.breaker.probe)  # pyright: ignore[reportArgumentType] - calls are numbers here
        assert self.breaker is None or self.breaker.until is None or sum(self.inside.values()) <= len(self.inside)

    @invariant()
    def never_shut_for_good(self) -> None:
        """Once nobody is inside, waiting for as long as was told is enough."""
        if self.breaker is not None and not self.inside:
            seconds = self.breaker.wait(self.now, TOLERANCE) or 0.0
            assert seconds <= TOLERANCE.longest
            assert self.breaker.wait(self.now + seconds + 1e-6, TOLERANCE) is None

    @invariant()
    def pauses_are_bounded(self) -> None:
        """No pause is longer than the longest, and few failures are remembered."""
        if self.breaker is not None:
            assert self.breaker.pause <= TOLERANCE.longest
            assert len(self.breaker.failed) < TOLERANCE.calls
            assert attrs.evolve(self.breaker) == self.breaker


TestLife = Life.TestCase
