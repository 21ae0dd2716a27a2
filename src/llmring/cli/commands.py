"""The program as a group of commands, and where each is; a command is loaded when it is run or shown."""

from __future__ import annotations

import click

from llmring._version import __version__
from llmring.cli.later import Group

LATER = {
    "aliases": "naming_commands:aliases",
    "bind": "naming_commands:bind",
    "cache": "registry_commands:cache",
    "chat": "chat_command:chat",
    "completion": "naming_commands:completion",
    "demo": "demo_commands:demo",
    "doctor": "naming_commands:doctor",
    "embed": "naming_commands:embed",
    "estimate": "naming_commands:estimate",
    "export": "history_commands:export",
    "info": "naming_commands:info",
    "list": "naming_commands:list_models",
    "lock": "lock_commands:lock",
    "mcp": "mcp_commands:mcp",
    "providers": "naming_commands:providers",
    "registry": "registry_commands:registry",
    "simulate": "demo_commands:simulate",
    "stats": "history_commands:stats",
    "unbind": "naming_commands:unbind",
}
"""Where each command is."""

END = """\
\b
Exit codes: 0 done, 1 failed, 2 misused, 130 interrupted.
Environment: LLMRING_LOCKFILE_PATH, LLMRING_PROFILE, LLMRING_LEDGER,
             LLMRING_REGISTRY_URL, NO_COLOR; keys: llmring providers --all
"""


@click.group(cls=Group, later=LATER, epilog=END, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="llmring")
def llmring() -> None:
    """One ring for every language model.

    Aliases in a lockfile say which models a name stands for; keys come from the environment.
    """
