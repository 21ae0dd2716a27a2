"""The commands that any conversation on a terminal has; one with tools adds its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from llmring.cli.terminal import complain, note
from llmring.sessions import first_words, spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring.cli.conversation import Conversation

LISTED = 20
"""Conversations that /sessions shows."""


class Command(NamedTuple):
    """What a line that begins with a slash does."""

    usage: str
    told: str
    does: Callable[[str], Any]


class Commands:
    """The commands of one conversation."""

    def __init__(self, talk: Conversation, check: Callable[[str], object], keys: str) -> None:
        """Work on *talk*; *check* raises for a model that there is none of; *keys* is what else the help tells."""
        self.going = True
        self.talk = talk
        self._check = check
        self._keys = keys
        self.table: dict[str, Command] = {}
        self.offer("/model [NAME]", "show the model, or go on with another one", self._model)
        self.offer("/file PATH", "send a file along with the next message", self._file)
        self.offer("/system [TEXT]", "show, or set, the instructions", self._system)
        self.offer("/history", "show the conversation so far, shortened", self._history)
        self.offer("/sessions", "list the conversations that are kept", self._sessions)
        self.offer("/load NAME", "take up one of them, by name or number", self._load)
        self.offer("/clear", "begin another one; /sessions still has this one", self._clear)
        self.offer("/cost", "tell what this one has used", self._cost)
        self.offer("/save PATH", "write it down, as JSON or Markdown by its ending", self._save)
        self.offer("/help", "this list", self._help)
        self.offer("/exit", "end (so do /quit and Ctrl-D)", self._exit)
        self.table["/quit"] = self.table["/exit"]

    def offer(self, usage: str, told: str, does: Callable[[str], Any]) -> None:
        """Add the command that *usage* begins with."""
        self.table[usage.partition(" ")[0]] = Command(usage, told, does)

    def find(self, text: str) -> tuple[Command, str] | None:
        """Give the command that *text* is, and what follows it; complain of one that there is not.

        Raises:
            LookupError: there is no such.

        """
        word, _, rest = text.strip().partition(" ")
        if word in self.table:
            return self.table[word], rest.strip()
        if word.startswith("/") and "/" not in word[1:] and "\n" not in word:
            raise LookupError(f"there is no {word}; /help lists what there is")
        return None

    def _model(self, name: str) -> None:
        if name:
            self._check(name)
            self.talk.choose(model=name)
        note(f"model: {self.talk.model}")

    def _file(self, path: str) -> None:
        place = Path(path).expanduser()
        if not place.is_file():
            complain(f"{path or '/file'}: name a file that is there")
            return
        self.talk.files.append(str(place))
        note(f"goes with the next message: {', '.join(self.talk.files)}")

    def _system(self, text: str) -> None:
        if text:
            self.talk.choose(system=text)
        note(f"instructions: {self.talk.session.told.system or 'none'}")

    def _history(self, _: str) -> None:
        columns = shutil.get_terminal_size().columns
        for turn in self.talk.turns:
            said = " ".join(spoken(turn).split()) or ", ".join(f"calls {call.name}" for call in turn.tool_calls)
            line = f"{turn.role:<9} {said}"
            note(line if len(line) < columns else line[: columns - 4] + "...")
        if not self.talk.turns:
            note("nothing was said yet")

    def _sessions(self, _: str) -> None:
        found = self.talk.recent()
        if not found:
            note("no conversation is kept" + ("" if self.talk.sessions.folder else ", as LLMRING_SESSIONS says"))
        columns = shutil.get_terminal_size().columns
        wide = max((len(each.model) for each in found[:LISTED]), default=0)
        for number, each in enumerate(found[:LISTED], 1):
            here = "*" if each.name == self.talk.session.name else " "
            line = f"{here}{number:>3}  {each.time.astimezone():%Y-%m-%d %H:%M}  {each.model:<{wide}}  {each.words}"
            note(line if len(line) < columns else line[: columns - 4].rstrip(".") + "...")
        if len(found) > LISTED:
            note(f"{len(found) - LISTED} more in {self.talk.sessions.folder}")

    def _load(self, name: str) -> None:
        if not name:
            complain("/load: name one of /sessions, by name or number")
            return
        session = self.talk.load(name)
        note(f"{session.name}: {len(session.turns)} turns with {session.told.model}")
        if session.told.lost:
            note(f"{session.told.lost} line(s) of it could not be read, as a crash leaves them, and were left out")
        if session.told.unanswered:
            note(f"its last message had no answer and was taken back: {first_words(session.told.unanswered)}")

    def _clear(self, _: str) -> None:
        self.talk.clear()
        note("forgotten; /sessions still has it" if self.talk.sessions.folder else "forgotten")

    def _cost(self, _: str) -> None:
        told = self.talk.session.told
        unknown = f", {told.unpriced} of unknown price" if told.unpriced else ""
        note(f"{told.answers} answers{unknown}: {told.usage.input_tokens:,} tokens in, {told.usage.output_tokens:,} out, ${told.cost:.6f}")

    def _save(self, path: str) -> None:
        place = Path(path).expanduser()
        if not path or place.exists():
            complain(f"{path} is there already; name another file" if path else "/save: name a file")
            return
        note(f"{self.talk.save(place)} turns written to {place}")

    def _help(self, _: str) -> None:
        shown = [command for word, command in self.table.items() if word == command.usage.partition(" ")[0]]
        wide = max(len(command.usage) for command in shown)
        note("\n".join([*(f"{command.usage:<{wide}}  {command.told}" for command in shown), self._keys]))

    def _exit(self, _: str) -> None:
        self.going = False
