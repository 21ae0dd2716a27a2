"""How an answer reaches stdout while it comes: as it is, or on a terminal as Markdown that is laid out block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from llmring.cli.terminal import say, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.segment import Segment, SegmentLines


class Writer(Protocol):
    """Takes an answer piece by piece."""

    def more(self, piece: str) -> None:
        """Write *piece*."""
        ...

    def end(self) -> None:
        """End the line, whatever came."""
        ...


class Plain:
    """Writes what comes."""

    def __init__(self) -> None:
        """Begin on a line of its own."""
        self._last = "\n"

    def more(self, piece: str) -> None:
        """Write *piece* at once."""
        if piece:
            self._last = piece
            say(piece, end="")

    def end(self) -> None:
        """End the line that may be open."""
        if not self._last.endswith("\n"):
            say()
        self._last = "\n"


class Markdown:
    """Lays out Markdown: blocks that are whole stay, the one that still grows is drawn anew as it grows."""

    def __init__(self) -> None:
        """Draw nothing yet."""
        from rich.console import Console

        self._console: Console = Console(highlight=False)
        self._live: Live | None = None
        self._text = ""
        self._begun = False

    def more(self, piece: str) -> None:
        """Take *piece*; what it completes is written for good."""
        if not piece:
            return
        self._text += visible(piece)
        at = settled(self._text)
        if at:
            self._wipe()
            self._stay(self._text[:at])
            self._text = self._text[at:]
        if self._text.strip():
            self._draw()

    def end(self) -> None:
        """Write what is left."""
        self._wipe()
        if self._text.strip():
            self._stay(self._text)
        self._text = ""

    def _wipe(self) -> None:
        """Take what still grew off the screen; printing above it would leave parts of it there."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _draw(self) -> None:
        if self._live is None:
            from rich.live import Live

            self._live = Live(console=self._console, transient=True, refresh_per_second=12)
            self._live.start()
        self._live.update(_laid_out(self._text))

    def _stay(self, text: str) -> None:
        if self._begun:
            self._console.print()
        self._begun = True
        self._console.print(_trimmed(self._console.render_lines(_laid_out(text), pad=False)))


def _laid_out(text: str) -> Any:
    from rich.markdown import Markdown as Laid

    return Laid(text, code_theme="ansi_dark")


def _trimmed(lines: list[list[Segment]]) -> SegmentLines:
    """Leave out the empty lines that lists and code have around them: what stays is kept apart by one."""
    from rich.segment import SegmentLines

    full = [at for at, line in enumerate(lines) if any(segment.text.strip() for segment in line)]
    return SegmentLines(lines[full[0] : full[-1] + 1] if full else [], new_lines=True)


def settled(text: str) -> int:
    """Tell how much of *text*, which still grows, cannot change any more: all up to a blank line outside a block of code."""
    found = at = 0
    fence = ""
    for line in text.splitlines(keepends=True):
        at += len(line)
        bare = line.strip()
        if fence:
            fence = "" if bare.startswith(fence) and not bare.strip(fence[0]) else fence
        elif bare.startswith(("```", "~~~")):
            fence = bare[0] * (len(bare) - len(bare.lstrip(bare[0])))
        elif not bare and line.endswith("\n") and text[:at].strip():
            found = at
    return found
