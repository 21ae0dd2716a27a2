"""Turn the name that a caller gives into models to try, in order; whether one can be used is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llmring._core.near import closest, hint
from llmring._core.whereabouts import binding
from llmring.exceptions import (
    ConfigurationError,
    MissingAliasesError,
    MissingAPIKeyError,
    UnknownAliasError,
    UnknownProfileError,
    UnknownProviderError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from llmring._core.lockfile import Lock
    from llmring._core.lockfile_faults import KeyPath


class Candidate(NamedTuple):
    """One model of one provider."""

    provider: str
    model: str

    def __str__(self) -> str:
        """Write it as a caller would: ``provider:model``."""
        return f"{self.provider}:{self.model}"


class Plan(NamedTuple):
    """What a name means: the models to try, in order, and how they were found."""

    candidates: tuple[Candidate, ...]
    alias: str | None = None
    """The alias, as the caller gave it; None for a direct reference."""
    profile: str | None = None
    """The profile that bound it; None for a direct reference."""


class Book:
    """The aliases of a lockfile and of the packages that it extends, beside the names of all providers; never changes."""

    __slots__ = ("_aliases", "_line", "default", "extended", "lock", "origin", "path", "providers")

    def __init__(  # noqa: PLR0913 - everything that names can mean, keyword-only
        self,
        lock: Lock,
        *,
        path: str,
        providers: Mapping[str, str],
        extended: Mapping[str, Lock] | None = None,
        profile: str | None = None,
        environment: Mapping[str, str] | None = None,
        line: Callable[[KeyPath], int | None] | None = None,
    ) -> None:
        """Hold *lock*, read from *path*, and the locks *extended* by package; *providers* maps every provider's name to its id.

        The profile is *profile*, else ``LLMRING_PROFILE`` of *environment*, else the lockfile's default.
        An error asks *line* on which line of the lockfile something is.
        """
        self.lock = lock
        self.path = path
        self.providers = providers
        self.extended = extended or {}
        named = (environment or {}).get("LLMRING_PROFILE")
        self.default = profile or named or lock["default_profile"]
        self.origin = "" if profile else " (from LLMRING_PROFILE)" if named else " (default_profile)"
        self._line = line
        self._aliases: dict[str, dict[str, tuple[str, ...]]] = {}

    def aliases(self, profile: str | None = None) -> dict[str, tuple[str, ...]]:
        """Return the models of every alias of *profile*, or of the one in force; those of packages as ``package:alias``.

        Raises:
            UnknownProfileError: the lockfile has no such profile.

        """
        name = profile or self.default
        known = self._aliases.get(name)
        if known is None:
            known = self._aliases[name] = self._gather(name, "" if profile else self.origin)
        return known

    def plan(self, name: str, profile: str | None = None) -> Plan:
        """Return what *name*, an alias, ``package:alias`` or ``provider:model``, means in *profile*, or in the one in force.

        Raises:
            UnknownAliasError: nothing is bound to it.
            UnknownProviderError: it begins with the name of no provider and no package, or its binding does.
            UnknownProfileError: the lockfile has no such profile.
            ConfigurationError: it names a provider but no model.

        """
        head, colon, model = name.partition(":")
        provider = self.providers.get(head)
        if colon and provider:
            return Plan((self._direct(provider, model, name),))
        models = self.aliases(profile).get(name)
        if models is None:
            raise self._unknown(name, profile)
        chosen = profile or self.default
        return Plan(tuple(self._bound(name, model, chosen) for model in models), alias=name, profile=chosen)

    def has(self, name: object, profile: str | None = None) -> bool:
        """Tell whether *name* is an alias; a direct reference is none, and an unknown profile has none."""
        try:
            return name in self.aliases(profile)
        except (UnknownProfileError, TypeError):
            return False

    def require(self, names: Iterable[str], *, context: str | None = None, profile: str | None = None) -> None:
        """Insist that every one of *names* is an alias, on behalf of *context*.

        Raises:
            MissingAliasesError: some are not; the text names them and the lockfile.
            UnknownProfileError: the lockfile has no such profile.

        """
        bound = self.aliases(profile)
        missing = [name for name in ([names] if isinstance(names, str) else names) if name not in bound]
        if missing:
            message = (
                f"Lockfile missing required aliases{f' for {context}' if context else ''}: {', '.join(missing)}.\n"
                f"Lockfile path: {self.path}\n"
                "Please ensure your lockfile defines these aliases."
            )
            raise MissingAliasesError(message, missing=missing, lockfile=self.path)

    def _gather(self, profile: str, origin: str) -> dict[str, tuple[str, ...]]:
        own = _bindings(self.lock, profile)
        if own is None:
            raise self._no_profile(profile, origin)
        gathered = {
            f"{package}:{alias}": models
            for package, lock in self.extended.items()
            for alias, models in (_bindings(lock, profile) or _bindings(lock, lock["default_profile"]) or {}).items()
        }
        return gathered | own

    def _direct(self, provider: str, model: str, name: str) -> Candidate:
        if not model:
            raise ConfigurationError(f"{name!r} names a provider but no model; write {name}<model>")
        return Candidate(provider, model)

    def _bound(self, alias: str, reference: str, profile: str) -> Candidate:
        head, _, model = reference.partition(":")
        provider = self.providers.get(head)
        if provider is None:
            near = closest(head, self.providers)
            line = self._line(binding(self.lock, profile, alias, reference)) if self._line else None
            where = self.path if line is None else f"{self.path}, line {line}"
            message = f"Alias {alias!r} is bound to {reference!r}, but there is no provider {head!r}{hint(near)} Lockfile path: {where}"
            raise UnknownProviderError(message, name=head, near=near)
        return Candidate(provider, model)

    def _unknown(self, name: str, profile: str | None) -> UnknownAliasError | UnknownProviderError:
        bound = self.aliases(profile)
        head, colon, rest = name.partition(":")
        where = f"profile {profile or self.default!r} of {self.path}"
        if colon and head not in self.extended:
            near = closest(head, [*self.providers, *self.extended])
            meant = [f"{one}:{rest}" for one in near] or closest(name, bound)
            message = f"Unknown provider {head!r} in {name!r}, which is no alias in {where} either{hint(meant)}"
            return UnknownProviderError(message, name=head, near=near)
        near = closest(name, bound)
        message = f"Unknown alias {name!r} in {where}{hint(near)}"
        if name in self.providers:
            message += f" {name!r} is a provider: write {name}:<model>."
        elif not near:
            message += f" Known: {', '.join(sorted(bound)) or 'none'}. A model is written provider:model."
        return UnknownAliasError(message, name=name, near=near)

    def _no_profile(self, name: str, origin: str) -> UnknownProfileError:
        near = closest(name, self.lock["profiles"])
        known = ", ".join(self.lock["profiles"])
        message = f"Unknown profile {name!r}{origin} in {self.path}{hint(near)} It has: {known}."
        return UnknownProfileError(message, name=name, near=near)


def first_usable(plan: Plan, missing: Callable[[str], MissingAPIKeyError | None]) -> Candidate:
    """Return the first candidate whose provider lacks no key, as *missing* tells; a direct reference is taken as it is.

    Raises:
        MissingAPIKeyError: no candidate's provider has its key; the text names the variables of all.

    """
    lacking: list[MissingAPIKeyError] = []
    for candidate in plan.candidates:
        error = None if plan.alias is None else missing(candidate.provider)
        if error is None:
            return candidate
        lacking.append(error)
    variables = dict.fromkeys(name for error in lacking for name in error.variables)
    models = ", ".join(map(str, plan.candidates))
    message = f"No model of {plan.alias!r} can be used ({models}): set one of {', '.join(variables)}."
    raise MissingAPIKeyError(message, provider=lacking[0].provider, variables=tuple(variables))


def _bindings(lock: Lock, profile: str) -> dict[str, tuple[str, ...]] | None:
    """Return the models by alias of one profile; None where there is no such profile, though a lock without any has all, empty."""
    found = lock["profiles"].get(profile)
    if found is None:
        return None if lock["profiles"] else {}
    return {binding["alias"]: tuple(binding["models"]) for binding in found["bindings"]}
