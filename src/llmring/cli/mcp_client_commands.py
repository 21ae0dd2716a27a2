"""The commands under ``llmring mcp`` that use servers, and their options; what a command does is imported when it runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from llmring.cli.completion import complete_name, complete_profile
from llmring.cli.options import JSON, Amount
from llmring.cli.prompts import clean, piped, whole_prompt
from llmring.cli.terminal import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Any]

SERVER = click.option(
    "--server",
    "-S",
    "servers",
    multiple=True,
    metavar="SERVER",
    help="A command, a script, or an address (http://, https://, stdio://); may be given several times.",
)
CONFIG = click.option(
    "--config",
    "configs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="A file with mcpServers, as other clients have it; may be given several times.",
)
TIMEOUT = click.option(
    "--timeout", type=Amount(min=0, min_open=True), default=60.0, show_default=True, help="Seconds to wait for an answer."
)


def _scripted(command: Command) -> Command:
    """Give *command* the options of all that are for scripts."""
    for option in (TIMEOUT, JSON, CONFIG, SERVER):
        command = option(command)
    return command


@click.command(short_help="Converse with a model that may call servers' tools.")
@SERVER
@CONFIG
@click.option(
    "--model", "-m", default="fast", show_default=True, shell_complete=complete_name, help="An alias of the lockfile, or provider:model."
)
@click.option("--system", "-s", help="Instructions that come before the conversation.")
@click.option("--tools/--no-tools", default=True, help="Tell the model of the tools, or not.  [default: tools]")
@click.option(
    "--approve", type=click.Choice(["always", "ask", "never"]), default="ask", show_default=True, help="Whether a tool may be called."
)
@click.option("--plain", is_flag=True, help="Show Markdown as it is written.")
@click.option("--debug", is_flag=True, help="Tell model, tokens, cost, what servers log, and where an error came from.")
@click.option("--profile", shell_complete=complete_profile, help="Profile of the lockfile.  [env: LLMRING_PROFILE]")
def chat(
    servers: tuple[str, ...],
    configs: tuple[str, ...],
    model: str,
    system: str | None,
    tools: bool,
    approve: Literal["always", "ask", "never"],
    plain: bool,
    debug: bool,
    profile: str | None,
) -> int | None:
    """Converse with a model that may call the tools of MCP servers.

    On a terminal; /help lists what can be done there. What is piped in is one message, and its answer alone goes to stdout.
    You are asked before a tool is called, unless --approve says otherwise.

    \b
    Examples:
      llmring mcp chat --server "npx -y @modelcontextprotocol/server-everything"
      llmring mcp chat --config .mcp.json --model balanced
      echo "Which files are here?" | llmring mcp chat --server ./files.py --approve always
    """
    from llmring.cli.mcp_chat import Setting, once, talk
    from llmring.cli.mcp_servers import named

    setting = Setting(
        servers=named(servers, configs),
        model=clean(model),
        system=clean(system or ""),
        profile=profile,
        approve=approve,
        tools=tools,
        markdown=not plain,
        debug=debug,
    )
    if is_terminal(sys.stdin) and is_terminal(sys.stdout):
        return talk(setting)
    once(setting, whole_prompt(None) if not is_terminal(sys.stdin) else clean(sys.stdin.read()))
    return None


@click.command(short_help="List the tools of servers.")
@_scripted
def list_tools(servers: tuple[str, ...], configs: tuple[str, ...], as_json: bool, timeout: float) -> None:
    """List the tools that servers offer."""
    from llmring.cli.mcp_scripts import Servers, tools

    tools(Servers(servers, configs, timeout), as_json=as_json)


@click.command(short_help="List what servers let read.")
@_scripted
def list_resources(servers: tuple[str, ...], configs: tuple[str, ...], as_json: bool, timeout: float) -> None:
    """List the resources that servers let read, and the templates of further ones."""
    from llmring.cli.mcp_scripts import Servers, resources

    resources(Servers(servers, configs, timeout), as_json=as_json)


@click.command(short_help="List the prompts of servers.")
@_scripted
def list_prompts(servers: tuple[str, ...], configs: tuple[str, ...], as_json: bool, timeout: float) -> None:
    """List the prompts that servers write."""
    from llmring.cli.mcp_scripts import Servers, prompts

    prompts(Servers(servers, configs, timeout), as_json=as_json)


@click.command(short_help="Call a tool.")
@click.argument("name")
@click.argument("words", metavar="[KEY=VALUE]...", nargs=-1)
@click.option("--args", "given", metavar="JSON", help="The arguments as a JSON object; - reads it from stdin.")
@_scripted
def call_tool(
    name: str, words: tuple[str, ...], given: str | None, servers: tuple[str, ...], configs: tuple[str, ...], as_json: bool, timeout: float
) -> None:
    """Call the tool NAME and write what it gives.

    A VALUE becomes what the tool's schema asks for. Without any, a JSON object is read from stdin if one is piped in.
    A tool that says it failed is exit code 1.

    \b
    Examples:
      llmring mcp call-tool get-sum a=2 b=3 --server "npx -y @modelcontextprotocol/server-everything"
      llmring mcp call-tool search --args '{"words": ["a", "b"]}' --config .mcp.json --json
    """
    from llmring.cli.mcp_scripts import Servers, called

    if given is not None and words:
        raise click.UsageError("give KEY=VALUE or --args, not both")
    read = piped() if given == "-" or (given is None and not words) else given
    called(Servers(servers, configs, timeout), clean(name), list(map(clean, words)), read or None, as_json=as_json)


@click.command(short_help="Read a resource.")
@click.argument("uri")
@_scripted
def read_resource(uri: str, servers: tuple[str, ...], configs: tuple[str, ...], as_json: bool, timeout: float) -> None:
    """Read the resource at URI: texts as they are, bytes too where stdout is no terminal."""
    from llmring.cli.mcp_scripts import Servers, read

    read(Servers(servers, configs, timeout), clean(uri), as_json=as_json)


@click.command(short_help="Have a prompt written.")
@click.argument("name")
@click.argument("words", metavar="[KEY=VALUE]...", nargs=-1)
@_scripted
def get_prompt(
    name: str, words: tuple[str, ...], servers: tuple[str, ...], configs: tuple[str, ...], as_json: bool, timeout: float
) -> None:
    """Have the server write the prompt NAME."""
    from llmring.cli.mcp_scripts import Servers, written

    written(Servers(servers, configs, timeout), clean(name), list(map(clean, words)), as_json=as_json)
