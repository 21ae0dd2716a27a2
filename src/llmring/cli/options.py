"""The options that many commands have."""

from __future__ import annotations

import click

from llmring.cli.completion import complete_profile

JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
FILE = click.option("--file", "-f", "path", type=click.Path(), help="The lockfile.  [env: LLMRING_LOCKFILE_PATH; default: llmring.lock]")
PROFILE = click.option("--profile", shell_complete=complete_profile, help="Profile of the lockfile.  [env: LLMRING_PROFILE]")
