"""How many calls a provider may be asked at once and in a minute, as values; moments are given, nobody waits here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.allowance import LIMITS
from llmring.exceptions import ConfigurationError, ProviderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE: Final = 60.0
SHORTEST: Final = 0.001
"""A wait that is shorter is as long as this, so that rounding makes nobody come back at once for ever."""


@attrs.frozen(kw_only=True)
class Rate:
    """What one provider may be asked; None means no limit."""

    max_concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


def rate(given: Any, place: str) -> Rate:
    """Read the limits *given* for one provider.

    Raises:
        ConfigurationError: a limit is unknown or no whole number; *place* says where.

    """
    if not isinstance(given, dict):
        raise ConfigurationError(f"{place} must be a mapping of limits, as in {{'max_concurrency': 10}}, not {given!r}")
    for key, value in cast("dict[object, object]", given).items():
        if key not in LIMITS:
            from llmring._core.near import closest, hint

            raise ConfigurationError(f"{place}: there is no limit {key!r}{hint(closest(str(key), LIMITS))} Known: {', '.join(LIMITS)}.")
        if value is not None and not positive(value):
            raise ConfigurationError(f"{place}[{key!r}] must be a whole number of at least 1, not {value!r}")
    return Rate(**cast("Mapping[str, Any]", given))


def positive(value: object) -> bool:
    """Tell whether *value* can be a limit."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


@attrs.frozen
class Bucket:
    """Holds as much as a minute allows, and fills evenly: the way in which providers themselves count."""

    size: float
    level: float
    at: float
    """The moment at which the level was this."""

    def filled(self, now: float) -> Bucket:
        """Let it fill until *now*."""
        level = min(self.size, self.level + max(now - self.at, 0.0) * self.size / MINUTE)
        return Bucket(self.size, level, max(now, self.at))

    def wait(self, amount: float, now: float) -> float:
        """Give the seconds until *amount* can be taken; one that is larger than the bucket waits until it is full."""
        lacking = min(amount, self.size) - self.filled(now).level
        return max(lacking * MINUTE / self.size, SHORTEST) if lacking > 0 else 0.0

    def take(self, amount: float, now: float) -> Bucket:
        """Take *amount*, more than there is if need be; a negative one is put back."""
        full = self.filled(now)
        return Bucket(full.size, min(full.level - amount, full.size), full.at)

    def holds(self, left: float, now: float) -> Bucket:
        """Believe the provider that no more than *left* is left."""
        full = self.filled(now)
        return Bucket(full.size, min(full.level, left), full.at)


@attrs.frozen
class Flow:
    """What is under way at one provider, and what it may be asked."""

    rate: Rate
    running: int = 0
    requests: Bucket | None = None
    tokens: Bucket | None = None
    paused: float = 0.0
    """The moment until which the provider asked to be left alone."""

    @classmethod
    def of(cls, limits: Rate, now: float) -> Flow:
        """Begin under *limits*, with full buckets."""
        return cls(limits, 0, _bucket(limits.requests_per_minute, now), _bucket(limits.tokens_per_minute, now))

    def wait(self, tokens: int, now: float) -> float | None:
        """Give the seconds until a call of so many *tokens* may go, 0 for at once, None for until another ends."""
        if self.rate.max_concurrency is not None and self.running >= self.rate.max_concurrency:
            return None
        waits = [self.paused - now]
        if self.requests is not None:
            waits.append(self.requests.wait(1, now))
        if self.tokens is not None:
            waits.append(self.tokens.wait(tokens, now))
        return max(*waits, 0.0)

    def entered(self, tokens: int, now: float) -> Flow:
        """Let a call of so many *tokens* go."""
        return attrs.evolve(
            self,
            running=self.running + 1,
            requests=None if self.requests is None else self.requests.take(1, now),
            tokens=None if self.tokens is None else self.tokens.take(tokens, now),
        )

    def left(self, reserved: int, used: int | None, now: float) -> Flow:
        """End a call that *used* so many tokens of those *reserved* for it; where nobody knows, it used all."""
        over = 0 if used is None else reserved - used
        return attrs.evolve(self, running=self.running - 1, tokens=None if self.tokens is None else self.tokens.take(-over, now))

    def told(self, requests: float | None, tokens: float | None, until: float | None, now: float) -> Flow:
        """Believe the provider: how many *requests* and *tokens* it has left, and *until* when it wants to be left alone."""
        return attrs.evolve(
            self,
            requests=self.requests if self.requests is None or requests is None else self.requests.holds(requests, now),
            tokens=self.tokens if self.tokens is None or tokens is None else self.tokens.holds(tokens, now),
            paused=self.paused if until is None else max(self.paused, until),
        )


def _bucket(size: int | None, now: float) -> Bucket | None:
    return None if size is None else Bucket(size, size, now)


def soonest(*seconds: float | None) -> float | None:
    """Give the shortest of several waits, None for no end."""
    return min((each for each in seconds if each is not None), default=None)


def no_turn(provider: str, total: float | None) -> ProviderTimeoutError:
    """Say that a call waited in vain for its turn under our own limits."""
    return ProviderTimeoutError(f"no turn under the limits set for {provider} within {total:g} s (limit: total); nothing was sent.")
