"""What is known of a model and its prices; where that is looked up is the registry's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


class Rates(NamedTuple):
    """Dollars per million tokens by kind, and what replaces them above some length of input."""

    base: Mapping[str, Decimal]
    tiers: tuple[tuple[int, Mapping[str, Decimal]], ...] = ()
    """Rising limits, each with the rates that hold for the whole request when its input is longer."""

    def step(self, rate: str, length: int) -> int | None:
        """Return the limit above which an input of *length* tokens has a *rate* of its own, None where it has the base rate."""
        return next((over for over, rates in reversed(self.tiers) if length > over and rate in rates), None)

    def get(self, rate: str, length: int) -> Decimal | None:
        """Return *rate* for an input of *length* tokens, None where it is not known."""
        for over, rates in reversed(self.tiers):
            if length > over and rate in rates:
                return rates[rate]
        return self.base.get(rate)


class Price:
    """The rates in force from one day on."""

    __slots__ = ("hours", "limits", "memo", "rates", "services", "start")

    start: Final[str | None]
    """First day, as ISO date; None: since ever."""
    hours: Final[tuple[str, str] | None]
    """Hours of the day (UTC, ``HH:MM``, the last excluded) to which it is limited."""
    rates: Final[Rates]
    services: Final[Mapping[str, Rates]]
    """Service tier to the rates that differ from *rates*."""
    memo: Final[dict[tuple[str, str, int], tuple[Decimal, bool]]]
    """What was worked out of it, by service tier, rate and bracket: dollars for one token, and whether they are certain."""
    limits: Final[tuple[int, ...]]
    """Every length of input above which some rate changes."""

    def __init__(self, start: str | None, rates: Rates, services: Mapping[str, Rates], hours: tuple[str, str] | None = None) -> None:
        """Charge *rates* from *start* on, at *hours* alone where there are some."""
        self.start = start
        self.hours = hours
        self.rates = rates
        self.services = services
        self.memo = {}
        self.limits = tuple(sorted({over for table in (rates, *services.values()) for over, _ in table.tiers}))

    def __eq__(self, other: object) -> bool:
        """Compare what is charged and when."""
        return isinstance(other, Price) and self._told() == other._told()

    __hash__ = None  # pyright: ignore[reportAssignmentType] - the rates are mappings

    def __repr__(self) -> str:
        """Show what is charged and when."""
        return f"Price(start={self.start!r}, rates={self.rates!r}, services={self.services!r}, hours={self.hours!r})"

    def _told(self) -> tuple[object, ...]:
        return self.start, self.hours, self.rates, self.services

    def bracket(self, length: int) -> int:
        """Give the number of the bracket into which an input of *length* tokens falls; within one, all rates are the same."""
        return sum(length > over for over in self.limits) if self.limits else 0


class ModelInfo(NamedTuple):
    """What is known of one model; None and absence mean not known, never no."""

    provider: str
    id: str
    """The pinned name where there is one."""
    abilities: Mapping[str, bool]
    """Ability to whether the model has it; the names are those of the providers' capabilities."""
    as_of: str
    """ISO date that the registry speaks of."""
    aliases: tuple[str, ...] = ()
    name: str | None = None
    kind: str = "chat"
    """``chat``, ``embedding``, ``image``, ``speech``, ``transcription``, ``realtime``, …"""
    family: str | None = None
    released: str | None = None
    """ISO date, or year and month."""
    retires: str | None = None
    """ISO date of the last day, past or announced."""
    context: int | None = None
    """Tokens that fit into prompt and answer together."""
    max_input: int | None = None
    """Tokens that the prompt may have, where that is less than *context*."""
    max_output: int | None = None
    """Tokens of the longest answer, reasoning included."""
    efforts: tuple[str, ...] = ()
    """Reasoning efforts that can be asked for, weakest first."""
    budget: tuple[int | None, int | None] | None = None
    """Least and most reasoning tokens that can be asked for; None where no budget can."""
    thinking: frozenset[str] = frozenset()
    """``toggle`` (can be switched), ``adaptive`` (as the model sees fit), ``always`` (cannot be switched off)."""
    protocol: str | None = None
    """The protocol that it must be called by, where its provider's default will not do."""
    prices: tuple[Price, ...] = ()
    """Oldest first; those limited to some hours last."""
    price_source: str | None = None
    """Whose word the prices are, and of which day."""
    speed: str | None = None
    intelligence: str | None = None

    def can(self, ability: str) -> bool | None:
        """Tell whether the model has *ability*; None where that is not known."""
        return self.abilities.get(ability)

    def retired(self, day: str) -> bool:
        """Tell whether the model is gone on *day* (ISO date)."""
        return self.retires is not None and self.retires <= day
