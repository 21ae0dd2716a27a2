"""A group of commands that are loaded when asked for; which these are, the group's maker says."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


class Group(click.Group):
    """A group that loads the module of a command when that command is run, shown or completed."""

    def __init__(self, *arguments: Any, later: Mapping[str, str], **options: Any) -> None:
        """Find the commands by *later*: name to ``module:function``, the module one of the command line's."""
        super().__init__(*arguments, **options)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, loaded or not."""
        return sorted({*self._later, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command *cmd_name*, None where there is none; then all are loaded, for click to tell of those with a name like it."""
        for each in [cmd_name] if cmd_name in {*self._later, *self.commands} else self._later:
            if each not in self.commands:
                module, _, name = self._later[each].partition(":")
                self.add_command(getattr(import_module(f"llmring.cli.{module}"), name), each)
        return super().get_command(ctx, cmd_name)
