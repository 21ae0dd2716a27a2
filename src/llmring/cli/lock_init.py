"""``llmring lock init``: a lockfile to begin with, out of the registry and the keys that are here, or as the user says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmring.cli.naming import doubts
from llmring.cli.tables import table
from llmring.cli.terminal import complain, note, say_json
from llmring.exceptions import LockfileError
from llmring.lockfile import Lockfile
from llmring.locking import lock, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INIT = ("lockfile", "aliases")
"""The keys of ``--json``."""
HEAD = """\
# Which models the aliases of this project stand for, the preferred one first.
# llmring lock pins what is known of them; llmring lock check says what moved.
version = "1.0"
default_profile = "default"

[profiles.default]
name = "default"
"""
NONE = "-"


def begin(path: str | None, *, force: bool, interactive: bool, as_json: bool) -> None:
    """Write a lockfile to *path*, or where the environment says that it is, asking for its models where *interactive*.

    Raises:
        LockfileError: one is there, and nothing says to *force* it; or it cannot be written.

    """
    path = path or os.environ.get("LLMRING_LOCKFILE_PATH") or "llmring.lock"
    target = Path(path).expanduser()
    if target.is_dir():
        raise LockfileError(f"{path} is a folder; name the lockfile in it: --file {target / 'llmring.lock'}", lockfile=path)
    if target.exists() and not force:
        raise LockfileError(f"{path} is there already; --force replaces it", lockfile=path)
    lockfile = Lockfile(HEAD, path)
    chosen = suggest()
    for alias, models in (_asked(chosen) if interactive else chosen).items():
        lockfile.set_binding(alias, models, profile="default")
    lock(lockfile)
    lockfile.save(target)
    bound = {binding.alias: list(binding.models) for binding in lockfile.get_profile("default").bindings}
    if as_json:
        say_json(dict(zip(INIT, (str(target.absolute()), bound), strict=True)))
        return
    table(("alias", "models"), [(alias, ", ".join(models)) for alias, models in bound.items()])
    pinned = len(lockfile.to_dict()["pins"])
    note(f"{path} is written, {pinned} {'model' if pinned == 1 else 'models'} pinned")


def _asked(suggested: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Ask for the models of each alias, then for further ones."""
    note(f"Models are provider:model with commas between them, the preferred one first; {NONE} leaves an alias out.")
    chosen = {alias: models for alias, given in suggested.items() if (models := _models(alias, ",".join(given)))}
    while alias := str(click.prompt("another alias (Enter ends)", default="", show_default=False, err=True)).strip():
        if models := _models(alias, None):
            chosen[alias] = models
    return chosen


def _models(alias: str, default: str | None) -> list[str]:
    """Ask until the models of *alias* could be bound."""
    while True:
        answer = str(click.prompt(alias, default=default, err=True)).strip()
        if answer == NONE:
            return []
        models = [model.strip() for model in answer.split(",")]
        try:
            Lockfile().set_binding(alias, models)
        except LockfileError as error:
            complain(str(error))
        else:
            for doubt in doubts(models):
                note(doubt)
            return models
