"""What the commands about aliases do: bind, take out, list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring.cli.tables import table
from llmring.cli.terminal import note, say, say_json
from llmring.exceptions import UnknownProviderError
from llmring.lockfile import Lockfile, edit
from llmring.providers import provider_status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

BOUND = ("lockfile", "profile", "alias", "models", "constraints")
"""The keys of ``bind --json``."""
UNBOUND = ("lockfile", "profile", "alias")
"""The keys of ``unbind --json``."""
ALIASES = ("lockfile", "profile", "aliases")
"""The keys of ``aliases --json``."""
ALIAS = ("alias", "models", "uses")
"""The keys of each of its aliases; *uses* is the first model whose provider's key is here, or null."""


def bind_alias(path: str | None, alias: str, models: str, profile: str | None, can: str | None, *, as_json: bool) -> None:
    """Bind *alias* to *models*, which must be able to do what *can* names; models that nobody knows are told, not refused."""
    asked = None if can is None else {"can": [word.strip() for word in can.split(",") if word.strip()]}
    with edit(path, profile=profile) as editor:
        known = {*editor.lockfile.profiles, editor.lockfile.default_profile}
        editor.bind(alias, models, constraints=asked if asked is None or asked["can"] else {})
    bound = editor.lockfile.get_profile(profile)
    binding = bound.get_binding(alias)
    pool = binding.models if binding else ()
    if as_json:
        values = (editor.lockfile.path, bound.name, alias, list(pool), dict(binding.constraints) if binding else {})
        say_json(dict(zip(BOUND, values, strict=True)))
    else:
        say(f"{alias} -> {', '.join(pool)}" + ("" if bound.name == editor.lockfile.default_profile else f"  (profile {bound.name})"))
    if bound.name not in known:
        note(f"{bound.name} is a new profile{_near(bound.name, known)}")
    for doubt in doubts(pool):
        note(doubt)
    if (pins := editor.lockfile.to_dict()["pins"]) and not all(model in pins for model in pool):
        note("llmring lock pins what is known of them")


def _near(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(known))
    return f"; did you mean {' or '.join(near)}?" if near else f", beside {', '.join(sorted(known))}"


def doubts(models: Sequence[str]) -> Iterator[str]:
    """Tell of models that nobody knows."""
    from llmring.registry import load

    registry = load()
    for model in models:
        provider, _, name = model.partition(":")
        try:
            status = provider_status(provider)
        except UnknownProviderError as error:
            yield f"warning: {model}: {error} Only code that configures it can call it."
            continue
        if status.name in registry.providers() and not status.key_optional and registry.find(status.name, name) is None:
            yield f"warning: {model}: the registry knows no such model; check the name"


def unbind_alias(path: str | None, alias: str, profile: str | None, *, as_json: bool) -> None:
    """Take *alias* out."""
    with edit(path, profile=profile) as editor:
        editor.unbind(alias)
    name = editor.lockfile.get_profile(profile).name
    if as_json:
        say_json(dict(zip(UNBOUND, (editor.lockfile.path, name, alias), strict=True)))
    else:
        say(f"{alias} is no longer bound in profile {name}")


def list_aliases(path: str | None, profile: str | None, *, as_json: bool) -> None:
    """List the aliases of *profile* and what each uses here."""
    from llmring import LLMRing

    lockfile = Lockfile.load(path)
    ring = LLMRing(lockfile_path=path)
    bound = ring.aliases(profile)
    name = profile or lockfile.get_profile().name if lockfile.profiles else lockfile.default_profile
    used = {alias: next((model for model in models if _usable(model)), None) for alias, models in bound.items()}
    if as_json:
        rows = [dict(zip(ALIAS, (alias, list(models), used[alias]), strict=True)) for alias, models in bound.items()]
        say_json(dict(zip(ALIASES, (lockfile.path, name, rows), strict=True)))
        return
    if bound:
        rows = [
            (alias, used[alias] or "-", ", ".join(model for model in models if model != used[alias])) for alias, models in bound.items()
        ]
        table(("alias", "uses", "else"), rows)
    note(f"{len(bound) or 'no'} {'alias' if len(bound) == 1 else 'aliases'} in profile {name} of {lockfile.path}")
    if None in used.values():
        note("- has no key for any of its models; see llmring providers")


def _usable(model: str) -> bool:
    try:
        return provider_status(model.partition(":")[0]).usable
    except UnknownProviderError:
        return False
