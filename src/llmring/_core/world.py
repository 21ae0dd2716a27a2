"""What a lockfile is held against, and what it binds; holding the one against the other is done elsewhere."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from llmring._core.pins import Pin
from llmring._gen.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmring._core.lockfile import Lock
    from llmring._core.model_info import ModelInfo
    from llmring._core.registry import Registry


class World(NamedTuple):
    """What a lockfile is held against."""

    registry: Registry
    providers: Mapping[str, str]
    """Every provider's name, to its id."""
    day: str
    """ISO date of today."""
    within: int = 30
    """Days before its retirement in which a model counts as retiring."""
    extended: Mapping[str, Lock | str] = {}
    """The lockfiles of extended packages, or why one cannot be read."""
    circles: Mapping[str, Sequence[str]] = {}
    """The way on which a package's own extensions lead back to where they have been, by package."""

    @property
    def soon(self) -> str:
        """The last day (ISO date) on which a model that is retired then counts as retiring."""
        return (date.fromisoformat(self.day) + timedelta(self.within)).isoformat()

    def find(self, reference: str) -> ModelInfo | None:
        """Return what is known of the model that *reference* names."""
        head, _, name = reference.partition(":")
        provider = self.providers.get(head)
        return self.registry.find(provider, name) if provider else None

    def lists(self, reference: str) -> bool:
        """Tell whether the registry has all models of the provider of *reference*, so that one which it has not is none."""
        provider = self.providers.get(reference.partition(":")[0], "")
        return provider in self.registry.providers() and provider in PROVIDERS and not PROVIDERS[provider]["key_optional"]

    def exact(self, reference: str) -> bool:
        """Tell whether the registry has the very name of *reference*, and not only one like it."""
        head, _, name = reference.partition(":")
        return name.lower() in {known.lower() for known in self.registry.names(self.providers.get(head, head))}


class Bound(NamedTuple):
    """One binding as it is used: of the lockfile, or of a package that it extends."""

    profile: str
    alias: str
    models: Sequence[str]
    asks: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """``profile/alias``."""
        return f"{self.profile}/{self.alias}"


def bound(lock: Lock, extended: Mapping[str, Lock | str]) -> Iterator[Bound]:
    """Yield every binding that *lock* has, and those of the packages that it does not override."""
    for name, profile in lock["profiles"].items():
        own = {row["alias"] for row in profile["bindings"]}
        for row in profile["bindings"]:
            yield Bound(name, row["alias"], row["models"], row.get("constraints", {}))
        for package, other in extended.items():
            if isinstance(other, str):
                continue
            chosen = other["profiles"].get(name) or other["profiles"].get(other["default_profile"])
            for row in chosen["bindings"] if chosen else ():
                if f"{package}:{row['alias']}" not in own:
                    yield Bound(name, f"{package}:{row['alias']}", row["models"], row.get("constraints", {}))


def models(lock: Lock, extended: Mapping[str, Lock | str]) -> list[str]:
    """Give every model that is bound, once, in order."""
    return list(dict.fromkeys(model for each in bound(lock, extended) for model in each.models))


def pins(lock: Lock, world: World) -> dict[str, Pin]:
    """Pin every bound model that the registry knows."""
    found = ((model, world.find(model)) for model in models(lock, world.extended))
    return {model: Pin.of(info, world.registry, world.day) for model, info in found if info is not None}


def versions(lock: Lock, world: World) -> dict[str, dict[str, int]]:
    """Give the registry's version by provider for every profile, of the providers whose models it binds."""
    version = int(world.registry.date.replace("-", "") or 0)
    used: dict[str, dict[str, int]] = {name: {} for name in lock["profiles"]}
    for each in bound(lock, world.extended):
        for model in each.models:
            provider = world.providers.get(model.partition(":")[0])
            if provider in world.registry.providers():
                used[each.profile][str(provider)] = version
    return used


def can(info: ModelInfo, ability: str, world: Registry) -> bool | None:
    """Tell whether a model has *ability*: by what is known of it, else by what its provider can; None where nobody knows."""
    known = info.can(ability)
    cell = PROVIDERS[info.provider]["capabilities"].get(cast("Any", ability)) if info.provider in PROVIDERS else None
    if ability == "embeddings":
        return info.kind == "embedding"
    if known is None and world.speaks_of(ability):
        return None if cell != "unsupported" else False
    if known is None:
        return None if cell is None else cell != "unsupported"
    return known or cell == "emulated"
