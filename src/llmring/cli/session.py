"""``llmring chat`` as a conversation: lines in, answers out, until the user has had enough."""

from __future__ import annotations

import contextlib
import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmring.cli.chat import remarks, streamed, writer
from llmring.cli.rings import ring
from llmring.cli.sending import content
from llmring.cli.terminal import complain, note, say
from llmring.exceptions import LLMRingError
from llmring.schemas import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring import LLMRing
    from llmring.cli.chat import Question

HELP = """\
/model [NAME]   show the model, or go on with another one
/file PATH      send a file along with the next message
/system [TEXT]  show, or set, the instructions
/clear          forget the conversation
/save PATH      write it down: as JSON where PATH ends so, else as Markdown
/help           this list
/quit           end (so does Ctrl-D)
A line that ends with \\ goes on in the next; \"\"\" begins and ends several lines. Ctrl-C stops an answer."""

PROMPT, MORE = "> ", ". "
QUOTES = '"""'


def talk(question: Question, *, markdown: bool, verbose: bool) -> None:
    """Converse until the user ends it, beginning with what *question* has set."""
    with contextlib.suppress(ImportError):
        import_module("readline")  # gives input() its editing and its memory
    with ring() as made:
        session = Session(made, question, markdown=markdown, verbose=verbose)
        note(f"{session.model}; /help lists commands, Ctrl-D ends")
        while session.going:
            try:
                text = read()
            except EOFError:
                say()
                return
            except KeyboardInterrupt:
                say()
                note("Ctrl-D or /quit ends")
                continue
            session.take(text)


def read() -> str:
    """Read one message, which may have several lines."""
    line = input(PROMPT)
    if line.strip().startswith(QUOTES):
        return _quoted(line.strip().removeprefix(QUOTES))
    lines = [line]
    while lines[-1].endswith("\\"):
        lines[-1] = lines[-1][:-1]
        lines.append(input(MORE))
    return "\n".join(lines)


def _quoted(first: str) -> str:
    """Read on to the quotes that end the message."""
    lines = [first]
    while not lines[-1].rstrip().endswith(QUOTES):
        lines.append(input(MORE))
    lines[-1] = lines[-1].rstrip().removesuffix(QUOTES)
    return "\n".join(lines).strip("\n")


class Session:
    """A conversation so far."""

    def __init__(self, made: LLMRing, question: Question, *, markdown: bool, verbose: bool) -> None:
        """Begin one by way of the ring *made*."""
        self.model = question.model
        self.going = True
        self.turns: list[Message] = []
        self._ring = made
        self._options = question.given
        self._system = question.system or ""
        self._files = list(question.files)
        self._markdown = markdown
        self._verbose = verbose
        self._commands: dict[str, Callable[[str], None]] = {
            "/model": self._choose,
            "/file": self._attach,
            "/system": self._instruct,
            "/clear": self._clear,
            "/save": self._save,
            "/help": lambda _: note(HELP),
            "/quit": self._quit,
            "/exit": self._quit,
        }

    def take(self, text: str) -> None:
        """Do what a line says: a command, or a message to the model."""
        word, _, rest = text.strip().partition(" ")
        if word in self._commands:
            try:
                self._commands[word](rest.strip())
            except (LLMRingError, OSError) as error:
                complain(str(error))
        elif word.startswith("/") and "/" not in word[1:] and "\n" not in word:
            complain(f"there is no {word}; /help lists what there is")
        elif word:
            self._ask(text)

    def _ask(self, text: str) -> None:
        """Send *text* after all turns so far; a failure leaves these as they were."""
        said = Message(role="user", content=content(text, self._files))
        opening = [Message(role="system", content=self._system)] if self._system else []
        to = writer(markdown=self._markdown)
        kept: list[str] = []
        try:
            stream = self._ring.chat_stream(self.model, [*opening, *self.turns, said], **self._options)
            response = streamed(stream, _Keeping(to, kept))
        except KeyboardInterrupt:
            to.end()
            note("stopped")
            if kept:
                self.turns += [said, Message(role="assistant", content="".join(kept))]
                self._files = []
            return
        except LLMRingError as error:
            complain(str(error), *getattr(error, "__notes__", ()))
            return
        self.turns += [said, response.message]
        self._files = []
        for line in remarks(response, verbose=self._verbose, as_json=False):
            note(line)

    def _choose(self, name: str) -> None:
        if name:
            self._ring.resolve(name, profile=self._options.get("profile"))
            self.model = name
        note(f"model: {self.model}")

    def _attach(self, path: str) -> None:
        place = Path(path).expanduser()
        if not place.is_file():
            complain(f"{path or '/file'}: name a file that is there")
            return
        self._files.append(str(place))
        note(f"goes with the next message: {', '.join(self._files)}")

    def _instruct(self, text: str) -> None:
        self._system = text or self._system
        note(f"instructions: {self._system or 'none'}")

    def _clear(self, _: str) -> None:
        self.turns, self._files = [], []
        note("forgotten")

    def _quit(self, _: str) -> None:
        self.going = False

    def _save(self, path: str) -> None:
        place = Path(path).expanduser()
        if not path or place.exists():
            complain(f"{path} is there already; name another file" if path else "/save: name a file")
            return
        opening = [Message(role="system", content=self._system)] if self._system else []
        turns = [*opening, *self.turns]
        if place.suffix.lower() == ".json":
            text = json.dumps({"model": self.model, "messages": [turn.to_dict() for turn in turns]}, ensure_ascii=False, indent=2)
        else:
            text = "\n\n".join(f"## {turn.role}\n\n{_text(turn)}" for turn in turns)
        place.write_text(text + "\n", encoding="utf-8")
        note(f"{len(turns)} turns written to {place}")


class _Keeping:
    """A writer that keeps what it has written."""

    def __init__(self, to: Any, kept: list[str]) -> None:
        self._to = to
        self._kept = kept

    def more(self, piece: str) -> None:
        if piece:
            self._kept.append(piece)
        self._to.more(piece)

    def end(self) -> None:
        self._to.end()


def _text(turn: Message) -> str:
    """Give the text of *turn*; of a file its name."""
    if not isinstance(turn.content, list):
        return turn.content or ""
    return "\n\n".join(getattr(part, "text", None) or f"({getattr(part, 'path', None) or part.type})" for part in turn.content)
