"""The conversation about a lockfile: what a line does, what is asked of the model, and the leave without which nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring.cli.advising import instructions
from llmring.cli.chat import remarks, writer
from llmring.cli.conversing import Command
from llmring.cli.lock_calls import tell, tell_failed
from llmring.cli.lock_diff import agreed, near, show
from llmring.cli.tables import table
from llmring.cli.terminal import complain, note, reason, say
from llmring.exceptions import LLMRingError, LockfileChangedError, ToolError
from llmring.schemas import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring import LLMResponse, LLMRing
    from llmring.advice import Advisor
    from llmring.cli.writers import Writer
    from llmring.schemas import ToolCall

ROUNDS = 25
"""Requests that one message may lead to."""
KEYS = 'A line that ends with \\ goes on in the next; """ begins and ends several lines. Ctrl-C stops an answer.'


class LockSession:
    """A conversation about one lockfile, and its draft."""

    def __init__(self, ring: LLMRing, advisor: Advisor, model: str, *, profile: str | None, markdown: bool, verbose: bool) -> None:
        """Converse with *model* by way of *ring*, in its *profile*, about what *advisor* drafts."""
        self.advisor = advisor
        self.going = True
        self._ring = ring
        self._model = model
        self._profile = profile
        self._markdown = markdown
        self._verbose = verbose
        self._turns: list[Message] = []
        self._since: list[str] = []
        """What the model is to know of what happened since it answered."""
        self._commands: dict[str, Command] = {}
        self._offer("/diff", "show how the draft differs from the file", lambda _: self._diff())
        self._offer("/check", "hold the draft against the registry", lambda _: self._check())
        self._offer("/save", "write the draft to the file, once you have seen the difference", lambda _: self.offer())
        self._offer("/undo", "take the last change back", lambda _: self._undo())
        self._offer("/reset", "take all changes back", lambda _: self._reset())
        self._offer("/help", "this list", lambda _: self._help())
        self._offer("/exit", "end (so do /quit and Ctrl-D)", lambda _: self.leave())
        self._commands["/quit"] = self._commands["/exit"]

    def take(self, text: str) -> None:
        """Do what a line says: a command, or a message to the model."""
        word = text.strip().partition(" ")[0]
        try:
            if word in self._commands:
                self._commands[word].does(text)
            elif word.startswith("/") and "/" not in word[1:] and "\n" not in word:
                complain(f"there is no {word}; /help lists what there is")
            elif word:
                self._converse(text)
        except (LLMRingError, OSError) as error:
            complain(reason(error), *getattr(error, "__notes__", ()))

    def ask(self, text: str, to: Writer | None = None) -> LLMResponse[Any]:
        """Let the model answer *text*, calling tools; what it says is written *to* as it comes. A failure leaves the turns as they were."""
        said = Message(role="user", content="\n\n".join([*(f"[{each}]" for each in self._since), text]))
        stream = self._ring.run_tools_stream(
            self._model,
            [Message(role="system", content=instructions(self.advisor)), *self._turns, said],
            tools=list(self.advisor.tools),
            approve=lambda call, _: _told(call, to),
            max_rounds=ROUNDS,
            profile=self._profile,
        )
        try:
            with stream:
                for event in stream:
                    if to is not None:
                        to.more(event.delta)
                    if event.type == "tool_result" and event.is_error:
                        tell_failed(event.tool_call, event.message)
        finally:
            if to is not None:
                to.end()
        response: LLMResponse[Any] = stream.response
        self._turns += [said, *response.turns]
        self._since = []
        return response

    def offer(self, summary: str = "") -> None:
        """Show what would be written, with the model's *summary*, ask for leave, and write it; again where the file changed meanwhile."""
        while self._caught_up() and self.advisor.changes:
            proposal = self.advisor.proposal(summary)
            show(proposal)
            if not agreed(f"Write this to {near(self.advisor.path)}?"):
                note(f"not written; the draft keeps {counted(self.advisor)}")
                self._since.append("The user was shown the difference and did not want it written. The draft is as it was.")
                return
            try:
                self.advisor.save(proposal)
            except LockfileChangedError:
                complain(f"nothing was written: {near(self.advisor.path)} is no longer what this difference was made from")
                continue
            note(f"{near(self.advisor.path)} is written")
            self._since.append("The user confirmed, and the draft was written to the file.")
            return
        note("there is nothing to write: the draft says what the file says")

    def leave(self) -> None:
        """End, after asking where something would be lost."""
        lost = f"Leave and lose {counted(self.advisor)}? /save writes what is drafted."
        self.going = bool(self.advisor.changes) and not agreed(lost, at_end=True)

    def _converse(self, text: str) -> None:
        before = self.advisor.changes
        try:
            response = self.ask(text, writer(markdown=self._markdown))
        except KeyboardInterrupt:
            say()
            note(f"stopped; the draft keeps {counted(self.advisor)}")
            self._since.append("The user stopped your last answer. What you had changed until then is in the draft.")
            return
        except ToolError:
            complain(f"after {ROUNDS} rounds of calls there is still no answer; the draft keeps {counted(self.advisor)}")
            return
        for line in remarks(response, verbose=self._verbose, as_json=False):
            note(line)
        proposed = self.advisor.take_proposed()
        if proposed is not None:
            self.offer(proposed.summary)
        elif self.advisor.changes != before and self.advisor.changes:
            note(f"{counted(self.advisor)} in the draft: /diff shows, /save writes")

    def _caught_up(self) -> bool:
        """Go on from the file as it is now, telling where that is another one than the draft was made from."""
        caught = self.advisor.catch_up()
        if caught.moved:
            note(f"{near(self.advisor.path)} was changed by somebody else meanwhile; the draft now goes on from that")
            self._since.append("The file was changed by somebody else; the draft was made again from it.")
        for words in caught.both:
            note(f"changed there and here: {words}; the difference shows both")
        for words in caught.lost:
            complain(f"no longer possible, and out of the draft: {words}")
        return True

    def _diff(self) -> None:
        self._caught_up()
        if self.advisor.changes:
            show(self.advisor.proposal())
        note(f"{counted(self.advisor)} since {near(self.advisor.path)}")

    def _check(self) -> None:
        told = self.advisor.check()
        if told["findings"]:
            rows = [(each["severity"], each["about"], each["message"]) for each in told["findings"]]
            table(("", "about", "what"), rows, colours={"error": "red", "warning": "yellow"})
        more = f"; {told['left_off']} more" if told["left_off"] else ""
        note(f"{numbered(told['errors'], 'error')}, {numbered(told['warnings'], 'warning')}{more}")

    def _undo(self) -> None:
        undone = self.advisor.undo()["undone"]
        note(f"taken back: {undone}" if undone else "there is nothing to take back")
        if undone:
            self._since.append(f"The user took a change back: {undone}")

    def _reset(self) -> None:
        if not self.advisor.changes or agreed(f"Take back {counted(self.advisor)}?"):
            note(f"{self.advisor.reset()} taken back")
            self._since.append("The user took all changes back.")

    def _help(self) -> None:
        shown = [command for word, command in self._commands.items() if word == command.usage]
        wide = max(len(command.usage) for command in shown)
        note("\n".join([*(f"{command.usage:<{wide}}  {command.told}" for command in shown), KEYS]))

    def _offer(self, usage: str, told: str, does: Callable[[str], Any]) -> None:
        self._commands[usage] = Command(usage, told, does)


def counted(advisor: Advisor) -> str:
    """Say how many changes wait to be saved."""
    return numbered(len(advisor.changes), "change")


def numbered(number: int, noun: str) -> str:
    """Put *noun* behind *number*."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _told(call: ToolCall, to: Writer | None) -> bool:
    """Show *call*, on a line behind what was written *to*; it may be made, for none of them writes the file."""
    if to is not None:
        to.end()
    tell(call)
    return True
