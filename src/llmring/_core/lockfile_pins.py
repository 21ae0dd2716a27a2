"""Judge one pin of a lockfile, what was known of a model when it was written; whether it still holds is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmring._core.lockfile_faults import kind_of, unknown_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final

    from llmring._core.lockfile_faults import Fault, KeyPath

KEYS: Final = ("id", "context", "max_output", "can", "price", "services", "price_from", "price_source", "retires", "registry")
REGISTRY: Final = ("version", "hash")


def pin(value: object, place: KeyPath) -> Iterator[Fault]:
    """Find fault with *value*, the pin at *place*."""
    if not isinstance(value, dict):
        yield place, f"must be a table, not {kind_of(value)}; write it by llmring lock"
        return
    row = cast("dict[str, Any]", value)
    yield from unknown_keys(row, KEYS, place)
    yield from _texts(row, ("id", "price_from", "price_source", "retires"), place)
    for key in ("context", "max_output"):
        if key in row:
            yield from _tokens(row[key], (*place, key))
    can = row.get("can", [])
    if not isinstance(can, list) or not all(isinstance(name, str) for name in cast("list[object]", can)):
        yield (*place, "can"), f"must be a list of abilities, not {kind_of(cast('object', can))}"
    yield from _rates(row.get("price", {}), (*place, "price"))
    yield from _services(row.get("services", {}), (*place, "services"))
    registry = row.get("registry", {})
    if isinstance(registry, dict):
        yield from unknown_keys(cast("dict[str, Any]", registry), REGISTRY, (*place, "registry"))
        yield from _texts(cast("dict[str, Any]", registry), REGISTRY, (*place, "registry"))
    else:
        yield (*place, "registry"), f"must be a table with version and hash, not {kind_of(registry)}"


def _texts(row: Mapping[str, Any], keys: tuple[str, ...], place: KeyPath) -> Iterator[Fault]:
    for key in keys:
        if not isinstance(row.get(key, ""), str):
            yield (*place, key), f"must be a string, in quotes, not {kind_of(row[key])}"


def _tokens(value: object, place: KeyPath) -> Iterator[Fault]:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        yield place, f"must be a number of tokens, not {kind_of(value)}"


def _rates(rates: object, place: KeyPath) -> Iterator[Fault]:
    if not isinstance(rates, dict):
        yield place, f"must be a table of rates, not {kind_of(rates)}"
        return
    for name, rate in cast("dict[str, object]", rates).items():
        if not isinstance(rate, str) or not _is_amount(rate):
            yield (*place, name), f'must be dollars per million tokens, in quotes, as in "0.75", not {kind_of(rate)}'


def _services(services: object, place: KeyPath) -> Iterator[Fault]:
    if not isinstance(services, dict):
        yield place, f"must be a table of service tiers, not {kind_of(services)}"
        return
    for tier, rates in cast("dict[str, object]", services).items():
        yield from _rates(rates, (*place, tier))


def _is_amount(text: str) -> bool:
    whole, dot, part = text.partition(".")
    return text.isascii() and whole.isdigit() and (part.isdigit() or not dot)
