"""The servers that a command names, and what they tell while they work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring.mcp import LogMessage, Progress


def named(servers: Sequence[str], configs: Sequence[str]) -> tuple[Any, ...]:
    """Give what *servers* and *configs* name, as the client takes it."""
    from pathlib import Path

    return (*servers, *map(Path, configs))


def needed(servers: Sequence[str], configs: Sequence[str]) -> tuple[Any, ...]:
    """Give what *servers* and *configs* name.

    Raises:
        UsageError: they name none.

    """
    if not servers and not configs:
        raise click.UsageError("name a server with --server, or several with --config")
    return named(servers, configs)


def progress(told: Progress) -> str:
    """Tell how far a call has come, in one line."""
    share = f" {told.progress:g} of {told.total:g}" if told.total else f" {told.progress:g}"
    return f"{told.tool} runs:{share}{f' ({told.message})' if told.message else ''}; Ctrl-C stops"


def heard(told: LogMessage) -> str:
    """Give a line of a server's log."""
    data = told.data if isinstance(told.data, str) else json.dumps(told.data, ensure_ascii=False, default=str)
    return f"{told.server} {told.level}: {data}"
