"""The commands under ``llmring mcp serve`` and their options; what a command does is imported when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmring.cli.options import Amount

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Any]

OVER = (
    click.option(
        "--http", "address", metavar="[HOST:]PORT", help="Serve streamable HTTP there, not stdin and stdout; port 0 takes a free one."
    ),
    click.option(
        "--token-env", default="LLMRING_MCP_TOKEN", show_default=True, metavar="NAME", help="The variable that holds the bearer token."
    ),
    click.option("--token-file", type=click.Path(exists=True, dir_okay=False), help="A file that holds it instead."),
    click.option(
        "--allow-origin", "allow_origins", multiple=True, metavar="ORIGIN", help="Origin of a web page that may call; may be repeated."
    ),
    click.option("--allow-host", "allow_hosts", multiple=True, metavar="NAME", help="A further name of this server; may be repeated."),
)


def _over(command: Command) -> Command:
    """Give *command* the options that say how it is reached."""
    for option in reversed(OVER):
        command = option(command)
    return command


@click.group(short_help="Be a server for other MCP clients.")
def serve() -> None:
    """Offer the aliases of a ring, or the tools over a lockfile, to other MCP clients.

    Over stdin and stdout, as clients start servers; or with --http over streamable HTTP, where every request needs a
    bearer token. Without one set, one is made and shown, on a server that only this machine reaches.
    """


@serve.command(short_help="Offer aliases as the tools chat, embed and estimate.")
@click.option("--aliases", metavar="A,B,...", help="Offer these alone.  [default: all of the profile]")
@click.option("--allow-models", is_flag=True, help="Let clients ask any provider:model too.")
@click.option("--lockfile", type=click.Path(), help="The lockfile.  [env: LLMRING_LOCKFILE_PATH; default: llmring.lock]")
@click.option("--profile", help="Profile of the lockfile.  [env: LLMRING_PROFILE]")
@click.option("--max-cost", type=Amount(min=0, min_open=True), metavar="DOLLARS", help="What all calls together may cost.")
@click.option("--max-call-cost", type=Amount(min=0, min_open=True), metavar="DOLLARS", help="What one chat may cost.")
@_over
def ring(
    aliases: str | None,
    allow_models: bool,
    lockfile: str | None,
    profile: str | None,
    max_cost: float | None,
    max_call_cost: float | None,
    **over: Any,
) -> None:
    """Offer the aliases of the lockfile to other MCP clients, as the tools chat, embed, estimate and aliases.

    Keys stay here; nothing but what is offered can be asked.

    \b
    Examples:
      llmring mcp serve ring
      llmring mcp serve ring --aliases fast,deep --max-cost 5
      llmring mcp serve ring --http 8123
    """
    from llmring.cli.mcp_serve import serve_ring

    names = None if aliases is None else [each.strip() for each in aliases.split(",") if each.strip()]
    settings = {"lockfile_path": lockfile, "profile": profile, "max_cost": max_cost}
    serve_ring(names, settings, direct=allow_models, max_call_cost=max_call_cost, over=over)


@serve.command(short_help="Offer the tools over a lockfile, registry and costs.")
@click.option("--lockfile", type=click.Path(), help="The lockfile.  [env: LLMRING_LOCKFILE_PATH; default: llmring.lock]")
@click.option("--profile", help="The profile that is meant where none is named.")
@click.option("--read-only", is_flag=True, help="Offer no tool that changes anything.")
@click.option("--allow-save", is_flag=True, help="Let clients save that cannot ask their user, once they have had the diff.")
@_over
def lockfile(lockfile: str | None, profile: str | None, read_only: bool, allow_save: bool, **over: Any) -> None:
    """Offer what "llmring lock chat" does to other MCP clients: look, draft changes, check, estimate, save.

    Nothing is written until the user behind the client has confirmed the diff. A client that cannot ask gets the diff.

    \b
    Examples:
      llmring mcp serve lockfile
      llmring mcp serve lockfile --lockfile config/llmring.lock --read-only
    """
    from llmring.cli.mcp_serve import serve_lockfile

    serve_lockfile(lockfile, profile=profile, read_only=read_only, allow_save=allow_save, over=over)
