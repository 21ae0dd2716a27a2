"""Tell what pinning anew would change in a lockfile, and which pins may be said to be of a newer registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from llmring._core.pins import Pin
from llmring._core.world import pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.lockfile import Lock
    from llmring._core.world import World


class PinChange(NamedTuple):
    """One thing that pinning changes."""

    model: str
    """``provider:model``."""
    key: str
    """``pin`` for a whole one; else ``id``, ``context``, ``max_output``, ``can.<ability>``, ``price.<rate>``, ``retires``."""
    was: str | None
    """None where there was none."""
    now: str | None
    """None where there is none."""
    percent: float | None = None
    """How much more it is than it was."""


def differences(lock: Lock, world: World) -> Iterator[PinChange]:
    """Tell what pins of today would say otherwise than those of *lock*."""
    current = pins(lock, world)
    for model, now in current.items():
        row = lock["pins"].get(model)
        if row is None:
            yield PinChange(model, "pin", None, now.id)
            continue
        was = Pin.read(row)
        yield from (PinChange(model, change.key, change.was, change.now, change.percent) for change in was.changes(now))
        yield from (PinChange(model, f"can.{ability}", "no", "yes") for ability in now.can if ability not in was.can)
    for model, row in lock["pins"].items():
        if model not in current:
            yield PinChange(model, "pin", str(row.get("id", "")), None)


def bumped(lock: Lock, world: World) -> dict[str, dict[str, Any]]:
    """Give the pins of *lock*, of the registry of today where it says nothing else of the model."""
    moved = {change.model for change in differences(lock, world)}
    current = pins(lock, world)
    return {
        name: row if name in moved or name not in current else {**row, "registry": dict(current[name].registry)}
        for name, row in lock["pins"].items()
    }
