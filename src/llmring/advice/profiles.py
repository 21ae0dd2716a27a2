"""Change what a draft says beside its aliases: profiles, limits, pins; nothing here writes the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from llmring import locking
from llmring._core.allowance import LIMITS
from llmring._core.lockfile_profiles import add_profile, remove_profile, set_default_profile
from llmring._core.lockfile_tables import set_table
from llmring.advice.drafting import MOST_FINDINGS, Drafting, check_names
from llmring.advice.rows import bounded
from llmring.exceptions import LockfileError

if TYPE_CHECKING:
    from llmring.lockfile import Lockfile


class Profiles(Drafting):
    """Changes of profiles, limits and pins."""

    def add_profile(
        self,
        name: Annotated[str, "The new profile."],
        like: Annotated[str, "Begin with the aliases of this profile; empty begins with none."] = "",
    ) -> dict[str, Any]:
        """Add a profile, a whole set of aliases, to the draft.

        Raises:
            LockfileError: it is there already, or the name is none.
            UnknownProfileError: there is no profile *like*.

        """
        check_names(name)
        if name in self._draft.lockfile.profiles:
            raise LockfileError(f"There is a profile {name!r} already; change it, or choose another name")
        pattern = self._profile(like) if like else None
        words = f"profile {name} added" + (f", like {pattern}" if pattern else "")
        self._draft.change(words, ("profiles", name), lambda lock: lock.replace(add_profile(lock.text, name, pattern)))
        return {"profile": name, "aliases": [each.alias for each in self._draft.lockfile.get_profile(name).bindings]} | self._state()

    def remove_profile(self, name: Annotated[str, "The profile."]) -> dict[str, Any]:
        """Take a profile with all its aliases out of the draft; the default one stays: set_default_profile to another one first.

        Raises:
            LockfileError: it is the default.
            UnknownProfileError: there is no such profile.

        """
        found = self._profile(name)
        if found == self._draft.lockfile.default_profile:
            raise LockfileError(f"{name} is the default profile; set_default_profile to another one first")
        gone = [each.alias for each in self._draft.lockfile.get_profile(found).bindings]
        self._draft.change(f"profile {name} removed", ("profiles", name), lambda lock: lock.replace(remove_profile(lock.text, name)))
        return {"profile": name, "removed": gone} | self._state()

    def set_default_profile(self, name: Annotated[str, "The profile."]) -> dict[str, Any]:
        """Let the draft use a profile where none is named.

        Raises:
            UnknownProfileError: there is no such profile.

        """
        found, was = self._profile(name), self._draft.lockfile.default_profile
        words = f"default profile: {was} -> {found}"
        self._draft.change(words, ("default_profile",), lambda lock: lock.replace(set_default_profile(lock.text, found)))
        return {"default_profile": found, "was": was} | self._state()

    def set_limits(
        self,
        provider: Annotated[str, "The provider that is to be asked less."],
        max_concurrency: Annotated[int | None, "Calls at once."] = None,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
    ) -> dict[str, Any]:
        """Limit in the draft what one provider is asked, in place of its limits so far; nothing given takes them away.

        Raises:
            LockfileError: a limit is below 1.
            UnknownProviderError: there is no such provider.

        """
        name = self._provider(provider)
        given = zip(LIMITS, (max_concurrency, requests_per_minute, tokens_per_minute), strict=True)
        limits = {key: value for key, value in given if value is not None}
        if any(value < 1 for value in limits.values()):
            raise LockfileError("A limit must be at least 1; leave it out to have none")
        was = self._draft.lockfile.to_dict()["limits"].get(name)
        words = f"limits of {name}: {', '.join(f'{key} {value}' for key, value in limits.items()) or 'none'}"
        self._draft.change(words, ("limits", name), lambda lock: lock.replace(_limited(lock, name, limits)))
        return {"provider": name, "limits": limits, "was": was} | self._state()

    def pin_models(self) -> dict[str, Any]:
        """Pin in the draft what is known today of every bound model, as "llmring lock" does, and tell what that changes."""
        changes: list[dict[str, Any]] = []

        def pin(lock: Lockfile) -> None:
            made = locking.lock(lock, registry=self._registry, today=self._date)
            changes[:] = [{"model": each.model, "what": each.key, "was": each.was, "now": each.now} for each in made]

        self._draft.change("models pinned", ("pins",), pin)
        shown, left = bounded(changes, MOST_FINDINGS)
        return {"changes": shown, "left_off": left} | self._state()


def _limited(lock: Lockfile, provider: str, limits: dict[str, int]) -> str:
    return set_table(lock.text, ("limits", provider), limits, lock.to_dict()["limits"].get(provider))
