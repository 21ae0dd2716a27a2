"""Change the aliases of a draft: their models, fallbacks, and what code asks of these; nothing here writes the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from llmring._core.lockfile_asks import KEYS
from llmring.advice.catalogue import Ability  # noqa: TC001 - read at run time, when the functions are described as tools
from llmring.advice.drafting import Alias, Drafting, Profile, check_names
from llmring.advice.rows import cut
from llmring.exceptions import LockfileError, UnknownAliasError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring.lockfile import Lockfile

MOST_POOL = 20
"""Models that one alias may have here."""


class Aliases(Drafting):
    """Changes of aliases."""

    def set_alias(
        self,
        alias: Alias,
        models: Annotated[list[str], "provider:model each, the preferred one first, then its fallbacks."],
        profile: Profile = "",
    ) -> dict[str, Any]:
        """Bind an alias to models in the draft: a new alias is added, the models of one that is there are replaced.

        Raises:
            LockfileError: the alias or a model cannot be bound; nothing is changed.
            UnknownProfileError: there is no such profile.

        """
        name = self._profile(profile)
        check_names(alias, *models)
        if len(models) > MOST_POOL:
            raise LockfileError(f"{len(models)} models are more than an alias may have here; name {MOST_POOL} at most")
        if len(set(models)) < len(models):
            raise LockfileError("A model is named twice; name each once, in the order in which they are to be tried")
        return self._bind(name, alias, models)

    def add_fallback(
        self,
        alias: Alias,
        model: Annotated[str, "provider:model"],
        before: Annotated[str, "Put it before this model of the alias; empty puts it last."] = "",
        profile: Profile = "",
    ) -> dict[str, Any]:
        """Give an alias of the draft one more model, tried where those before it fail.

        Raises:
            LockfileError: it has the model already, or the model cannot be bound.
            UnknownAliasError: there is no such alias.
            UnknownProfileError: there is no such profile.

        """
        name = self._profile(profile)
        models = list(self._binding(name, alias).models)
        if model in models:
            raise LockfileError(f"{alias} has {cut(model)} already; use set_alias to order its models")
        if before and before not in models:
            raise LockfileError(f"{alias} has no model {cut(before)!r}; it has {', '.join(models)}")
        models.insert(models.index(before) if before else len(models), model)
        return self.set_alias(alias, models, name)

    def remove_fallback(self, alias: Alias, model: Annotated[str, "provider:model"], profile: Profile = "") -> dict[str, Any]:
        """Take a model out of an alias of the draft; the last one stays: remove_alias takes the alias away.

        Raises:
            LockfileError: the alias has no such model, or no other.
            UnknownAliasError: there is no such alias.
            UnknownProfileError: there is no such profile.

        """
        name = self._profile(profile)
        models = list(self._binding(name, alias).models)
        if model not in models:
            raise LockfileError(f"{alias} has no model {cut(model)!r}; it has {', '.join(models)}")
        if len(models) == 1:
            raise LockfileError(f"{model} is the only model of {alias}; bind another one by set_alias, or use remove_alias")
        models.remove(model)
        return self._bind(name, alias, models)

    def remove_alias(self, alias: Alias, profile: Profile = "") -> dict[str, Any]:
        """Take an alias out of the draft.

        Raises:
            UnknownAliasError: there is no such alias.
            UnknownProfileError: there is no such profile.

        """
        name = self._profile(profile)
        was = self._binding(name, alias)
        self._draft.change(f"{name}: {alias} removed", ("alias", name, alias), lambda lock: lock.remove_binding(alias, profile=name))
        return {"profile": name, "alias": alias, "removed": list(was.models)} | self._state()

    def set_requirements(
        self,
        alias: Alias,
        *,
        can: Ability = [],
        min_context: Annotated[int, "Tokens; 0 asks nothing."] = 0,
        min_output: Annotated[int, "Tokens; 0 asks nothing."] = 0,
        max_input_price: Annotated[float | None, "Dollars per million tokens."] = None,
        max_output_price: Annotated[float | None, "Dollars per million tokens."] = None,
        profile: Profile = "",
    ) -> dict[str, Any]:
        """Say in the draft what code asks of every model of an alias, in place of what it said; nothing given asks nothing any more.

        Raises:
            LockfileError: there is no such ability, or a number is wrong.
            UnknownAliasError: there is no such alias.
            UnknownProfileError: there is no such profile.

        """
        name = self._profile(profile)
        binding = self._binding(name, alias)
        values = (list(can), min_context, min_output, max_input_price, max_output_price)
        asked = {
            key: value for key, value in zip(KEYS, values, strict=True) if value not in ([], 0, None) or (value == 0 and "price" in key)
        }
        words = f"{name}: {alias} asks for {', '.join(f'{key} {value}' for key, value in asked.items()) or 'nothing'}"
        self._draft.change(
            words, ("alias", name, alias), lambda lock: lock.set_binding(alias, _models(lock, name, alias), profile=name, constraints=asked)
        )
        return {"profile": name, "alias": alias, "requirements": asked, "was": dict(binding.constraints)} | self._about(name, alias)

    def _bind(self, profile: str, alias: str, models: Sequence[str]) -> dict[str, Any]:
        was = self._found(profile, alias)
        words = f"{profile}: {alias} -> {', '.join(models)}"
        self._draft.change(words, ("alias", profile, alias), lambda lock: lock.set_binding(alias, list(models), profile=profile))
        before = None if was is None else list(was.models)
        return {"profile": profile, "alias": alias, "models": list(models), "was": before} | self._about(profile, alias)


def _models(lock: Lockfile, profile: str, alias: str) -> list[str]:
    found = lock.get_profile(profile).get_binding(alias)
    if found is None:
        raise UnknownAliasError(f"There is no alias {alias!r} in profile {profile!r}.", name=alias)
    return list(found.models)
