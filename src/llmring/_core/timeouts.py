"""How long one exchange may take, phase by phase; arithmetic on moments it is given, never a clock."""

from __future__ import annotations

from math import inf, isfinite
from typing import Final, Literal, Self

import attrs

from llmring.exceptions import ConfigurationError

Phase = Literal["connect", "pool", "write", "answer", "first_token", "between_tokens"]
"""What the exchange was waiting for when its time was up."""

_MISSED: Final[dict[Phase, str]] = {
    "connect": "no connection",
    "pool": "no free connection",
    "write": "the request could not be sent",
    "answer": "no complete answer",
    "first_token": "nothing arrived",
    "between_tokens": "nothing more arrived",
}
_JUST: Final = 1e-9
"""What is left of a total that is used up: too little for anything, yet a limit."""


def _seconds(_timeout: Timeout, attribute: attrs.Attribute[float | None], value: object) -> None:
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and value > 0):
        return
    raise ConfigurationError(f"timeout.{attribute.name} must be a positive number of seconds or None, not {value!r}.")


@attrs.frozen(kw_only=True)
class Timeout:
    """Limits in seconds; None means no limit. A plain number given as ``timeout=`` is *attempt* alone."""

    connect: float | None = attrs.field(default=None, validator=_seconds)
    """Until the connection stands, TLS included."""
    first_token: float | None = attrs.field(default=None, validator=_seconds)
    """Of a stream: from sending to the first piece."""
    between_tokens: float | None = attrs.field(default=None, validator=_seconds)
    """Of a stream: from one piece to the next."""
    attempt: float | None = attrs.field(default=None, validator=_seconds)
    """One attempt as a whole; of a stream, each wait that has no limit of its own."""
    total: float | None = attrs.field(default=None, validator=_seconds)
    """Everything: retries, pauses between them, fallbacks, and a stream to its end."""

    @classmethod
    def of(cls, limit: Timeout | float | None) -> Timeout:
        """Read what a user gave as ``timeout=``: a `Timeout`, seconds per attempt, or None."""
        return limit if isinstance(limit, Timeout) else cls(attempt=limit)

    def after(self, elapsed: float) -> Timeout:
        """Give the limits for an attempt that begins *elapsed* seconds after the call did."""
        if self.total is None:
            return self
        return attrs.evolve(self, total=max(self.total - elapsed, _JUST))

    def left(self, elapsed: float) -> float | None:
        """Give the seconds that are left of *total* after *elapsed* ones, None for no limit."""
        return None if self.total is None else max(self.total - elapsed, 0.0)

    def spent(self, elapsed: float) -> bool:
        """Tell whether nothing is left of *total* after *elapsed* seconds."""
        return self.total is not None and elapsed >= self.total


class Deadline(float):
    """Seconds to the HTTP library, which hands it through; *until*, a moment, to our network backend."""

    __slots__ = ("until",)
    until: float

    def __new__(cls, seconds: float, until: float) -> Self:
        """Limit a wait to *seconds* from its beginning, and in any case to the moment *until*."""
        deadline = super().__new__(cls, seconds)
        deadline.until = until
        return deadline

    def begin(self, now: float) -> float:
        """Start the wait at *now* and give the moment at which it ends."""
        self.until = min(self.until, now + self)
        return self.until


class Waits:
    """The running limits of one exchange; the network backend reads them before each wait."""

    __slots__ = ("_end", "_stream", "_timeout", "phase", "read")

    def __init__(self, timeout: Timeout, now: float, *, stream: bool) -> None:
        """Begin an exchange at *now* under *timeout*."""
        self._timeout = timeout
        self._stream = stream
        self._end = inf if timeout.total is None else now + timeout.total
        self.phase: Phase = "first_token" if stream else "answer"
        whole = _either(timeout.first_token, timeout.attempt) if stream else _some(timeout.attempt)
        until = min(now + whole, self._end)
        self.read = Deadline(until - now, until)

    def limits(self) -> dict[str, Deadline]:
        """Give the phases under the names that the HTTP library knows."""
        read, connect = self.read, self._timeout.connect
        return {"connect": read if connect is None else Deadline(min(connect, read), read.until), "read": read, "write": read, "pool": read}

    def plain(self) -> dict[str, float | None]:
        """Give the same as plain seconds, for a client of the user's own."""
        return {name: None if limit == inf else float(limit) for name, limit in self.limits().items()}

    def plain_body(self) -> float | None:
        """Give the seconds that such a client, which takes one number for all its reads, may wait for each piece."""
        limits = [self.read, _either(self._timeout.between_tokens, self._timeout.attempt)] if self._stream else [self.read]
        return max((float(limit) for limit in limits if limit != inf), default=None)

    def next_piece(self, now: float) -> None:
        """Begin to wait, at *now*, for the next piece of a stream."""
        if self._stream:
            self.phase = "between_tokens"
            self.read.until = min(now + _either(self._timeout.between_tokens, self._timeout.attempt), self._end)

    def hurry(self, seconds: float, now: float) -> None:
        """Let the exchange, all its further waits together, last no longer than *seconds* from *now*."""
        self._end = min(self._end, now + seconds)
        self.read.until = min(self.read.until, self._end)

    def overdue(self, phase: Phase, now: float) -> str:
        """Say what was missed in *phase*, within how many seconds, and by which limit."""
        if self._timeout.total is not None and now >= self._end:
            return f"{_MISSED[phase]} within {round(self._timeout.total, 2):g} s (limit: total)"
        own = phase if phase in {"connect", "between_tokens"} else "first_token" if self._stream else "attempt"
        for name in (own, "first_token" if self._stream and phase == "connect" else "attempt", "attempt"):
            if (seconds := getattr(self._timeout, name)) is not None:
                return f"{_MISSED[phase]} within {seconds:g} s (limit: {name})"
        return f"{_MISSED[phase]} in time"


def _some(seconds: float | None) -> float:
    return inf if seconds is None else seconds


def _either(seconds: float | None, otherwise: float | None) -> float:
    return _some(otherwise if seconds is None else seconds)
