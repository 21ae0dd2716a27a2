"""Choose the models that a new lockfile begins with; what is known of them, and whose keys are here, is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmring._core.model_info import ModelInfo
    from llmring._core.world import World

ALIASES: Final = ("fast", "balanced", "deep", "vision", "local")
"""The aliases that a lockfile begins with."""


def suggestions(pools: Mapping[str, Sequence[str]], world: World, usable: Callable[[str], bool]) -> dict[str, list[str]]:
    """Give models for every alias, out of *pools*: those of providers that are *usable* first, none that retires soon.

    In place of one that does, the newest of its family is taken.
    """
    chosen: dict[str, list[str]] = {}
    for alias in ALIASES:
        current = [found for model in pools.get(alias, ()) if (found := _current(model, world)) is not None]
        models = sorted(dict.fromkeys(current), key=lambda model: not usable(model.partition(":")[0]))
        if models:
            chosen[alias] = models
    return chosen


def _current(model: str, world: World) -> str | None:
    """Return *model*, or its newest sister where it is going, None where there is none."""
    info = world.find(model)
    if info is None:
        return None if world.lists(model) else model
    if _stays(info, world):
        return model
    sisters = [other for other in world.registry.models(info.provider) if _sister(other, info) and _stays(other, world)]
    newest = max(sisters, key=lambda other: other.released or "", default=None)
    return None if newest is None else f"{info.provider}:{newest.id}"


def _sister(other: ModelInfo, info: ModelInfo) -> bool:
    return info.family is not None and (other.family, other.kind) == (info.family, info.kind)


def _stays(info: ModelInfo, world: World) -> bool:
    return info.retires is None or info.retires > world.soon
