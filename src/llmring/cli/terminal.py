"""Say things: data on stdout, diagnostics on stderr, colour on a terminal only and never where ``NO_COLOR`` is set."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTROL: Mapping[int, str] = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}") | {13: ""}
"""Characters by which a text could steer a terminal; all but tab and line feed."""


def prepare() -> None:
    """Let no character that stdout, stderr or stdin cannot carry end the program."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether *stream* is there, open, and a terminal."""
    return stream is not None and not stream.closed and stream.isatty()


def visible(text: str) -> str:
    """Make visible in *text* what could steer a terminal."""
    return text.translate(_CONTROL)


def say(text: str = "", *, end: str = "\n") -> None:
    """Write *text* to stdout at once; what could steer a terminal is made visible on one."""
    if sys.stdout is not None:
        sys.stdout.write((text.translate(_CONTROL) if is_terminal(sys.stdout) else text) + end)
        sys.stdout.flush()


def out(text: str) -> None:
    """Write *text*, which may be painted, to stdout at once; the paint stays off where stdout is no terminal."""
    click.echo(text, nl=False)


def note(text: str) -> None:
    """Write *text* to stderr, dimmed on a terminal."""
    click.echo(paint(text.translate(_CONTROL), dim=True), err=True)


def complain(text: str, *more: str) -> None:
    """Write an error to stderr: one line, and below it what came before."""
    click.echo(f"{paint('error:', fg='red')} {text.translate(_CONTROL)}", err=True)
    for line in more:
        click.echo(f"  {line.translate(_CONTROL)}", err=True)


def paint(text: str, **style: Any) -> str:
    """Give *text* with *style*, unless ``NO_COLOR`` is set; what is no terminal gets it without."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **style)


def columns(text: str) -> int:
    """Tell how many columns *text* takes on a terminal: some characters take two, or none."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(each) in {"Mn", "Me", "Cf"} else 2 if east_asian_width(each) in {"W", "F"} else 1 for each in text)


def without_secrets(url: str) -> str:
    """Give an address without what may be secret in it: user, password and query."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2].partition("?")[0]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def reason(error: Exception) -> str:
    """Say what *error* says; one of the system without its number, and with the file in front."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def say_json(value: Any) -> None:
    """Write *value* as JSON to stdout, indented for a reader."""
    import json

    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    text = json.dumps(value, ensure_ascii=not encoding.lower().startswith("utf"), indent=2)
    if sys.stdout is not None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def width() -> int | None:
    """Give the columns of the terminal that stdout is, None where it is none."""
    if not is_terminal(sys.stdout):
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns
