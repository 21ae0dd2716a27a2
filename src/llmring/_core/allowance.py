"""What a ring may take as its users set it: dollars, calls at once, and limits of each provider; plain, for it is made when a ring is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from llmring._core.rates import Rate


LIMITS: Final = ("max_concurrency", "requests_per_minute", "tokens_per_minute")
"""What may be limited of one provider."""


class Allowance:
    """The settings ``max_cost``, ``max_concurrency`` and ``limits``, judged."""

    __slots__ = ("_limits", "max_concurrency", "max_cost")

    def __init__(self, max_cost: Any = None, max_concurrency: Any = None, limits: Any = None) -> None:
        """Judge and hold the settings.

        Raises:
            ConfigurationError: one of them is wrong.

        """
        self.max_cost: Decimal | None = None if max_cost is None else _dollars(max_cost)
        if max_concurrency is not None and (type(max_concurrency) is not int or max_concurrency < 1):
            raise ConfigurationError(f"max_concurrency must be a whole number of at least 1, not {max_concurrency!r}")
        self.max_concurrency: int | None = max_concurrency
        if limits is not None and not hasattr(limits, "items"):
            raise ConfigurationError(f"limits must be a mapping, as in {{'openai': {{'max_concurrency': 10}}}}, not {limits!r}")
        self._limits: Mapping[str, Any] = limits or {}

    def rates(self, locked: Mapping[str, Any], path: str, canonical: Callable[[str], str]) -> dict[str, Rate]:
        """Give the limits of every provider that has any: those *locked* in the lockfile at *path*, under those of the ring.

        Raises:
            ConfigurationError: a limit is unknown or wrong.
            UnknownProviderError: there is no such provider, as *canonical* tells, which gives each its id.

        """
        if not locked and not self._limits:
            return {}
        import attrs

        from llmring._core.rates import Rate, rate

        found: dict[str, Rate] = {}
        for limits, place in ((locked, f"{path}: limits"), (self._limits, "limits")):
            for name, given in limits.items():
                own = rate(dict(given) if hasattr(given, "items") else given, f"{place}[{name!r}]")
                stated = {key: getattr(own, key) for key in LIMITS if key in given}
                found[canonical(name)] = attrs.evolve(found.get(canonical(name), Rate()), **stated)
        return found


def _dollars(value: Any) -> Decimal:
    from llmring._core.money import amount
    from llmring.exceptions import RequestError

    try:
        return amount(value)
    except RequestError as error:
        raise ConfigurationError(error.message) from None
