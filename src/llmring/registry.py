"""The door to the registry for programs: what is known of each model, and where that comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from llmring._core.model_info import ModelInfo, Price, Rates
from llmring._core.pins import in_force as price_on
from llmring._core.registry import Registry
from llmring._core.world import can as can_by
from llmring._io.environment import environment
from llmring._io.registries import VARIABLE, bundled, chosen, in_force
from llmring._io.registries import refresh as refresh_copy
from llmring.exceptions import RegistryError

if TYPE_CHECKING:
    from os import PathLike

    from llmring._io.registry_cache import Copy

__all__ = [
    "CachedRegistry",
    "ModelInfo",
    "Price",
    "Rates",
    "Refreshed",
    "Registry",
    "cache_folder",
    "cached",
    "can",
    "clear_cache",
    "load",
    "price_on",
    "refresh",
]


class CachedRegistry(NamedTuple):
    """The copy of a registry that was fetched from an address."""

    url: str
    fetched: datetime
    """When it came."""
    checked: datetime
    """When it was last known to be what the address gives."""
    stale: bool
    """Whether it is old enough to be looked at again; it is used all the same."""
    size: int
    """Bytes of its text."""


class Refreshed(NamedTuple):
    """What refreshing has brought."""

    copy: CachedRegistry
    registry: Registry
    changed: bool
    """Whether it is another one than before."""
    new: tuple[str, ...]
    """Models that the copy before did not have, or where there was none the bundled registry, each ``provider:model``."""


def load(registry: str | PathLike[str] | None = None) -> Registry:
    """Give the registry that a ring with the same *registry*, a path or an address, works by; nothing is fetched.

    Without it that of ``LLMRING_REGISTRY_URL``, else the bundled one; of an address the copy in the cache folder.

    Raises:
        RegistryError: *registry* is a file that cannot be read, or is no registry.

    """
    variables = environment()
    return in_force(chosen(registry, variables), variables)


def refresh(url: str | None = None) -> Refreshed:
    """Fetch the registry at *url*, else at ``LLMRING_REGISTRY_URL``, for rings that name it.

    Raises:
        RegistryError: there is no address, it gives no registry, or nothing can be kept; the copy that was there stays in force.

    """
    variables = environment()
    place = chosen(url, variables)
    if place is None:
        given = f"give one (--url on the command line), or set {VARIABLE}"
        raise RegistryError(f"no address to refresh from: {given}; without one the bundled registry is in force")
    copy, before = refresh_copy(place, variables)
    registry = Registry(copy.text)
    known = set(_names(bundled() if before is None else Registry(before.text)))
    changed = before is None or before.text != copy.text
    return Refreshed(
        copy=_told(copy), registry=registry, changed=changed, new=tuple(each for each in _names(registry) if each not in known)
    )


def cached() -> list[CachedRegistry]:
    """List the copies in the user's cache folder, one for each address; none where there is no folder."""
    from llmring._io.registry_cache import copies

    return [_told(copy) for copy in copies(environment())]


def cache_folder() -> str:
    """Give the folder of the copies, which need not exist: below ``XDG_CACHE_HOME`` where that is set."""
    from llmring._io.registry_cache import folder

    return folder(environment())


def clear_cache() -> tuple[int, int]:
    """Remove all copies; give how many files went, and their bytes."""
    from llmring._io.registry_cache import clear

    return clear(environment())


def _names(registry: Registry) -> list[str]:
    return [f"{each.provider}:{each.id}" for each in registry.models()]


def _told(copy: Copy) -> CachedRegistry:
    now = datetime.now(UTC)
    return CachedRegistry(
        url=copy.url,
        fetched=datetime.fromtimestamp(copy.fetched, UTC),
        checked=datetime.fromtimestamp(copy.checked, UTC),
        stale=copy.stale(now.timestamp()),
        size=len(copy.text.encode()),
    )


def can(model: ModelInfo, ability: str) -> bool | None:
    """Tell whether *model* has *ability*, by what is known of it or else of its provider; None where nobody knows."""
    return can_by(model, ability, load())
