"""The commands under ``llmring mcp`` as a group, and where each is; a command is loaded when it is run or shown."""

from __future__ import annotations

import click

from llmring.cli.later import Group

LATER = {
    "call-tool": "mcp_client_commands:call_tool",
    "chat": "mcp_client_commands:chat",
    "get-prompt": "mcp_client_commands:get_prompt",
    "list-prompts": "mcp_client_commands:list_prompts",
    "list-resources": "mcp_client_commands:list_resources",
    "list-tools": "mcp_client_commands:list_tools",
    "read-resource": "mcp_client_commands:read_resource",
    "serve": "mcp_serve_commands:serve",
}
"""Where each command is."""


@click.group(cls=Group, later=LATER, short_help="Use MCP servers, and be one.")
def mcp() -> None:
    """Speak the Model Context Protocol; needs the extra mcp: pip install "llmring[mcp]"."""
