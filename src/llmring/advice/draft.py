"""Keep a draft of one lockfile in memory: what was changed, step by step; the file is written only as a proposal that somebody has seen."""

from __future__ import annotations

import difflib
import os
import re
import threading
from typing import TYPE_CHECKING, Any

import attrs

from llmring._io.lockfile_writes import guarded, write
from llmring._io.lockfiles import text_of
from llmring.exceptions import LLMRingError, LockfileChangedError, LockfileError, LockfileNotFoundError
from llmring.lockfile import Lockfile

if TYPE_CHECKING:
    from collections.abc import Callable

    Place = tuple[str, ...]
    """What a step changes: ``("default", "fast")`` an alias in a profile, ``("limits", …)`` and the like other things."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
MOST_STEPS = 500
"""So many changes may wait to be saved."""
NEW = """\
# Which models the aliases of this project stand for, the preferred one first.
version = "1.0"
default_profile = "default"

[profiles.default]
name = "default"
"""
NEW_JSON = (
    '{\n  "version": "1.0",\n  "default_profile": "default",\n  "profiles": {\n    "default": {\n      "name": "default"\n    }\n  }\n}\n'
)


@attrs.frozen
class Proposal:
    """What would be written where: to be shown, confirmed by the user, and given to :meth:`Advisor.save`."""

    path: str
    before: str | None
    """The text of the file as it is; None where there is none yet."""
    after: str
    """The text that it would have."""
    changes: tuple[str, ...]
    """What was changed, in words."""
    summary: str = ""
    """What the proposer says it is for."""

    @property
    def diff(self) -> str:
        """The difference as a unified diff, under the file's bare name; empty where there is none."""
        lines = [_LINE.findall(text) for text in (self.before or "", self.after)]
        name = os.path.basename(self.path)  # noqa: PTH119 - a name is all that is wanted
        names = ("/dev/null" if self.before is None else name, name)
        found = difflib.unified_diff(*lines, fromfile=names[0], tofile=names[1])
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)


@attrs.frozen
class CaughtUp:
    """What came of making the changes again to a file that had changed on disk."""

    moved: bool
    """Whether the file was another one than the draft was made from."""
    both: tuple[str, ...] = ()
    """What was changed on disk as well as in the draft: the draft says what it said, and its diff shows the difference."""
    lost: tuple[str, ...] = ()
    """Changes that can no longer be made, with the reason; they are out of the draft."""


@attrs.frozen
class _Step:
    words: str
    place: Place
    change: Callable[[Lockfile], None]


class Draft:
    """A lockfile as it is to be, and how it comes to differ from the file at *path*."""

    def __init__(self, path: str) -> None:
        """Begin with the file at *path*, or with a new one where there is none.

        Raises:
            LockfileError: it is there and cannot be read.

        """
        self.path = path
        self._lock = threading.RLock()
        self._before = _text(path)
        self._steps: list[_Step] = []
        self.lockfile = self._opened(self._before)

    @property
    def changes(self) -> tuple[str, ...]:
        """What was changed and is not saved, in words."""
        return tuple(step.words for step in self._steps)

    @property
    def dirty(self) -> bool:
        """Whether there is anything to save."""
        return bool(self._steps) and self.lockfile.text != self._before

    def change(self, words: str, place: Place, change: Callable[[Lockfile], None]) -> bool:
        """Make a *change* to the draft, told by *words*; nothing is changed where it raises. Tell whether anything is different now."""
        with self._lock:
            if len(self._steps) >= MOST_STEPS:
                raise LockfileError(f"{MOST_STEPS} changes wait to be saved; save them, or undo some, first", lockfile=self.path)
            fresh = Lockfile(self.lockfile.text, self.path)
            change(fresh)
            if fresh.text == self.lockfile.text:
                return False
            self.lockfile = fresh
            self._steps.append(_Step(words, place, change))
            return True

    def undo(self) -> str | None:
        """Take the last change back and tell which it was; None where there is none."""
        with self._lock:
            if not self._steps:
                return None
            last = self._steps.pop()
            self._again()
            return last.words

    def reset(self) -> int:
        """Take all changes back, begin with the file as it is now, and tell how many they were."""
        with self._lock:
            count = len(self._steps)
            self._before, self._steps = _text(self.path), []
            self.lockfile = self._opened(self._before)
            return count

    def proposal(self, summary: str = "") -> Proposal:
        """Give what would be written now."""
        with self._lock:
            return Proposal(self.path, self._before, self.lockfile.text, self.changes, summary)

    def catch_up(self) -> CaughtUp:
        """Make the changes again to the file as it is now, where that is another one than before.

        Raises:
            LockfileError: the file can no longer be read; the draft stays as it was.

        """
        with self._lock:
            now, then = _text(self.path), self._opened(self._before).to_dict()
            if now == self._before:
                return CaughtUp(moved=False)
            base = self._opened(now).to_dict()
            self._before = now
            both = tuple(dict.fromkeys(step.words for step in self._steps if _said(then, step.place) != _said(base, step.place)))
            return CaughtUp(moved=True, both=both, lost=tuple(self._again()))

    def save(self, proposal: Proposal) -> None:
        """Write *proposal*, if draft and file are still what it shows; the file is replaced as a whole or not at all.

        Raises:
            LockfileChangedError: one of them is not; nothing was written.
            LockfileError: it cannot be written.

        """
        with self._lock, guarded(self.path):
            if proposal != self.proposal(proposal.summary):
                raise LockfileChangedError("The draft is no longer what was confirmed; show its diff and ask again.", lockfile=self.path)
            if _text(self.path) != self._before:
                message = (
                    f"{self.path} was changed by somebody else; nothing was written. Catch up with it, then show the diff and ask again."
                )
                raise LockfileChangedError(message, lockfile=self.path)
            write(self.path, proposal.after)
            self._before, self._steps = proposal.after, []

    def _opened(self, text: str | None) -> Lockfile:
        """Read *text*, which is that of the file, or None where there is no file."""
        return Lockfile((NEW_JSON if self.path.endswith(".json") else NEW) if text is None else text, self.path)

    def _again(self) -> list[str]:
        """Make every step again from the beginning; tell of those that cannot be made any more, which are dropped."""
        lost: list[str] = []
        steps, self._steps, self.lockfile = self._steps, [], self._opened(self._before)
        for step in steps:
            try:
                self.change(step.words, step.place, step.change)
            except LLMRingError as error:
                lost.append(f"{step.words}: {error}")
        return lost


def _text(path: str) -> str | None:
    try:
        return text_of(path)
    except LockfileNotFoundError:
        return None


def _said(lock: dict[str, Any], place: Place) -> Any:
    """Give what *lock* says of *place*: of an alias, a profile, or a key of the file."""
    match place:
        case ("alias", profile, alias):
            rows = lock["profiles"].get(profile, {}).get("bindings", ())
            return next((row for row in rows if row["alias"] == alias), None)
        case (key, name):
            return lock[key].get(name)
        case (key,):
            return lock[key]
        case _:
            return None
