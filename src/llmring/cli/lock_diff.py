"""Show the user what would be written, all of it and nothing that hides, and ask for leave."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import textwrap
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from llmring.cli.terminal import note, out, paint, say, width

if TYPE_CHECKING:
    from llmring.advice import Proposal

COLOURS = {"+": "green", "-": "red", "@": "cyan"}
"""Colour of a line of a diff, by its first character."""
MARK = "    "
"""Begins what had to be folded."""
NARROWEST = 20
_CUE = re.compile(r"^(---|\+\+\+) ")


def show(proposal: Proposal) -> None:
    """Write the diff of *proposal* to stdout, then what was changed, in words: long lines are folded for a terminal, none is cut."""
    room = width()
    for line in proposal.diff.split("\n")[:-1]:
        for piece in fold(plain(line), room):
            out(painted(piece, line) + "\n")
    told = [f"- {words}" for words in proposal.changes]
    if proposal.summary:
        told.append(f"The model says: {proposal.summary}")
    note("\n".join(piece for line in told for piece in fold(plain(line), room)))


def near(path: str) -> str:
    """Give *path* as seen from here, where it is below."""
    here = Path(path)
    return os.fspath(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else path


def plain(line: str) -> str:
    """Give *line* with everything spelled out that a terminal would not print as it is, or print in another place."""
    return "".join(each if each.isprintable() or each == "\t" else each.encode("unicode_escape").decode() for each in line.rstrip("\r"))


def fold(line: str, room: int | None) -> list[str]:
    """Break *line* into pieces that fit *room* columns."""
    if room is None:
        return [line]
    pieces = textwrap.wrap(
        line,
        max(room - 1, NARROWEST),
        subsequent_indent=MARK,
        expand_tabs=True,
        replace_whitespace=False,
        drop_whitespace=False,
        break_on_hyphens=False,
    )
    return [piece.rstrip() for piece in pieces] or [""]


def painted(piece: str, line: str) -> str:
    """Give *piece*, which is of *line* of a diff, in its colour."""
    if _CUE.match(line):
        return paint(piece, bold=True)
    colour = COLOURS.get(line[:1])
    return paint(piece, fg=colour) if colour else piece


def agreed(question: str, *, at_end: bool = False) -> bool:
    """Ask *question*; only a typed yes is one, and none that was typed before it was asked; *at_end* is the answer of Ctrl-D."""
    with contextlib.suppress(ImportError):
        termios = import_module("termios")
        with contextlib.suppress(termios.error, OSError, ValueError):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        say()
        return at_end
    except KeyboardInterrupt:
        say()
        return False
