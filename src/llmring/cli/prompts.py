"""What a command is to send: its arguments, and what is piped in."""

from __future__ import annotations

import sys

import click

from llmring.cli.terminal import is_terminal


def piped() -> str:
    """Read what is piped in, if anything."""
    return "" if sys.stdin is None or is_terminal(sys.stdin) else sys.stdin.read().strip()


def whole_prompt(prompt: str | None) -> str:
    """Join *prompt* and what is piped in.

    Raises:
        UsageError: there is neither.

    """
    whole = "\n\n".join(part for part in (prompt, piped()) if part and not part.isspace())
    if not whole:
        raise click.UsageError("give a PROMPT, or pipe one in")
    return clean(whole)


def clean(argument: str) -> str:
    """Replace what no UTF-8 can carry: an argument may hold any bytes."""
    return argument.encode(errors="replace").decode()
