"""Judge and read the constraints of a binding, what code asks of its models; whether a model has it is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmring._core.lockfile_faults import kind_of, nearest, unknown_keys
from llmring._gen.providers import ABILITIES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from llmring._core.lockfile_faults import Fault, KeyPath

LIMITS: Final = ("min_context", "min_output")
"""Tokens that a model must have at least."""
PRICES: Final = ("max_input_price", "max_output_price")
"""Dollars per million tokens that a model may cost at most."""
KEYS: Final = ("can", *LIMITS, *PRICES)


def asks(constraints: object, place: KeyPath) -> Iterator[Fault]:
    """Find fault with *constraints* at *place*: a list of abilities, or a table that has one as ``can`` beside limits and prices."""
    if isinstance(constraints, list):
        yield from _abilities(cast("list[object]", constraints), place)
        return
    if not isinstance(constraints, dict):
        yield place, f'must be a list of abilities, as in ["tools", "vision"], or a table, not {kind_of(constraints)}'
        return
    table = cast("dict[str, Any]", constraints)
    yield from unknown_keys(table, KEYS, place)
    if "can" in table:
        can = table["can"]
        if isinstance(can, list):
            yield from _abilities(cast("list[object]", can), (*place, "can"))
        else:
            yield (*place, "can"), f'must be a list of abilities, as in ["tools", "vision"], not {kind_of(can)}'
    for key in LIMITS:
        value = table.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield (*place, key), f"must be a number of tokens, not {kind_of(value)}"
    for key in PRICES:
        value = table.get(key, 0)
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < float("inf"):
            yield (*place, key), f"must be dollars per million tokens, not {kind_of(value)}"


def filled(constraints: Any) -> dict[str, Any]:
    """Return checked *constraints* as a table, whichever way they were written."""
    return {"can": list(cast("list[str]", constraints))} if isinstance(constraints, list) else dict(constraints)


def _abilities(names: list[object], place: KeyPath) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, name in enumerate(names):
        if not isinstance(name, str):
            yield (*place, at), f"must be the name of an ability, not {kind_of(name)}"
        elif name not in ABILITIES:
            yield (*place, at), f"there is no ability {name!r}{nearest(name, ABILITIES)}"
        elif name in seen:
            yield (*place, at), f"{name!r} is asked for twice"
        seen.add(str(name))
