"""The commands under ``llmring mcp``; what a command does is imported when it runs."""

from __future__ import annotations

import click

from llmring.cli.mcp_client_commands import COMMANDS
from llmring.cli.mcp_serve_commands import serve


@click.group(short_help="Use MCP servers, and be one.")
def mcp() -> None:
    """Speak the Model Context Protocol; needs the extra mcp: pip install "llmring[mcp]"."""


for command in (*COMMANDS, serve):
    mcp.add_command(command)
