"""Look models up in the compact registry; where its text comes from is the caller's business."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.model_info import ModelInfo, Price, Rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FORMAT: Final = 1
"""The newest shape of the compact registry that is understood here."""

_VERSION = re.compile(r"[-@:](?:20\d{6}|20\d\d-\d\d-\d\d|\d\d-20\d\d|\d\d-\d\d|\d{3}|latest|cloud)$")
"""What may follow a name and still mean the same model: a date, a revision, a moving tag."""

_KIND: Final = "chat"
_KEPT: Final = 4096
"""How many looked-up names are remembered; beyond it, memory starts afresh."""


class Registry:
    """All models, by provider and name; each is built when it is first asked for."""

    def __init__(self, text: str) -> None:
        """Read the compact registry in *text*.

        Raises:
            ValueError: *text* is no JSON, or of a format newer than this version reads.

        """
        data: dict[str, Any] = json.loads(text)
        if data.get("format") != FORMAT:
            raise ValueError(f"registry format {data.get('format')!r} is not {FORMAT}: update llmring or remove the registry's cached copy")
        self.date: str = data["date"]
        """ISO date that the registry speaks of."""
        self.digest: str = data["digest"]
        """Names this state of the registry."""
        self._abilities: list[str] = data["abilities"]
        self._rates: list[str] = data["rates"]
        self._sources: list[str] = cast("list[str]", data.get("sources", []))
        self._aliases: dict[str, str] = data["aliases"]
        self._rows: dict[str, dict[str, dict[str, Any]]] = data["models"]
        self._names: dict[str, dict[str, str]] = {}
        self._built: dict[tuple[str, str], ModelInfo] = {}
        self._found: dict[tuple[str, str], ModelInfo | None] = {}

    def find(self, provider: str, name: str) -> ModelInfo | None:
        """Return what is known of *name*: pinned, floating, or with a date or revision that no entry has; case does not matter."""
        key = (provider, name)
        try:
            return self._found[key]
        except KeyError:
            if len(self._found) >= _KEPT:
                self._found = {}
            found = self._found[key] = self._search(provider, name)
            return found

    def models(self, provider: str | None = None, *, kind: str | None = None, day: str | None = None) -> Iterator[ModelInfo]:
        """Yield every model, in the registry's order; or those of *provider*, of *kind*, not retired on *day* (ISO date)."""
        for each in self._rows if provider is None else [self._provider(provider)]:
            for name, row in self._rows.get(each, {}).items():
                if (kind is None or row.get("k", _KIND) == kind) and (day is None or "x" not in row or row["x"] > day):
                    yield self._model(each, name)

    def count(self) -> int:
        """Return how many models have entries; none is built for it."""
        return sum(map(len, self._rows.values()))

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of models that have entries, sorted."""
        return tuple(sorted({row.get("k", _KIND) for rows in self._rows.values() for row in rows.values()}))

    def names(self, provider: str) -> tuple[str, ...]:
        """Return all names of *provider*'s models, floating ones included."""
        return tuple(self._index(self._provider(provider)))

    def speaks_of(self, ability: str) -> bool:
        """Tell whether entries say of models that they have *ability*, or have it not."""
        return ability in self._abilities

    def providers(self) -> tuple[str, ...]:
        """Return the providers that have entries."""
        return tuple(self._rows)

    def _provider(self, name: str) -> str:
        lower = name.lower()
        return self._aliases.get(lower, lower)

    def _search(self, provider: str, name: str) -> ModelInfo | None:
        provider = self._provider(provider)
        index = self._index(provider)
        wanted = name.lower().removeprefix("models/")
        if wanted.startswith("ft:"):  # ft:<base model>:<organisation>:<suffix>:<id>
            wanted = ":".join(wanted.split(":", 2)[:2])
        while wanted not in index:
            shorter = _VERSION.sub("", wanted)
            if shorter == wanted:
                return None
            wanted = shorter
        return self._model(provider, index[wanted])

    def _index(self, provider: str) -> dict[str, str]:
        """Map every name of *provider* to its entry."""
        index = self._names.get(provider)
        if index is None:
            rows = self._rows.get(provider, {})
            index = {name.lower(): pinned for pinned, row in rows.items() for name in (pinned, *row.get("a", ()))}
            self._names[provider] = index
        return index

    def _model(self, provider: str, name: str) -> ModelInfo:
        key = (provider, name)
        if key not in self._built:
            self._built[key] = self._build(provider, name, self._rows[provider][name])
        return self._built[key]

    def _build(self, provider: str, name: str, row: Mapping[str, Any]) -> ModelInfo:
        """Spell one row out."""
        thinks: Mapping[str, Any] = row.get("e", {})
        budget: Mapping[str, int] | None = thinks.get("budget")
        return ModelInfo(
            provider=provider,
            id=name,
            aliases=tuple(row.get("a", ())),
            name=row.get("n"),
            kind=row.get("k", _KIND),
            family=row.get("f"),
            released=row.get("r"),
            retires=row.get("x"),
            context=row.get("c"),
            max_input=row.get("i"),
            max_output=row.get("t"),
            abilities=self._mask(row.get("y", 0), has=True) | self._mask(row.get("w", 0), has=False),
            efforts=tuple(thinks.get("efforts", ())),
            budget=None if budget is None else (budget.get("min"), budget.get("max")),
            thinking=frozenset(thinks) - {"efforts", "budget"},
            protocol=row.get("o"),
            prices=tuple(sorted((self._price(price) for price in row.get("p", ())), key=lambda price: price.hours is not None)),
            price_source=self._sources[int(row["g"])] if "g" in row else None,
            as_of=self.date,
            speed=row.get("s"),
            intelligence=row.get("q"),
        )

    def _mask(self, mask: int, *, has: bool) -> dict[str, bool]:
        return {ability: has for at, ability in enumerate(self._abilities) if mask >> at & 1}

    def _price(self, row: Mapping[str, Any]) -> Price:
        services: dict[str, Any] = row.get("s", {})
        tables = {tier: services[table] if isinstance(table, str) else table for tier, table in services.items()}
        first, _, last = row.get("u", "").partition("-")
        return Price(
            start=row.get("d"),
            hours=(first, last) if last else None,
            rates=self._table(row),
            services={tier: self._table(table) for tier, table in tables.items()},
        )

    def _table(self, row: Mapping[str, Any]) -> Rates:
        tiers = tuple((step[0], self._named(step[1:])) for step in row.get("t", ()))
        return Rates(self._named(row["r"]), tiers)

    def _named(self, amounts: Sequence[str | None]) -> dict[str, Decimal]:
        return {rate: Decimal(amount) for rate, amount in zip(self._rates, amounts, strict=False) if amount is not None}
