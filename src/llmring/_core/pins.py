"""Say what was known of a model on a day, as a lockfile pins it, and tell two such states apart; the registry says what is known."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmring._core.model_info import ModelInfo, Price, Rates
    from llmring._core.registry import Registry


class Change(NamedTuple):
    """One thing that is not as it was."""

    key: str
    """``id``, ``context``, ``max_output``, ``can.<ability>``, ``price.<rate>``, ``retires``."""
    was: str | None
    now: str | None

    @property
    def percent(self) -> float | None:
        """How much more it is than it was, in percent; None where it is no amount, or was none or nothing."""
        if not self.key.startswith(("price.", "context", "max_output")) or self.was is None or self.now is None or not Decimal(self.was):
            return None
        return float((Decimal(self.now) / Decimal(self.was) - 1) * 100)


class Pin(NamedTuple):
    """What was known of one model; None and absence mean that it was not known."""

    id: str
    """The model that the name meant."""
    context: int | None = None
    max_output: int | None = None
    can: tuple[str, ...] = ()
    price: Mapping[str, str] = {}
    """Dollars per million tokens by rate, exact; a rate ``input over 200000`` is for inputs of more tokens."""
    services: Mapping[str, Mapping[str, str]] = {}
    """The same by service tier, ``batch`` and the like: those of its rates that are its own."""
    price_from: str | None = None
    """ISO date from which the price was in force."""
    price_source: str | None = None
    retires: str | None = None
    """ISO date."""
    registry: Mapping[str, str] = {}
    """``version`` and ``hash`` of the registry that knew this."""

    @classmethod
    def of(cls, info: ModelInfo, registry: Registry, day: str) -> Pin:
        """Pin what *registry* knows of a model on *day* (ISO date)."""
        price = in_force(info, day)
        return cls(
            id=info.id,
            context=info.context,
            max_output=info.max_output,
            can=tuple(sorted(ability for ability, has in info.abilities.items() if has)),
            price=_spelled(price.rates) if price else {},
            services={tier: _spelled(rates) for tier, rates in sorted(price.services.items())} if price else {},
            price_from=price.start if price else None,
            price_source=info.price_source if price else None,
            retires=info.retires,
            registry={"version": registry.date, "hash": registry.digest},
        )

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Pin:
        """Read a checked *row* of a lockfile."""
        values: dict[str, Any] = {"id": "", **row, "can": tuple(row.get("can", ()))}
        return cls(**values)

    def row(self) -> dict[str, Any]:
        """Give what a lockfile holds, leaving out what is not known."""
        row: dict[str, Any] = {**self._asdict(), "can": list(self.can)}
        return {key: value for key, value in row.items() if value}

    def rates(self) -> dict[str, str]:
        """Give every rate, those of a service tier with its name in front: ``batch input``."""
        return {**self.price, **{f"{tier} {rate}": amount for tier, rates in self.services.items() for rate, amount in rates.items()}}

    def changes(self, now: Pin) -> Iterator[Change]:
        """Tell what is other *now*; what was not known, or is not known now, is no change, and neither is a longer list of abilities."""
        if self.id and self.id != now.id:
            yield Change("id", self.id, now.id)
        for key in ("context", "max_output"):
            was, is_now = getattr(self, key), getattr(now, key)
            if was is not None and is_now is not None and was != is_now:
                yield Change(key, str(was), str(is_now))
        for ability in self.can:
            if ability not in now.can:
                yield Change(f"can.{ability}", "yes", "no")
        if self.price:
            yield from _moved(self.rates(), now.rates())
        if self.retires != now.retires:
            yield Change("retires", self.retires, now.retires)


def _moved(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Change]:
    """Tell which rates are others, in the order of what *was*."""
    for rate in dict.fromkeys([*was, *now]):
        before, after = was.get(rate), now.get(rate)
        if before is None or after is None or Decimal(before) != Decimal(after):
            yield Change(f"price.{rate}", before, after)


def in_force(info: ModelInfo, day: str) -> Price | None:
    """Pick the price of *info* that holds on *day* (ISO date) whatever the hour; None where none is known."""
    daily = [price for price in info.prices if price.hours is None and (price.start or "") <= day]
    return daily[-1] if daily else None


def _spelled(rates: Rates) -> dict[str, str]:
    """Give every rate with its amount, spelled without an exponent."""
    tables = ((None, rates.base), *rates.tiers)
    return {rate if over is None else f"{rate} over {over}": f"{amount:f}" for over, table in tables for rate, amount in table.items()}
