"""Limits are checked when given, shrink with the time that passes, and say which of them ran out."""

from __future__ import annotations

import copy
from math import inf, nan
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.timeouts import Deadline, Timeout, Waits
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from llmring._core.timeouts import Phase

seconds = st.none() | st.floats(0.001, 1e6)
timeouts = st.builds(Timeout, connect=seconds, first_token=seconds, between_tokens=seconds, attempt=seconds, total=seconds)


def test_reads_what_users_give() -> None:
    """A number limits each attempt, None nothing, and a `Timeout` is taken as it is."""
    assert Timeout.of(3) == Timeout(attempt=3)
    assert Timeout.of(None) == Timeout()
    given_one = Timeout(connect=1)
    assert Timeout.of(given_one) is given_one


@pytest.mark.parametrize("value", [0, -1, inf, nan, True, "5"])
def test_refuses(value: object) -> None:
    """Limits are positive numbers of seconds."""
    with pytest.raises(ConfigurationError, match=r"timeout\.total must be a positive number"):
        Timeout(total=value)  # pyright: ignore[reportArgumentType] - that is the point


def test_total_shrinks() -> None:
    """An attempt has what is left of the total, never nothing at all."""
    timeout = Timeout(attempt=5, total=10)
    assert timeout.after(4).total == 6
    assert 0 < (timeout.after(11).total or 0) < 1e-6
    assert Timeout.of(5).after(100) == Timeout.of(5)
    assert [timeout.left(4), timeout.left(11), Timeout().left(4)] == [6, 0, None]
    assert [timeout.spent(9), timeout.spent(10), Timeout().spent(1e9)] == [False, True, False]


@given(timeouts, st.floats(0, 1e6), st.booleans())
def test_no_wait_outlasts_its_limits(timeout: Timeout, now: float, stream: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever is set, a wait ends with the tightest limit that applies to it."""
    waits = Waits(timeout, now, stream=stream)
    for limit in waits.limits().values():
        assert limit.until <= now + (timeout.total or inf)
        assert float(limit) >= 0
    waits.next_piece(now + 1)
    assert waits.read.until <= now + (timeout.total or inf)
    if stream and timeout.between_tokens is not None:
        assert waits.read.until <= now + 1 + timeout.between_tokens
    assert all(value is None or value >= 0 for value in (*waits.plain().values(), waits.plain_body()))


def test_connecting_begins_when_it_begins() -> None:
    """The time for connecting counts from the first packet, within that of the whole."""
    connect = Waits(Timeout(connect=5, attempt=8), 100, stream=False).limits()["connect"]
    assert float(connect) == 5
    assert connect.begin(101) == 106
    assert connect.begin(105) == 106
    assert Waits(Timeout(connect=5, attempt=2), 100, stream=False).limits()["connect"].begin(100) == 102


def test_a_clients_own_limits() -> None:
    """A client that knows one number for its reads gets the longest that is set."""
    assert Waits(Timeout(), 0, stream=True).plain() == {"connect": None, "read": None, "write": None, "pool": None}
    assert Waits(Timeout(between_tokens=2), 0, stream=True).plain_body() == 2
    assert Waits(Timeout(between_tokens=2, first_token=9), 0, stream=True).plain_body() == 9
    assert Waits(Timeout.of(4), 0, stream=False).plain_body() == 4
    assert Waits(Timeout(), 0, stream=False).plain_body() is None


@pytest.mark.parametrize(
    "timeout, stream, phase, now, says",
    [
        (Timeout(connect=1, attempt=9), False, "connect", 1, "no connection within 1 s (limit: connect)"),
        (Timeout(attempt=9), False, "connect", 9, "no connection within 9 s (limit: attempt)"),
        (Timeout(first_token=3, attempt=9), True, "connect", 3, "no connection within 3 s (limit: first_token)"),
        (Timeout(attempt=9), True, "connect", 9, "no connection within 9 s (limit: attempt)"),
        (Timeout(attempt=9), False, "answer", 9, "no complete answer within 9 s (limit: attempt)"),
        (Timeout(attempt=9, total=4), False, "answer", 4, "no complete answer within 4 s (limit: total)"),
        (Timeout(attempt=9, total=20), False, "answer", 9, "no complete answer within 9 s (limit: attempt)"),
        (Timeout(attempt=0.25), False, "write", 1, "the request could not be sent within 0.25 s (limit: attempt)"),
        (Timeout(first_token=3), True, "pool", 3, "no free connection within 3 s (limit: first_token)"),
        (Timeout(first_token=3, attempt=9), True, "first_token", 3, "nothing arrived within 3 s (limit: first_token)"),
        (Timeout(attempt=9), True, "first_token", 9, "nothing arrived within 9 s (limit: attempt)"),
        (Timeout(between_tokens=2, attempt=9), True, "between_tokens", 5, "nothing more arrived within 2 s (limit: between_tokens)"),
        (Timeout(attempt=9), True, "between_tokens", 50, "nothing more arrived within 9 s (limit: attempt)"),
        (Timeout(), False, "answer", 50, "no complete answer in time"),
    ],
)
def test_says_what_ran_out(timeout: Timeout, phase: Phase, says: str, now: float, *, stream: bool) -> None:
    """The message names the phase, the seconds and the limit to change."""
    assert Waits(timeout, 0, stream=stream).overdue(phase, now) == says


def test_phases_follow_the_exchange() -> None:
    """An answer is one wait, a stream one per piece."""
    whole, stream = Waits(Timeout.of(5), 0, stream=False), Waits(Timeout.of(5), 0, stream=True)
    assert (whole.phase, stream.phase) == ("answer", "first_token")
    whole.next_piece(3)
    stream.next_piece(3)
    assert (whole.phase, stream.phase) == ("answer", "between_tokens")
    assert (whole.read.until, stream.read.until) == (5, 8)


def test_in_a_hurry() -> None:
    """All that is left to wait ends by one moment, and none of the limits grows."""
    waits = Waits(Timeout(between_tokens=4, total=20), 0, stream=True)
    waits.next_piece(3)
    waits.hurry(5, 3)
    assert waits.read.until == 7
    waits.next_piece(6)
    assert waits.read.until == 8
    waits.hurry(50, 6)
    waits.next_piece(7)
    assert waits.read.until == 8
    waits.hurry(0.5, 7)
    assert waits.read.until == 7.5


def test_a_deadline_is_a_number() -> None:
    """The library may calculate with it."""
    deadline = Deadline(2.5, 10.0)
    assert deadline + 1 == 3.5
    assert deadline.until == 10
    assert copy.copy(2.5) == deadline
