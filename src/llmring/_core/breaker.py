"""Leave a model alone that keeps failing, and ask one call to find out whether it is well again; values only, moments are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llmring.exceptions import (
    CircuitBreakerError,
    LLMRingError,
    ProviderConnectionError,
    ProviderOverloadedError,
    ProviderResponseError,
    ProviderServerError,
    ProviderTimeoutError,
    StreamInterruptedError,
)

if TYPE_CHECKING:
    from collections.abc import Hashable

_ILL = (ProviderConnectionError, ProviderOverloadedError, ProviderResponseError, ProviderServerError, ProviderTimeoutError)
"""What says that the provider is ill; a refused request, a wrong key or a limit says that it is well."""


@attrs.frozen
class Tolerance:
    """How many calls may fail before a model is left alone, and for how long; seconds."""

    calls: int = 5
    """So many calls must fail within *window*, none succeeding between them; the tries of one call count once."""
    window: float = 60.0
    pause: float = 15.0
    """The first pause; each that follows a failed probe is twice as long as the one before."""
    longest: float = 300.0
    probing: float = 1.0
    """What is told to wait while another call finds out."""


@attrs.frozen
class Breaker:
    """What is remembered of one model that failed: closed without *until*, open before it, half-open after."""

    failed: tuple[tuple[float, Hashable], ...] = ()
    """The moments of late failures, and whose they were."""
    until: float | None = None
    pause: float = 0.0
    probe: Hashable | None = None
    """The call that finds out, where one does."""

    def wait(self, now: float, tolerance: Tolerance) -> float | None:
        """Give the seconds for which no call is let through, None where one is."""
        if self.until is None or (self.until <= now and self.probe is None):
            return None
        return self.until - now if self.until > now else tolerance.probing

    def begun(self, call: Hashable) -> Breaker:
        """Let *call* through; in a half-open breaker it is the one that finds out."""
        return self if self.until is None else attrs.evolve(self, probe=call)

    def failure(self, call: Hashable, now: float, tolerance: Tolerance) -> Breaker:
        """Note that *call* failed: as a probe it opens the breaker for longer, late failures of others change nothing."""
        if self.until is not None:
            return self._opened(now, min(self.pause * 2, tolerance.longest)) if self.probe == call else self
        failed = (*((when, who) for when, who in self.failed if when > now - tolerance.window and who != call), (now, call))
        if len(failed) >= tolerance.calls:
            return self._opened(now, tolerance.pause)
        return attrs.evolve(self, failed=failed)

    def _opened(self, now: float, pause: float) -> Breaker:
        return Breaker(until=now + pause, pause=pause)

    def success(self, call: Hashable) -> Breaker | None:
        """Note that *call* succeeded; None where nothing is left to remember."""
        return None if self.until is None or self.probe == call else self

    def left(self, call: Hashable) -> Breaker:
        """Note that *call* ended without telling anything; its place as a probe is free."""
        return attrs.evolve(self, probe=None) if self.probe == call else self


def counts(error: LLMRingError) -> bool:
    """Tell whether *error* says that the provider is ill."""
    return isinstance(error.__cause__ if isinstance(error, StreamInterruptedError) else error, _ILL)


def open_error(model: str, seconds: float) -> CircuitBreakerError:
    """Say that *model* is not asked for so many *seconds*."""
    message = f"{model} failed too often of late and is left alone for {seconds:.1f} s more; nothing was sent."
    return CircuitBreakerError(message, retry_after=seconds)
