"""Where a conversation with tools is shown: the answer as it comes, calls and results as lines, and what is being waited for."""

from __future__ import annotations

import contextlib
import shutil
import sys
from typing import TYPE_CHECKING, Any

from llmring.cli.chat import writer
from llmring.cli.mcp_show import call_line, call_lines, cut, folded
from llmring.cli.terminal import is_terminal, note, paint, visible

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from rich.status import Status
    from rich.text import Text


class Page:
    """The page of one conversation; what could steer the terminal is made visible."""

    def __init__(self, *, markdown: bool, quiet: bool = False) -> None:
        """Lay out *markdown* or not; where *quiet*, nothing but the answer is written to stdout."""
        self._markdown = markdown
        self._quiet = quiet
        self._waits = is_terminal(sys.stdout) and not quiet
        self._writer = writer(markdown=markdown)
        self._status: Status | None = None
        self._gap = False
        self.text = ""
        """What came of the answer so far."""

    @property
    def columns(self) -> int:
        """The width."""
        return shutil.get_terminal_size().columns - 1 if self._waits else 10_000

    def top(self) -> None:
        """Leave a line free before the user's next message."""
        if self._waits:
            sys.stdout.write("\n")
            sys.stdout.flush()
        self._gap = False

    def begin(self) -> None:
        """Begin an answer."""
        self.text = ""
        self._writer = writer(markdown=self._markdown)

    def more(self, piece: str) -> None:
        """Write *piece* of the answer."""
        if piece:
            self._still()
            self._space()
            self.text += piece
            self._writer.more(piece)

    def end(self) -> None:
        """End the answer, or what there is of it."""
        self._still()
        self._writer.end()
        self._gap = self._gap or bool(self.text.strip())

    def call(self, name: str, arguments: Mapping[str, Any] | None, *, whole: bool) -> None:
        """Show that a tool is called; *whole* shows all that it is called with."""
        self._space()
        lines = call_lines(name, arguments, self.columns) if whole else [call_line(name, arguments, self.columns)]
        for at, line in enumerate(lines):
            self._line(line, **({"fg": "cyan"} if not at else {}))

    def result(self, text: str, *, failed: bool) -> None:
        """Show what a tool gave back, folded."""
        self._still()
        for line in folded(text, self.columns) if text.strip() else ["  (nothing)"]:
            self._line(line, **({"fg": "red"} if failed else {"dim": True}))
        self._gap = True

    def lines(self, lines: Iterable[str]) -> None:
        """Write *lines*, as they are."""
        self._still()
        for line in lines:
            note(line)

    @contextlib.contextmanager
    def waiting(self, text: str) -> Generator[None]:
        """Show that *text* is being waited for, until something else is written."""
        if not self._waits:
            yield
            return
        from rich.console import Console

        self._still()
        self._status = Console().status(self._waited(text))
        self._status.start()
        try:
            yield
        finally:
            self._still()

    def still_waiting(self, text: str) -> None:
        """Tell more of what is being waited for."""
        if self._status is not None:
            self._status.update(self._waited(text))

    def _waited(self, text: str) -> Text:
        from rich.text import Text

        return Text(cut(visible(text), self.columns - 2), style="dim")

    def _still(self) -> None:
        """Take what was waited for off the screen."""
        status, self._status = self._status, None
        if status is not None:
            status.stop()

    hush = _still

    def _space(self) -> None:
        """Leave a line free after what stood before, once."""
        if self._gap and self._waits:
            sys.stdout.write("\n")
        self._gap = False

    def _line(self, line: str, **style: Any) -> None:
        if self._quiet or not self._waits:
            note(line)
            return
        sys.stdout.write(paint(visible(line), **style) + "\n")
        sys.stdout.flush()
