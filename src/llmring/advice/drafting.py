"""The draft of a lockfile, and what every change of it goes by: profiles, aliases, findings; the changes themselves are made elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from llmring import locking
from llmring._core.near import closest, hint
from llmring.advice.catalogue import Catalogue
from llmring.advice.rows import cut
from llmring.exceptions import LockfileError, UnknownAliasError, UnknownProfileError
from llmring.lockfile import Profile as Bindings

if TYPE_CHECKING:
    from datetime import date

    from llmring._core.registry import Registry
    from llmring.advice.draft import Draft
    from llmring.lockfile import Binding

LONGEST_NAME = 200
MOST_FINDINGS = 50

Profile = Annotated[str, "The profile; empty is the one in force."]
Alias = Annotated[str, "The alias, as code calls it."]


class Drafting(Catalogue):
    """A draft of one lockfile beside the catalogue."""

    def __init__(self, draft: Draft, profile: str | None, registry: Registry | None, today: date | None) -> None:
        """Look at *draft*, in *profile* unless another one is named."""
        super().__init__(registry, today)
        self._draft = draft
        self._profile_named = profile

    def _about(self, profile: str, alias: str) -> dict[str, Any]:
        """Tell what there is to say of an alias and its models, once it is bound."""
        binding = self._found(profile, alias)
        subjects = {f"{profile}/{alias}", *(binding.models if binding else ())}
        found = [f"{each.severity}: {each.subject}: {each.message}" for each in self._findings(30) if each.subject in subjects]
        return {"findings": [cut(each) for each in found[:MOST_FINDINGS]]} | self._state()

    def _findings(self, within: int) -> list[locking.Finding]:
        return locking.check(self._draft.lockfile, within=within, registry=self._registry, today=self._date)

    def _state(self) -> dict[str, Any]:
        return {"unsaved_changes": len(self._draft.changes)}

    def _profile(self, name: str) -> str:
        """Give the profile *name*, or the one in force."""
        return self._in_force(name).name

    def _in_force(self, name: str) -> Bindings:
        lock = self._draft.lockfile
        try:
            return lock.get_profile(name or self._profile_named)
        except UnknownProfileError as error:
            if error.name == lock.default_profile:
                return Bindings(error.name)  # a lockfile need not have it before something is bound in it
            raise

    def _found(self, profile: str, alias: str) -> Binding | None:
        return self._in_force(profile).get_binding(alias)

    def _binding(self, profile: str, alias: str) -> Binding:
        found = self._found(profile, alias)
        if found is None:
            near = closest(alias, [each.alias for each in self._in_force(profile).bindings])
            raise UnknownAliasError(f"There is no alias {cut(alias)!r} in profile {profile!r}{hint(near)}", name=alias, near=near)
        return found


def check_names(*names: str) -> None:
    """Refuse what nobody could read in a diff."""
    for name in names:
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise LockfileError(f"{cut(name)!r} is no name: write printable characters, {LONGEST_NAME} at most")
