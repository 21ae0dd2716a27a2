"""Whoever came first goes first, at each provider; whoever leaves lets the next one in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmring._core.rate_headers import Told
from llmring._core.rates import Rate
from llmring._io.gate import Gate, Turn


class Count:
    """A bell that counts how often it rang."""

    def __init__(self) -> None:
        """Begin with silence."""
        self.rung = 0

    def ring(self) -> None:
        """Count."""
        self.rung += 1


def joined(gate: Gate, provider: str, tokens: int = 0, now: float = 0.0) -> Turn:
    """Join the line of *provider*."""
    turn = Turn(provider, tokens, Count())
    gate.join(turn, now)
    return turn


def test_first_come_first_served() -> None:
    """One at a time goes in, in the order of coming."""
    gate = Gate(1, {})
    turns = [joined(gate, provider) for provider in ("a", "b", "a", "b")]
    for at, turn in enumerate(turns):
        assert [each.granted for each in turns] == [True] * (at + 1) + [False] * (3 - at)
        gate.leave(turn, None, 0.0)
    assert gate.running == 0


def test_a_provider_that_is_busy_holds_up_nobody_else() -> None:
    """Its own line waits, in its order."""
    gate = Gate(None, {"a": Rate(max_concurrency=1)})
    first, second, third, other = (joined(gate, provider) for provider in ("a", "a", "a", "b"))
    assert (first.granted, second.granted, third.granted, other.granted) == (True, False, False, True)
    gate.leave(first, None, 0.0)
    assert (second.granted, third.granted) == (True, False)


def test_whoever_gives_up_leaves_the_line() -> None:
    """Waiting or granted, once only."""
    gate = Gate(1, {})
    first, second, third = (joined(gate, "a") for _ in range(3))
    gate.leave(second, None, 0.0)
    gate.leave(first, None, 0.0)
    gate.leave(first, None, 0.0)
    assert third.granted
    assert not second.granted
    assert gate.running == 1


def test_who_is_next_is_told_when_to_ask_again() -> None:
    """The bell rings for it once, and time lets it in."""
    gate = Gate(None, {"a": Rate(requests_per_minute=1)})
    joined(gate, "a")
    turn = joined(gate, "a")
    assert turn.wake == 60
    gate.serve(1.0)
    assert isinstance(turn.bell, Count)
    assert turn.bell.rung == 1
    gate.serve(60.1)
    assert turn.granted


def test_a_provider_may_ask_for_a_pause() -> None:
    """One that has no limits set is not listened to."""
    gate = Gate(None, {"a": Rate(max_concurrency=5)})
    gate.leave(joined(gate, "a"), None, 0.0)
    gate.told("a", Told(pause=5.0), 0.0)
    gate.told("b", Told(pause=5.0), 0.0)
    assert joined(gate, "a").wake == 5
    assert joined(gate, "b").granted


def test_a_long_pause_is_cut_short() -> None:
    """A provider that is out for hours holds nobody up for longer than a minute: asked again, it may be passed over."""
    gate = Gate(None, {"a": Rate(max_concurrency=5)})
    gate.leave(joined(gate, "a"), None, 0.0)
    gate.told("a", Told(pause=1e308), 0.0)
    assert joined(gate, "a").wake == 60


def test_a_forked_child_begins_empty() -> None:
    """Whoever was let through in the parent takes no place here."""
    gate = Gate(1, {"a": Rate(max_concurrency=1)})
    joined(gate, "a")
    joined(gate, "a")
    gate.renew()
    assert joined(gate, "a").granted


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=60), st.integers(1, 4))
def test_limits_hold_and_nobody_is_forgotten(steps: list[tuple[str, bool]], most: int) -> None:
    """Whatever order calls come and go in."""
    gate = Gate(most, {"a": Rate(max_concurrency=1), "b": Rate(max_concurrency=2)})
    turns: list[Turn] = []
    for provider, leaves in steps:
        if leaves and turns:
            gate.leave(turns.pop(0), None, 0.0)
        else:
            turns.append(joined(gate, provider))
        inside = [turn for turn in turns if turn.granted]
        assert len(inside) == gate.running <= most
        assert sum(turn.provider == "a" for turn in inside) <= 1
        for name in "abc":
            assert [turn.granted for turn in turns if turn.provider == name] == sorted(
                (turn.granted for turn in turns if turn.provider == name), reverse=True
            )
    while turns:
        gate.leave(turns.pop(0), None, 0.0)
    assert gate.running == 0
