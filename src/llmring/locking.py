"""The door to pins for programs: write them, hold a lockfile against the registry, make its aliases a type.

What is changed, is changed in the `Lockfile` that is given; saving it is the caller's business.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

from llmring._core.drift import check as held
from llmring._core.finding import Finding
from llmring._core.lockfile_lines import lines_of
from llmring._core.pin_changes import PinChange, bumped, differences
from llmring._core.whereabouts import subject
from llmring._core.world import World, bound, pins, versions
from llmring._gen.providers import NAMES
from llmring._io.lockfiles import BUNDLED, circles, extended
from llmring.exceptions import LockfileError
from llmring.lockfile import Lockfile
from llmring.providers import provider_status
from llmring.registry import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring._core.lockfile import Lock
    from llmring._core.registry import Registry

__all__ = ["Finding", "PinChange", "alias_module", "bump_registry", "check", "diff", "lock", "suggest"]


def lock(lockfile: Lockfile, *, registry: Registry | None = None, today: date | None = None) -> list[PinChange]:
    """Pin what *registry*, the one in force without it, knows of every model that *lockfile* binds, and tell what that changed.

    Pins that nothing binds any more are taken out. *today* is the day whose prices are pinned, UTC's without it.
    """
    from llmring._core.lockfile_tables import set_pins

    said, world = _told(lockfile), _world(lockfile, registry, today)
    changes = list(differences(said, world))
    text = set_pins(lockfile.text, {name: pin.row() for name, pin in pins(said, world).items()})
    lockfile.replace(_with_versions(text, said, world))
    return changes


def check(
    lockfile: Lockfile, *, within: int = 30, providers: Iterable[str] = (), registry: Registry | None = None, today: date | None = None
) -> list[Finding]:
    """Hold *lockfile* against *registry*: what its aliases, models, pins and packages say, and is so no longer.

    A model that retires *within* so many days of *today* is an error. *providers* are names of the user's own that only code
    configures. The errors come first, and each finding has the line of the lockfile that it is about, where there is one.
    """
    said = _told(lockfile)
    found = held(said, _world(lockfile, registry, today, within=within, providers=providers))
    places = [subject(said, each.subject) for each in found]
    lines = iter(lines_of(lockfile.text, [place for place in places if place]))
    return [each._replace(line=next(lines)) if place else each for each, place in zip(found, places, strict=True)]


def diff(lockfile: Lockfile, *, registry: Registry | None = None, today: date | None = None) -> list[PinChange]:
    """Tell what `lock` would change; *lockfile* stays as it is."""
    return list(differences(_told(lockfile), _world(lockfile, registry, today)))


def bump_registry(lockfile: Lockfile, *, registry: Registry | None = None, today: date | None = None) -> list[PinChange]:
    """Let *lockfile* speak of *registry* wherever that says what the pins say, and tell where it says otherwise; those pins stay."""
    from llmring._core.lockfile_tables import set_pins

    said, world = _told(lockfile), _world(lockfile, registry, today)
    lockfile.replace(_with_versions(set_pins(lockfile.text, bumped(said, world)), said, world))
    return list(differences(said, world))


def alias_module(lockfile: Lockfile, *, profile: str | None = None) -> str:
    """Return the text of a module with the type ``Alias``: the names of every profile, or of *profile*, and of extended packages.

    Raises:
        LockfileError: there are no aliases; or a package that it extends cannot be read.
        UnknownProfileError: there is no such profile.

    """
    from llmring._core.alias_types import module

    said = _told(lockfile)
    others = extended(said["extends"], lockfile.path or "llmring.lock")
    broken = next((reason for reason in others.values() if isinstance(reason, str)), None)
    if broken is not None:
        raise LockfileError(broken, lockfile=lockfile.path)
    named = None if profile is None else lockfile.get_profile(profile).name
    names = [each.alias for each in bound(said, others) if named in {None, each.profile}]
    if not names:
        raise LockfileError(f"{lockfile.path or 'The lockfile'} binds no alias; bind one first: llmring bind", lockfile=lockfile.path)
    return module(names)


def suggest(*, registry: Registry | None = None, today: date | None = None) -> dict[str, list[str]]:
    """Give aliases with models to begin a lockfile with: those of providers whose key is here first, none that retires soon."""
    from llmring._core.suggest import suggestions

    bundled = Lockfile.load(BUNDLED)
    pools = {binding.alias: binding.models for binding in bundled.get_profile(bundled.default_profile).bindings}
    return suggestions(pools, _world(bundled, registry, today), lambda provider: provider_status(provider).usable)


def _told(lockfile: Lockfile) -> Lock:
    return cast("Lock", lockfile.to_dict())


def _world(lockfile: Lockfile, registry: Registry | None, today: date | None, **more: Any) -> World:
    own, place = dict.fromkeys(more.pop("providers", ())), lockfile.path or "llmring.lock"
    return World(
        registry=registry or load(),
        providers={**{name: name for name in own}, **NAMES},
        day=(today or datetime.now(UTC).date()).isoformat(),
        extended=extended(lockfile.extends, place),
        circles=circles(lockfile.extends, place),
        **more,
    )


def _with_versions(text: str, said: Lock, world: World) -> str:
    from llmring._core.lockfile_tables import set_versions

    for name, found in versions(said, world).items():
        text = set_versions(text, name, {**said["profiles"][name]["registry_versions"], **found})
    return text
