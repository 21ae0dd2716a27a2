"""A conversation on the command line, plain or with tools: its turns, what is asked of whom, and how it is kept; nothing is asked here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llmring.cli.sending import content, part
from llmring.cli.terminal import note
from llmring.exceptions import ConfigurationError
from llmring.schemas import Message, TextPart
from llmring.sessions import Sessions, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from llmring import LLMResponse
    from llmring.schemas import Part
    from llmring.sessions import Session, SessionSummary


class Conversation:
    """The conversation that a user is in; another one may be begun or taken up in its place."""

    def __init__(self, model: str, system: str = "", files: Sequence[str] = ()) -> None:
        """Begin one with *model*; *files* go along with the first message."""
        self.sessions = _sessions()
        self.session: Session = self.sessions.begin(model, system)
        self.files: list[str] = list(files)
        self.parts: list[Part] = []
        """What else goes along with the next message."""

    @property
    def turns(self) -> list[Message]:
        """The turns so far, instructions left out."""
        return self.session.turns

    @property
    def model(self) -> str:
        """Whom the next message is for."""
        return self.session.told.model

    @property
    def opening(self) -> list[Message]:
        """What comes before the turns."""
        system = self.session.told.system
        return [Message(role="system", content=system)] if system else []

    def asks(self, text: str) -> Message:
        """Give the turn that *text*, and what goes along with it, make."""
        if not self.parts:
            return Message(role="user", content=content(text, self.files))
        return Message(role="user", content=[*self.parts, *map(part, self.files), TextPart(text=text)])

    def sent(self) -> None:
        """Note that what went along has gone."""
        self.files, self.parts = [], []

    def add(self, turns: Iterable[Message], answer: LLMResponse[Any] | None = None) -> None:
        """Add *turns*, and what the *answer* among them used."""
        self._kept(lambda: self.session.add(turns, answer))

    def back(self, length: int) -> None:
        """Forget all but the first *length* turns."""
        self._kept(lambda: self.session.back(length))

    def choose(self, *, model: str | None = None, system: str | None = None) -> None:
        """Go on with another *model*, or other instructions."""
        told = self.session.told
        self._kept(lambda: self.session.choose(told.model if model is None else model, told.system if system is None else system))

    def clear(self) -> None:
        """Begin another one with the same model and instructions; this one stays where it is kept."""
        self.session = self.sessions.begin(self.model, self.session.told.system)
        self.sent()

    def load(self, name: str) -> Session:
        """Take up the one called *name*, or whose number in the list it is.

        Raises:
            ConfigurationError: there is no such.

        """
        listed = dict(enumerate(self.recent(), 1)) if name.isdecimal() else {}
        self.session = self.sessions.open(listed[int(name)].name if name.isdecimal() and int(name) in listed else name)
        self.sent()
        return self.session

    def recent(self) -> list[SessionSummary]:
        """List those that are kept."""
        return self.sessions.recent()

    def save(self, place: Path) -> int:
        """Write it down at *place*, as JSON or as Markdown; tell how many turns that are.

        Raises:
            OSError: it could not be written, or is there already.

        """
        turns = [*self.opening, *self.turns]
        if place.suffix.lower() == ".json":
            text = json.dumps({"model": self.model, "messages": [turn.to_dict() for turn in turns]}, ensure_ascii=False, indent=2)
        else:
            text = "\n\n".join(f"## {turn.role}\n\n{_told(turn)}" for turn in turns)
        with place.open("x", encoding="utf-8") as file:
            file.write(text + "\n")
        return len(turns)

    def _kept(self, write: Callable[[], None]) -> None:
        """Have something written down; where that cannot be, go on without and say so once."""
        try:
            write()
        except OSError as error:
            self.session.path = None
            note(f"warning: this conversation is no longer kept: {error}")


def _sessions() -> Sessions:
    """Find the place for conversations; a user without a home has none."""
    try:
        return Sessions()
    except ConfigurationError:
        nowhere = Sessions("")
        nowhere.folder = None
        return nowhere


def _told(turn: Message) -> str:
    """Give what *turn* says, and which tools it calls."""
    called = [f"`{call.name}({call.raw_arguments})`" for call in turn.tool_calls]
    return "\n\n".join(word for word in (spoken(turn), *called) if word)
