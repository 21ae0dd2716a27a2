"""The door to lockfiles for programs: read one, look things up, change bindings, save; comments and order survive."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from llmring._core import lockfile as core
from llmring._core.lockfile_asks import filled
from llmring._core.lockfile_check import check_binding
from llmring._core.lockfile_edit import bind, unbind
from llmring._core.near import closest, hint
from llmring._io.environment import environment
from llmring._io.lockfile_writes import guarded, held, write
from llmring._io.lockfiles import BUNDLED, find, text_of
from llmring.exceptions import LockfileError, LockfileNotFoundError, UnknownAliasError, UnknownProfileError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from llmring._core.lockfile import Lock

__all__ = ["Binding", "Editor", "Lockfile", "Profile", "edit"]


class Binding(NamedTuple):
    """One alias and its models."""

    alias: str
    models: tuple[str, ...]
    """Each ``provider:model``, the preferred one first."""
    constraints: Mapping[str, Any] = {}
    """What code asks of every model: abilities as ``can``, ``min_context``, ``min_output``, ``max_input_price``, ``max_output_price``."""


class Profile(NamedTuple):
    """One set of bindings."""

    name: str
    bindings: tuple[Binding, ...] = ()
    registry_versions: Mapping[str, int] = {}
    """The registry's version by provider, as of when the file was written."""

    def get_binding(self, alias: str) -> Binding | None:
        """Return the binding of *alias*, None where there is none."""
        return next((binding for binding in self.bindings if binding.alias == alias), None)


class Lockfile:
    """A lockfile: its text, and what it says; changes are checked at once and reach the disk with :meth:`save`."""

    def __init__(self, text: str = "", path: str | os.PathLike[str] | None = None) -> None:
        """Take the *text* of a lockfile, TOML or JSON, which is, or will be, at *path*.

        Raises:
            LockfileParseError: it has a fault; every fault is told, with its line.
            LockfileVersionError: its format is newer.

        """
        self._path = None if path is None else os.fspath(path)
        self._text = text
        self._lock = core.parse(text, self._path or "llmring.lock")

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None) -> Lockfile:
        """Read the lockfile at *path*, or the one that a ring would use: ``LLMRING_LOCKFILE_PATH``, ``./llmring.lock``, the bundled one.

        Raises:
            LockfileNotFoundError: a lockfile that was named is not there.
            LockfileError: it cannot be opened.
            LockfileParseError: it has a fault; every fault is told, with its line.
            LockfileVersionError: its format is newer.

        """
        found = find(path, environment())
        return cls(text_of(found), found)

    @classmethod
    def bundled(cls) -> Lockfile:
        """Read the one inside the package, which is used where there is no other."""
        return cls(text_of(BUNDLED), BUNDLED)

    @property
    def path(self) -> str | None:
        """Where it was read from or saved to."""
        return self._path

    @property
    def text(self) -> str:
        """Its text, comments included."""
        return self._text

    @property
    def version(self) -> str:
        """The version of the format."""
        return self._lock["version"]

    @property
    def default_profile(self) -> str:
        """The profile that is used where none is named."""
        return self._lock["default_profile"]

    @property
    def extends(self) -> tuple[str, ...]:
        """The packages whose aliases can be used as ``package:alias``."""
        return tuple(self._lock["extends"])

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of its profiles, in the order of the file."""
        return tuple(self._lock["profiles"])

    def get_profile(self, name: str | None = None) -> Profile:
        """Return the profile *name*; without one, that of ``LLMRING_PROFILE`` or the default.

        Raises:
            UnknownProfileError: there is no such profile.

        """
        wanted = self._profile(name)
        found = self._lock["profiles"].get(wanted)
        if found is None:
            near = closest(wanted, self.profiles)
            message = (
                f"Unknown profile {wanted!r} in {self._path or 'this lockfile'}{hint(near)} It has: {', '.join(self.profiles) or 'none'}."
            )
            raise UnknownProfileError(message, name=wanted, near=near)
        bindings = [Binding(row["alias"], tuple(row["models"]), row.get("constraints", {})) for row in found["bindings"]]
        return Profile(wanted, tuple(bindings), found["registry_versions"])

    def set_binding(
        self,
        alias: str,
        models: str | Sequence[str],
        *,
        profile: str | None = None,
        constraints: Mapping[str, Any] | Sequence[str] | None = None,
    ) -> None:
        """Bind *alias* to *models*, a list or one string with commas, in *profile*, which is made where it is new.

        *constraints*, abilities or a table, replace those that the binding has; None leaves them, and none at all takes them away.

        Raises:
            LockfileParseError: alias, models or constraints are not what a lockfile may hold; nothing is changed.

        """
        pool = [model.strip() for model in models.split(",")] if isinstance(models, str) else list(models)
        check_binding({"alias": alias, "models": pool, "constraints": constraints or {}})
        self._adopt(bind(self._text, self._profile(profile), alias, pool, None if constraints is None else filled(constraints)))

    def remove_binding(self, alias: str, *, profile: str | None = None) -> None:
        """Take *alias* out of *profile*.

        Raises:
            UnknownAliasError: it is not bound there.
            UnknownProfileError: there is no such profile.

        """
        known = self.get_profile(profile)
        if known.get_binding(alias) is None:
            near = closest(alias, [binding.alias for binding in known.bindings])
            raise UnknownAliasError(f"Unknown alias {alias!r} in profile {known.name!r}{hint(near)}", name=alias, near=near)
        self._adopt(unbind(self._text, known.name, alias))

    def replace(self, text: str) -> None:
        """Take *text* in place of its own.

        Raises:
            LockfileParseError: it has a fault; nothing is changed.
            LockfileVersionError: its format is newer.

        """
        self._adopt(text)

    def digest(self) -> str:
        """Return the SHA-256, in hexadecimal, of what it says, whatever its comments, layout and order of keys."""
        return core.digest(self._lock)

    def to_dict(self) -> dict[str, Any]:
        """Return what it says, with everything filled in that the file may leave out."""
        return dict(core.parse(self._text, self._path or "llmring.lock"))

    def save(self, path: str | os.PathLike[str] | None = None) -> None:
        """Write it to *path*, or back to where it was read from; the old file is replaced as a whole or not at all.

        Raises:
            LockfileError: it cannot be written, or *path* is needed.

        """
        target = self._path if path is None else os.fspath(path)
        if target is None or target == BUNDLED:
            raise LockfileError("This lockfile is not from a file of yours; say where to save it: save('llmring.lock')", lockfile=target)
        with nullcontext() if held(target) else guarded(target):  # inside of an edit it is
            self._store(target)

    def __repr__(self) -> str:
        """Show where it is from and which profiles it has."""
        return f"Lockfile(path={self._path!r}, profiles={self.profiles!r})"

    def _profile(self, name: str | None) -> str:
        return name or environment().get("LLMRING_PROFILE") or self.default_profile

    def _adopt(self, text: str) -> None:
        self._lock: Lock = core.parse(text, self._path or "llmring.lock")
        self._text = text

    def _store(self, target: str) -> None:
        as_json = target.endswith(".json") and core.syntax(self._text) == "toml"
        text = core.render(self._lock, "json") if as_json else self._text
        write(target, text)
        self._path, self._text = target, text


class Editor:
    """A lockfile while it is being edited, in one of its profiles."""

    def __init__(self, lockfile: Lockfile, profile: str | None) -> None:
        """Edit *profile* of *lockfile*."""
        self.lockfile = lockfile
        self._profile = profile

    def bind(self, alias: str, models: str | Sequence[str], *, constraints: Mapping[str, Any] | Sequence[str] | None = None) -> None:
        """Bind *alias* to *models*, the preferred one first; see :meth:`Lockfile.set_binding`."""
        self.lockfile.set_binding(alias, models, profile=self._profile, constraints=constraints)

    def unbind(self, alias: str) -> None:
        """Take *alias* out; see :meth:`Lockfile.remove_binding`."""
        self.lockfile.remove_binding(alias, profile=self._profile)


@contextmanager
def edit(path: str | os.PathLike[str] | None = None, *, profile: str | None = None) -> Generator[Editor]:
    """Edit the lockfile at *path*, or the one that a ring would use, in *profile*; saved at the end, unless an error came up.

    No other writer, of this process or another, comes between reading and writing.

    Raises:
        LockfileNotFoundError: there is none to edit; the bundled one is not for editing.
        LockfileError: it cannot be read or written.

    """
    target = find(path, environment())
    if target == BUNDLED:
        raise LockfileNotFoundError("There is no llmring.lock in this folder. Make one first: llmring lock init", lockfile="llmring.lock")
    with guarded(target):
        lockfile = Lockfile.load(target)
        before = lockfile.text
        yield Editor(lockfile, profile)
        if lockfile.text != before:
            write(target, lockfile.text)
