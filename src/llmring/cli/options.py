"""The options that many commands have."""

from __future__ import annotations

from math import isfinite
from typing import Any

import click

from llmring.cli.completion import complete_profile


class Amount(click.FloatRange):
    """A range of numbers, in which neither infinity is, nor what is no number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read *value*."""
        number = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
FILE = click.option("--file", "-f", "path", type=click.Path(), help="The lockfile.  [env: LLMRING_LOCKFILE_PATH; default: llmring.lock]")
PROFILE = click.option("--profile", shell_complete=complete_profile, help="Profile of the lockfile.  [env: LLMRING_PROFILE]")
