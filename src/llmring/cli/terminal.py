"""Say things: data on stdout, diagnostics on stderr, colour on a terminal only."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console


def say(text: str = "", *, end: str = "\n") -> None:
    """Write *text* to stdout at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def note(text: str) -> None:
    """Write *text* to stderr, dimmed on a terminal."""
    click.secho(text, err=True, dim=True, color=None if "NO_COLOR" not in os.environ else False)


def complain(text: str, *more: str) -> None:
    """Write an error to stderr."""
    colour = None if "NO_COLOR" not in os.environ else False
    click.secho("error: ", err=True, nl=False, fg="red", color=colour)
    click.echo(text, err=True)
    for line in more:
        click.echo(f"  {line}", err=True)


def say_json(value: Any) -> None:
    """Write *value* as JSON to stdout, indented for a reader."""
    import json

    say(json.dumps(value, ensure_ascii=False, indent=2))


def console() -> Console:
    """Give a rich console on stdout; it knows by itself whether that is a terminal, and honours ``NO_COLOR``."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())
