"""The commands and their options; what a command does is imported when it runs."""

from __future__ import annotations

import click

from llmring._version import __version__
from llmring.cli.chat_command import chat
from llmring.cli.history_commands import export, stats
from llmring.cli.lock_commands import lock
from llmring.cli.mcp_commands import mcp
from llmring.cli.naming_commands import COMMANDS
from llmring.cli.registry_commands import cache, registry

JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")


END = """\
\b
Exit codes: 0 done, 1 failed, 2 misused, 130 interrupted.
Environment: LLMRING_LOCKFILE_PATH, LLMRING_PROFILE, LLMRING_LEDGER,
             LLMRING_REGISTRY_URL, NO_COLOR; keys: llmring providers --all
"""


@click.group(epilog=END, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="llmring")
def llmring() -> None:
    """One ring for every language model.

    Aliases in a lockfile say which models a name stands for; keys come from the environment.
    """


@llmring.command(short_help="Show one ring at work through four wire formats.")
@JSON
def demo(as_json: bool) -> None:
    """Show one ring answering, streaming, calling tools and falling back, by four wire formats.

    It talks to the bundled simulator on this machine: no keys, no network.
    """
    from llmring.cli.demo import show

    show(as_json=as_json)


@llmring.command(short_help="Serve the four wire formats on this machine.")
@click.option("--port", "-p", default=8765, show_default=True, type=click.IntRange(0, 65535), help="Port to listen at; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--seed", default=0, show_default=True, help="Another seed gives other answers.")
@click.option("--script", type=click.Path(exists=True, dir_okay=False), help="JSON of what the assistant says and calls, turn by turn.")
@click.option("--quiet", "-q", is_flag=True, help="Do not tell of each request.")
def simulate(port: int, host: str, seed: int, script: str | None, quiet: bool) -> None:
    """Serve the wire formats of OpenAI, Anthropic, Gemini and Ollama on this machine.

    Any SDK may be pointed at it; a model's name, or the header x-simulate, asks for faults (gpt-5.4-mini+fault=429).
    """
    from llmring.cli.simulate import serve

    serve(port=port, host=host, seed=seed, script=script, quiet=quiet)


for command in (*COMMANDS, cache, chat, export, lock, mcp, registry, stats):
    llmring.add_command(command)
