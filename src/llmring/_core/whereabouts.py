"""Say where in a lockfile a thing is that an error or a finding is about; on which line that is, the text knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.lockfile import Lock
    from llmring._core.lockfile_faults import KeyPath


def binding(lock: Lock, profile: str, alias: str, model: str = "") -> KeyPath:
    """Give the place of *alias* in *profile*, of a *model* that it is bound to, or of the package that brings it; () if there is none."""
    rows = lock["profiles"][profile]["bindings"] if profile in lock["profiles"] else []
    at = next((at for at, row in enumerate(rows) if row["alias"] == alias), None)
    if at is None:
        return _package(lock, alias.partition(":")[0])
    place = ("profiles", profile, "bindings", at)
    return (*place, "models", rows[at]["models"].index(model)) if model in rows[at]["models"] else (*place, "alias")


def subject(lock: Lock, name: str) -> KeyPath:
    """Give the place of what a finding calls *name*: a pin or a model, ``profile/alias`` or ``profile/provider``, a package."""
    return next((place for place in _places(lock, name) if place), ())


def _places(lock: Lock, name: str) -> Iterator[KeyPath]:
    if name in lock["pins"]:
        yield ("pins", name)
    for profile, told in lock["profiles"].items():
        head, _, rest = name.partition(f"{profile}/")
        if not head and rest:
            yield binding(lock, profile, rest)
            if rest in told["registry_versions"]:
                yield ("profiles", profile, "registry_versions", rest)
        yield from (binding(lock, profile, row["alias"], name) for row in told["bindings"] if name in row["models"])
    yield _package(lock, name)


def _package(lock: Lock, name: str) -> KeyPath:
    return ("extends", "packages", lock["extends"].index(name)) if name in lock["extends"] else ()
