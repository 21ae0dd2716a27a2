"""What a ring applies to every call unless the call says otherwise."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Self

from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._core.timeouts import Timeout

SEPARATE_DEFAULT = float("600")
"""The default of ``timeout=``; told from a user's own 600 by identity, for then the environment may say otherwise."""

VARIABLE = "LLMRING_PROVIDER_TIMEOUT_S"


class Defaults:
    """The settings of a ring that a copy may change; holds no connections. Plain, for it is made when a ring is."""

    __slots__ = ("_limit", "_timeout", "max_retries", "on_unsupported", "profile")

    def __init__(self, *, profile: object, limit: Timeout | float | None, max_retries: int, on_unsupported: Any) -> None:
        """Judge and hold the settings; *limit* is a timeout.

        Raises:
            ConfigurationError: one of them is wrong.

        """
        if type(max_retries) is not int or max_retries < 0:
            raise ConfigurationError(f"max_retries must be a whole number of at least 0, not {max_retries!r}")
        if on_unsupported not in ("error", "warn", "drop"):
            raise ConfigurationError(f"on_unsupported must be 'error', 'warn' or 'drop', not {on_unsupported!r}")
        if profile is not None and not (isinstance(profile, str) and profile):
            raise ConfigurationError(f"profile must be the name of a profile or None, not {profile!r}")
        if limit is not None and not _is_limit(limit):
            raise ConfigurationError(f"timeout must be a positive number of seconds, a Timeout or None, not {limit!r}")
        self.profile = profile
        self.max_retries = max_retries
        self.on_unsupported = on_unsupported
        self._limit = limit
        self._timeout: Timeout | None = None

    @classmethod
    def read(
        cls, profile: str | None, timeout: Timeout | float | None, max_retries: int, on_unsupported: str, environment: Mapping[str, str]
    ) -> Self:
        """Hold the settings of a constructor; a *timeout* that was not given falls back to ``LLMRING_PROVIDER_TIMEOUT_S``."""
        limit = _from(environment) if timeout is SEPARATE_DEFAULT else timeout
        return cls(profile=profile, limit=limit, max_retries=max_retries, on_unsupported=on_unsupported)

    def changed(self, *, profile: str | None, timeout: Timeout | float | None, max_retries: int | None, on_unsupported: str | None) -> Self:
        """Give a copy with those settings changed that are given."""
        return type(self)(
            profile=profile or self.profile,
            limit=self._limit if timeout is SEPARATE_DEFAULT else timeout,
            max_retries=self.max_retries if max_retries is None else max_retries,
            on_unsupported=on_unsupported or self.on_unsupported,
        )

    @property
    def timeout(self) -> Timeout:
        """The limits of one call."""
        if self._timeout is None:
            from llmring._core.timeouts import Timeout

            self._timeout = Timeout.of(self._limit)
        return self._timeout


def _is_limit(limit: object) -> bool:
    if isinstance(limit, (int, float)):
        return not isinstance(limit, bool) and isfinite(limit) and limit > 0
    from llmring._core.timeouts import Timeout

    return isinstance(limit, Timeout)


def _from(environment: Mapping[str, str]) -> float:
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return SEPARATE_DEFAULT
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if _is_limit(seconds):
        return seconds
    raise ConfigurationError(f"{VARIABLE} must be a positive number of seconds, not {text!r}")
