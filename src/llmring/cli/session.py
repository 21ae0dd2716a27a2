"""``llmring chat`` as a conversation: lines in, answers out, until the user has had enough."""

from __future__ import annotations

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from llmring.cli.chat import remarks, streamed, writer
from llmring.cli.conversation import Conversation
from llmring.cli.conversing import Commands
from llmring.cli.rings import ring
from llmring.cli.terminal import complain, note, reason, say
from llmring.exceptions import LLMRingError
from llmring.schemas import Message

if TYPE_CHECKING:
    from llmring import LLMRing
    from llmring.cli.chat import Question

KEYS = """\
A line that ends with \\ goes on in the next; \"\"\" begins and ends several lines. Ctrl-C stops an answer."""

PROMPT, MORE = "> ", ". "
QUOTES = '"""'


def talk(question: Question, *, markdown: bool, verbose: bool) -> None:
    """Converse until the user ends it, beginning with what *question* has set."""
    with contextlib.suppress(ImportError):
        import_module("readline")  # gives input() its editing and its memory
    with ring() as made:
        session = Session(made, question, markdown=markdown, verbose=verbose)
        note(f"{session.talk.model}; /help lists commands, Ctrl-D ends")
        while session.commands.going:
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
        self._ring = made
        self._options = question.given
        self._markdown = markdown
        self._verbose = verbose
        self.talk = Conversation(question.model, question.system or "", question.files)
        self.commands = Commands(self.talk, lambda name: made.resolve(name, profile=self._options.get("profile")), KEYS)

    def take(self, text: str) -> None:
        """Do what a line says: a command, or a message to the model."""
        try:
            found = self.commands.find(text)
            if found is not None:
                command, rest = found
                command.does(rest)
            elif text.strip():
                self._ask(text)
        except LookupError as error:
            complain(str(error))
        except (LLMRingError, OSError) as error:
            complain(reason(error), *getattr(error, "__notes__", ()))

    def _ask(self, text: str) -> None:
        """Send *text* after all turns so far; a failure leaves these as they were."""
        talk, before = self.talk, len(self.talk.turns)
        said = talk.asks(text)
        talk.add([said])
        to = writer(markdown=self._markdown)
        kept: list[str] = []
        try:
            stream = self._ring.chat_stream(talk.model, [*talk.opening, *talk.turns], **self._options)
            response = streamed(stream, _Keeping(to, kept))
        except KeyboardInterrupt:
            to.end()
            note("stopped")
            if not kept:
                talk.back(before)
                return
            talk.add([Message(role="assistant", content="".join(kept))])
        except LLMRingError:
            talk.back(before)
            raise
        else:
            talk.add([response.message], response)
            for line in remarks(response, verbose=self._verbose, as_json=False):
                note(line)
        talk.sent()


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
