"""The door to conversations that are kept: files of JSON lines, one each, that a crash can shorten and not spoil."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from llmring._core.near import closest, hint
from llmring._core.transcripts import (
    Transcript,
    back_line,
    chosen_line,
    first_words,
    header_line,
    open_calls,
    read_transcript,
    spoken,
    turns_line,
)
from llmring._io.environment import environment
from llmring._io.session_files import SUFFIX, append, sessions_folder
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from llmring._gen.message import Message
    from llmring._gen.response import LLMResponse

__all__ = ["Session", "SessionSummary", "Sessions", "Transcript", "first_words", "open_calls", "spoken"]

_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")
_LOOK: Final = 1 << 16
"""Bytes that are read of a file to tell what it is about."""


class SessionSummary(NamedTuple):
    """What a list tells of a conversation."""

    name: str
    time: datetime
    """When the last line was written."""
    model: str
    words: str
    """The first that were asked."""


class Session:
    """One conversation, each turn of it written down before the next; nothing is written before the first turn."""

    def __init__(self, name: str, path: Path | None, told: Transcript, *, begun: bool) -> None:
        """Go on with what was *told*; without a *path* nothing is written."""
        self.name = name
        self.path = path
        self.told = told
        self._begun = begun

    @property
    def turns(self) -> list[Message]:
        """The turns so far, instructions left out."""
        return self.told.turns

    def add(self, turns: Iterable[Message], answer: LLMResponse[Any] | None = None) -> None:
        """Add *turns*, and what the *answer* among them used.

        Raises:
            OSError: they could not be written.

        """
        added = list(turns)
        self.told.turns += added
        if answer is not None:
            self.told.spend(answer.usage, None if answer.cost is None else answer.cost.total)
        self._write(turns_line(added, answer))

    def back(self, length: int) -> None:
        """Forget all but the first *length* turns; what they used stays counted.

        Raises:
            OSError: that could not be written.

        """
        del self.told.turns[length:]
        if self._begun:
            self._write(back_line(length))

    def choose(self, model: str, system: str) -> None:
        """Ask the next turns of *model*, with *system* for instructions.

        Raises:
            OSError: that could not be written.

        """
        self.told.model, self.told.system = model, system
        if self._begun:
            self._write(chosen_line(model, system))

    def _write(self, line: str) -> None:
        if self.path is None:
            return
        if not self._begun:
            line = header_line(self.told.began, self.told.model, self.told.system) + line
        append(self.path, line)
        self._begun = True


class Sessions:
    """The conversations of this user."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Keep them in *folder*; without one where ``LLMRING_SESSIONS`` says (0: nowhere), else in the user's data folder.

        Raises:
            ConfigurationError: this user has no home.

        """
        self.folder = sessions_folder(environment()) if folder is None else Path(folder)
        """None where none are kept."""

    def begin(self, model: str, system: str = "") -> Session:
        """Begin one with *model*."""
        now = datetime.now(UTC)
        name = f"{now.astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        told = Transcript(began=now.isoformat(timespec="seconds"), model=model, system=system)
        return Session(name, None if self.folder is None else self.folder / (name + SUFFIX), told, begun=False)

    def open(self, name: str) -> Session:
        """Go on with the one called *name*, or whose name alone begins so.

        Raises:
            ConfigurationError: there is none, there are several, or its file is no conversation.

        """
        files = self._files()
        found = _named(name, list(files))
        path = files[found]
        try:
            told = read_transcript(path.read_text(encoding="utf-8", errors="replace"))
        except (OSError, ConfigurationError) as error:
            raise ConfigurationError(f"The conversation {str(path)!r} cannot be read: {error}") from error
        if told.unanswered:
            append(path, back_line(len(told.turns)))
        return Session(found, path, told, begun=True)

    def recent(self) -> list[SessionSummary]:
        """Tell of all, the latest first; files that are no conversation are left out."""
        found = [summary for name, path in self._files().items() if (summary := _summary(name, path)) is not None]
        return sorted(found, key=lambda summary: (summary.time, summary.name), reverse=True)

    def _files(self) -> dict[str, Path]:
        """Give the file of each conversation by its name."""
        if self.folder is None or not self.folder.is_dir():
            return {}
        found = {path.stem: path for path in self.folder.glob(f"*{SUFFIX}") if _NAME.fullmatch(path.stem)}
        return dict(sorted(found.items()))


def _named(name: str, names: Sequence[str]) -> str:
    if name in names:
        return name
    begun = [each for each in names if name and each.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise ConfigurationError(f"{len(begun)} conversations begin with {name!r}; write more of the name")
    raise ConfigurationError(f"There is no conversation {name!r}{hint(closest(name, names))}")


def _summary(name: str, path: Path) -> SessionSummary | None:
    try:
        with path.open("rb") as file:
            told = read_transcript(file.read(_LOOK).decode(errors="replace"))
        time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ConfigurationError):
        return None
    return SessionSummary(name, time, told.model, first_words([*told.turns, *told.unanswered]))
