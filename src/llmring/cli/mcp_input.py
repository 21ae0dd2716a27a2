"""What a user types in a conversation with tools: messages of several lines, completed and remembered, and answers to questions."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, cast

from llmring.cli.mcp_stop import StoppedError
from llmring.exceptions import ConfigurationError

try:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer, Completion
    from prompt_toolkit.formatted_text import FormattedText
    from prompt_toolkit.history import FileHistory, InMemoryHistory
    from prompt_toolkit.input.typeahead import clear_typeahead
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.output import ColorDepth
    from prompt_toolkit.styles import Style
except ImportError as error:
    raise ConfigurationError(f'A conversation with tools needs prompt-toolkit: pip install "llmring[mcp]" ({error})') from None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding import KeyPressEvent

    Words = Callable[[str], Iterable[tuple[str, str]]]
    """Gives for the text before the cursor the lines that it may become, each with what is told of it."""

PROMPT, MORE = "> ", ". "


class Input:
    """Reads from the terminal."""

    def __init__(self, folder: Path | None, words: Words, state: Callable[[], str]) -> None:
        """Remember what was typed in *folder*, complete by *words*, and show *state* below what is typed."""
        self._style = Style.from_dict({"bottom-toolbar": "noreverse fg:ansibrightblack", "prompt": "bold"})
        self._depth = ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None
        self._session: PromptSession[str] = PromptSession(
            history=FileHistory(str(_private(folder))) if folder else InMemoryHistory(),
            completer=_Completer(words),
            complete_while_typing=True,
            multiline=True,
            prompt_continuation=MORE,
            key_bindings=_keys(),
            bottom_toolbar=lambda: FormattedText([("", state())]),
            style=self._style,
            color_depth=self._depth,
            interrupt_exception=StoppedError,
            reserve_space_for_menu=6,
        )

    async def message(self, default: str = "") -> str:
        """Read a message, which may begin with *default*.

        Raises:
            EOFError: the user has had enough.
            StoppedError: Ctrl-C was pressed.

        """
        return await self._session.prompt_async(FormattedText([("class:prompt", PROMPT)]), default=default, handle_sigint=False)

    async def ask(self, question: str) -> str:
        """Read one line that answers *question*.

        Raises:
            EOFError: the user has had enough.
            StoppedError: Ctrl-C was pressed.

        """
        asking: PromptSession[str] = PromptSession(
            style=self._style, color_depth=self._depth, interrupt_exception=StoppedError, history=InMemoryHistory()
        )
        clear_typeahead(asking.input)
        return await asking.prompt_async(question, handle_sigint=False)

    def interrupt(self) -> None:
        """Do what Ctrl-C does, where a signal came instead of the key."""
        if self._session.app.is_running:
            self._session.app.exit(exception=StoppedError())

    def refresh(self) -> None:
        """Show the state anew."""
        if self._session.app.is_running:
            self._session.app.invalidate()


class _Completer(Completer):
    """Completes commands and what they take."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002 - the base's
        before = document.text_before_cursor
        if not before.startswith("/") or "\n" in before:
            return
        for line, told in self._words(before):
            shown = line.rpartition(" ")[2] if " " in before else line
            yield Completion(line, start_position=-len(before), display=shown, display_meta=told)


def _keys() -> KeyBindings:
    """Send with Enter, begin a line with Esc-Enter or behind a backslash; what is pasted may have several lines."""
    keys = KeyBindings()

    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None
        elif buffer.document.current_line_before_cursor.endswith("\\"):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    def line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    cast("Any", keys.add("enter"))(enter)
    cast("Any", keys.add("escape", "enter"))(line)
    return keys


def _private(folder: Path) -> Path:
    """Give the file for what was typed, which only its user can read."""
    path = folder / "typed"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        sys.stderr.write(f"what you type is not remembered: {error}\n")
        return folder.__class__(os.devnull)
    return path
