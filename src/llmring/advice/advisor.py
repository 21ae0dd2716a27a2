"""One lockfile, its draft, and the registry, as functions for programs, among them those that a model may call; saving is the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from llmring._io.environment import environment
from llmring._io.lockfiles import BUNDLED, NAME, find
from llmring.advice.aliases import Aliases
from llmring.advice.draft import Draft
from llmring.advice.drafting import MOST_FINDINGS, Profile
from llmring.advice.estimating import estimate, volume
from llmring.advice.profiles import Profiles
from llmring.advice.rows import bounded, cut
from llmring.exceptions import LockfileNotFoundError, RequestError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from datetime import date

    from llmring._core.registry import Registry
    from llmring.advice.draft import CaughtUp, Proposal
    from llmring.lockfile import Lockfile

MOST_ALIASES = 100
MOST_DAYS = 36_500
"""A hundred years."""
MOST_DIFF = 20_000
"""Characters of a diff that a model gets; the user sees all of it."""


class Advisor(Aliases, Profiles):
    """Advice about models, and the draft of a lockfile that it leads to.

    Everything in `tools` may be given to a model: it changes the draft at most. The file is written by `save` alone, which takes the
    proposal that the user has seen and confirmed, and is not among the tools.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        profile: str | None = None,
        registry: Registry | None = None,
        today: date | None = None,
    ) -> None:
        """Draft changes to the lockfile at *path*, or to the one that a ring would use; where there is none, a new one is drafted.

        Raises:
            LockfileError: it is there and cannot be read.
            UnknownProfileError: it has no such profile.

        """
        super().__init__(Draft(_place(path)), profile, registry, today)
        self._profile("")
        self._proposed: Proposal | None = None

    @property
    def path(self) -> str:
        """Where the lockfile is, or will be."""
        return self._draft.path

    @property
    def lockfile(self) -> Lockfile:
        """The lockfile as it would be saved."""
        return self._draft.lockfile

    @property
    def changes(self) -> tuple[str, ...]:
        """What was changed and is not saved, in words."""
        return self._draft.changes

    @property
    def tools(self) -> tuple[Callable[..., dict[str, Any]], ...]:
        """The functions that a model may call, for ``tools=``; none of them writes the file."""
        looking = (self.show_lockfile, self.list_models, self.describe_model, self.recommend_models, self.estimate_monthly_cost)
        aliases = (self.set_alias, self.add_fallback, self.remove_fallback, self.remove_alias, self.set_requirements)
        others = (self.add_profile, self.remove_profile, self.set_default_profile, self.set_limits, self.pin_models)
        return *looking, *aliases, *others, self.check, self.diff, self.undo, self.propose_save

    # --- what a model may call -----------------------------------------------------------------------

    def show_lockfile(self, profile: Profile = "") -> dict[str, Any]:
        """Show the draft: profiles, the aliases of one of them with their models and requirements, limits, and what is not saved yet."""
        lock, found = self._draft.lockfile, self._in_force(profile)
        aliases = [{"alias": each.alias, "models": list(each.models), "requirements": dict(each.constraints)} for each in found.bindings]
        shown, left = bounded(aliases, MOST_ALIASES)
        told = lock.to_dict()
        return {
            "path": self.path,
            "profile": found.name,
            "profiles": list(lock.profiles),
            "default_profile": lock.default_profile,
            "aliases": shown,
            "left_off": left,
            "limits": told["limits"],
            "extends": list(lock.extends),
            "pinned": len(told["pins"]),
            "unsaved": [cut(each) for each in self.changes[-MOST_FINDINGS:]],
        }

    def estimate_monthly_cost(
        self,
        *,
        calls_per_month: int,
        input_tokens: Annotated[int, "Of each call's prompt."],
        output_tokens: Annotated[int, "Of each call's answer."],
        cached_share: Annotated[float, "The part of each prompt that is read from the provider's cache, from 0 to 1."] = 0.0,
        models: Annotated[list[str], "provider:model each, the preferred one first; empty takes those of the alias."] = [],
        alias: Annotated[str, "An alias of the draft, instead of models."] = "",
        profile: Profile = "",
    ) -> dict[str, Any]:
        """Say what a month of such calls would cost with each model, and over all of them; null with a reason where that is not known.

        Raises:
            RequestError: a number is wrong, or neither models nor an alias are named, or both.
            UnknownAliasError: there is no such alias.
            UnknownProviderError: there is no such provider.

        """
        asked = volume(calls_per_month, input_tokens, output_tokens, cached_share)
        if bool(models) == bool(alias):
            raise RequestError("name either models or an alias", path="models")
        pool = list(models) or list(self._binding(self._profile(profile), alias).models)
        if len(pool) > MOST_FINDINGS:
            raise RequestError(f"name {MOST_FINDINGS} models at most", path="models")
        return estimate(pool, asked, self._find, self._date)

    def check(self, within: Annotated[int, "Days before its retirement in which a model is too old."] = 30) -> dict[str, Any]:
        """Hold the draft against the registry, as "llmring lock check" does with the file."""
        if not 0 <= within <= MOST_DAYS:
            raise RequestError(f"within must be from 0 to {MOST_DAYS} days, not {within}", path="within")
        found = self._findings(within)
        shown, left = bounded(found, MOST_FINDINGS)
        rows = [{"severity": each.severity, "code": each.code, "about": cut(each.subject), "message": cut(each.message)} for each in shown]
        errors = sum(each.severity == "error" for each in found)
        return {"errors": errors, "warnings": len(found) - errors, "findings": rows, "left_off": left}

    def diff(self) -> dict[str, Any]:
        """Show how the draft differs from the file, as a unified diff."""
        text = self.proposal().diff if self._draft.dirty else ""
        return {"path": self.path, "diff": text[:MOST_DIFF], "left_off": max(0, len(text) - MOST_DIFF)} | self._state()

    def undo(self) -> dict[str, Any]:
        """Take the last change of the draft back."""
        return {"undone": self._draft.undo()} | self._state()

    def propose_save(self, summary: Annotated[str, "What the changes are for, in a sentence."] = "") -> dict[str, Any]:
        """Ask the user to save the draft: they are shown its diff and decide after your answer. Nothing is written by this."""
        if not self._draft.dirty:
            return {"proposed": False, "why": "the draft says what the file says; change something first"}
        self._proposed = self.proposal(cut(summary) or "")
        return {"proposed": True, "written": False, "next": "the user is shown the diff and asked; end your answer now"}

    # --- what only the program does -------------------------------------------------------------------

    def proposal(self, summary: str = "") -> Proposal:
        """Give what would be written now: show its ``diff``, ask, and give it to `save`."""
        return self._draft.proposal(summary)

    def take_proposed(self) -> Proposal | None:
        """Give the draft as it is now if a model has proposed to save it since the last time, None otherwise."""
        proposed, self._proposed = self._proposed, None
        return self.proposal(proposed.summary) if proposed is not None and self._draft.dirty else None

    def save(self, proposal: Proposal) -> None:
        """Write *proposal*, which the user has seen and confirmed.

        Raises:
            LockfileChangedError: the draft or the file is no longer what it shows; nothing was written.
            LockfileError: it cannot be written.

        """
        self._draft.save(proposal)

    def catch_up(self) -> CaughtUp:
        """Make the changes again to the file as it is on disk now; nothing is written, and nothing lost without being told.

        Raises:
            LockfileError: the file can no longer be read; the draft stays as it was.

        """
        return self._draft.catch_up()

    def reset(self) -> int:
        """Begin again with the file as it is, and tell how many changes that took back."""
        self._proposed = None
        return self._draft.reset()


def _place(path: str | os.PathLike[str] | None) -> str:
    """Give the path of the lockfile that is to be changed: one that is not there yet is made, the bundled one is not for changing."""
    import os

    try:
        found = find(path, environment())
    except LockfileNotFoundError as error:
        found = error.lockfile or NAME
    return os.path.abspath(NAME if found == BUNDLED else found)  # noqa: PTH100 - absolute() leaves .. in, resolve() follows links
