"""Judge a registry that came from elsewhere before anything relies on it; keys that are not known here pass."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from llmring._core.registry import FORMAT, Registry

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes of a registry; the bundled one has about 100,000."""
_MOST_TOKENS: Final = 10**10
_MASKS: Final = 2**256
_LONGEST: Final = 200
"""Characters of a name."""

_AMOUNT: Final = re.compile(r"\d{1,9}(\.\d{1,12})?", re.ASCII)
_HOURS: Final = re.compile(r"\d\d:\d\d-\d\d:\d\d", re.ASCII)
_DAY: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)

Problem = str | None


def read(text: str) -> Registry:
    """Read the registry in *text*, every entry of it.

    Raises:
        ValueError: it is none, or something in it is not what it should be; the place is named.

    """
    try:
        data: Any = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is no JSON: {error}") from None
    if not _object(data) or data.get("format") != FORMAT:
        raise ValueError(f"it is no registry of format {FORMAT}")
    problem = _problem(data)
    if problem is not None:
        raise ValueError(problem)
    return Registry(text)


def _problem(data: dict[str, Any]) -> Problem:
    """Name the first thing that is wrong."""
    for key, good in _HEAD.items():
        if not good(data.get(key)):
            return f"{key} is not what it should be"
    for provider, rows in data["models"].items():
        if not _name(provider) or not _object(rows):
            return f"models.{provider!r} is not what it should be"
        for name, row in rows.items():
            fault = _row(row, data) if _name(name) and _object(row) else "the entry"
            if fault is not None:
                return f"{fault} of {provider}:{name!r} is not what it should be"
    return None


def _row(row: dict[str, Any], data: dict[str, Any]) -> Problem:
    """Name what is wrong with one entry."""
    for key, good in _ROW.items():
        if key in row and not good(row[key]):
            return repr(key)
    if "g" in row and row["g"] >= len(data.get("sources", ())):
        return "'g'"
    return next((f"price {at + 1}" for at, price in enumerate(row.get("p", ())) if not _price(price)), None)


def _price(price: Any) -> bool:
    """Judge one period of prices, its service tiers included."""
    if not _table(price) or not _day(price.get("d", "2000")) or not _hours(price.get("u", "00:00-00:00")):
        return False
    services: Any = price.get("s", {})
    return _object(services) and all(
        _name(tier) and (_table(table) or (isinstance(table, str) and _table(services.get(table)))) for tier, table in services.items()
    )


def _table(table: Any) -> bool:
    """Judge the rates of one table, and those above some length."""
    if not _object(table) or not _amounts(table.get("r")):
        return False
    steps: Any = table.get("t", [])
    return _list(steps) and all(_list(step) and step and _tokens(step[0]) and _amounts(step[1:]) for step in steps)


def _amounts(amounts: Any) -> bool:
    return _list(amounts) and all(each is None or (isinstance(each, str) and _AMOUNT.fullmatch(each)) for each in amounts)


def _object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()


def _names(value: Any) -> bool:
    return _list(value) and all(map(_name, value))


def _tokens(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST_TOKENS


def _day(value: Any) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def _hours(value: Any) -> bool:
    return isinstance(value, str) and _HOURS.fullmatch(value) is not None


def _mask(value: Any) -> bool:
    return type(value) is int and 0 <= value < _MASKS


def _thinks(value: Any) -> bool:
    if not _object(value):
        return False
    budget: Any = value.get("budget", {})
    return _names(list(value)) and _names(value.get("efforts", [])) and _object(budget) and all(map(_tokens, budget.values()))


def _aliases(value: Any) -> bool:
    return _object(value) and _names(list(value)) and _names(list(value.values()))


_HEAD: Final[dict[str, Callable[[Any], bool]]] = {
    "date": _day,
    "digest": _name,
    "abilities": _names,
    "rates": _names,
    "aliases": _aliases,
    "models": _object,
}
_ROW: Final[dict[str, Callable[[Any], bool]]] = {
    "a": _names,
    **dict.fromkeys(("n", "k", "f", "s", "q", "o"), _name),
    **dict.fromkeys(("r", "x"), _day),
    **dict.fromkeys(("c", "i", "t", "g"), _tokens),
    **dict.fromkeys(("y", "w"), _mask),
    "e": _thinks,
    "p": _list,
}
