"""Where calls wait for their turn: first come, first served at each provider, whichever thread or loop they come from."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from llmring._core.rates import MINUTE, SHORTEST, Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._core.rate_headers import Told
    from llmring._core.rates import Rate


class Bell(Protocol):
    """Wakes the one who waits, from any thread; ringing never waits."""

    def ring(self) -> None:
        """Wake it, now or as soon as it waits."""
        ...


class Turn:
    """One call's turn at one provider."""

    __slots__ = ("bell", "gone", "granted", "number", "provider", "tokens", "wake")

    def __init__(self, provider: str, tokens: int, bell: Bell) -> None:
        """Want so many *tokens* of *provider*; *bell* wakes the call."""
        self.provider = provider
        self.tokens = tokens
        self.bell = bell
        self.number = 0
        self.granted = False
        self.gone = False
        self.wake: float | None = None
        """The moment at which to ask again, None where another call's end will ring."""


class Gate:
    """Lets calls through as limits allow; every method is to be called at the desk."""

    __slots__ = ("_flows", "_lines", "_most", "_next", "_rates", "running")

    def __init__(self, most: int | None, rates: Mapping[str, Rate]) -> None:
        """Let *most* calls through at once, and those of each provider as its *rates* say."""
        self._most = most
        self._rates = rates
        self._flows: dict[str, Flow] = {}
        self._lines: dict[str, deque[Turn]] = {}
        self._next = 0
        self.running = 0

    @staticmethod
    def turn(provider: str, tokens: int, bell: Bell) -> Turn:
        """Make a turn that wants so many *tokens* of *provider*."""
        return Turn(provider, tokens, bell)

    def join(self, turn: Turn, now: float) -> None:
        """Take a place in the line of the turn's provider, and let through whoever may go."""
        self._next += 1
        turn.number = self._next
        if turn.provider in self._rates and turn.provider not in self._flows:
            self._flows[turn.provider] = Flow.of(self._rates[turn.provider], now)
        self._lines.setdefault(turn.provider, deque()).append(turn)
        self.serve(now)

    def leave(self, turn: Turn, used: int | None, now: float) -> None:
        """End a turn, granted or not; the call *used* so many tokens, None where nobody knows."""
        if turn.gone:
            return
        turn.gone = True
        if turn.granted:
            self.running -= 1
            flow = self._flows.get(turn.provider)
            if flow is not None:
                self._flows[turn.provider] = flow.left(turn.tokens, used, now)
        self.serve(now)

    def told(self, provider: str, said: Told, now: float) -> None:
        """Note what *provider* *said* of its own limits; it is asked again after a minute, however long it wants to be left alone."""
        flow = self._flows.get(provider)
        if flow is not None:
            until = None if said.pause is None else now + min(said.pause, MINUTE)
            self._flows[provider] = flow.told(said.requests, said.tokens, until, now)

    def serve(self, now: float) -> None:
        """Let through whoever may go, in the order of coming; who is next at a provider is told when to ask again."""
        blocked: set[str] = set()
        while self._most is None or self.running < self._most:
            turn = self._first(blocked)
            if turn is None:
                return
            flow = self._flows.get(turn.provider)
            seconds = 0.0 if flow is None else flow.wait(turn.tokens, now)
            if seconds == 0.0:
                self._grant(turn, flow, now)
                continue
            blocked.add(turn.provider)
            before, turn.wake = turn.wake, None if seconds is None else now + seconds
            # Who waits for less would find out by itself; sums of moments differ by their last digits.
            if turn.wake is not None and (before is None or turn.wake < before - SHORTEST):
                turn.bell.ring()

    def _first(self, blocked: set[str]) -> Turn | None:
        """Give who came first of those that head a line which is not *blocked*."""
        heads: list[Turn] = []
        for provider, line in list(self._lines.items()):
            while line and line[0].gone:
                line.popleft()
            if not line:
                del self._lines[provider]
            elif provider not in blocked:
                heads.append(line[0])
        return min(heads, key=lambda turn: turn.number, default=None)

    def _grant(self, turn: Turn, flow: Flow | None, now: float) -> None:
        self._lines[turn.provider].popleft()
        self.running += 1
        if flow is not None:
            self._flows[turn.provider] = flow.entered(turn.tokens, now)
        turn.granted = True
        turn.bell.ring()

    def renew(self) -> None:
        """Forget in a forked child who was let through and who waits: they are in the parent."""
        self.running = 0
        self._lines = {}
        for provider, flow in self._flows.items():
            self._flows[provider] = Flow(flow.rate, 0, flow.requests, flow.tokens, flow.paused)
