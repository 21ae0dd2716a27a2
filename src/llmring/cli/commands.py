"""The commands and their options; what a command does is imported when it runs."""

from __future__ import annotations

import sys

import click

from llmring._version import __version__
from llmring.cli.history_commands import export, stats
from llmring.cli.lock_commands import lock
from llmring.cli.naming_commands import COMMANDS
from llmring.cli.registry_commands import cache, registry
from llmring.cli.terminal import is_terminal

PROFILE = click.option("--profile", help="Profile of the lockfile.  [env: LLMRING_PROFILE]")
JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="llmring")
def llmring() -> None:
    """One ring for every language model.

    Aliases in a lockfile say which models a name stands for; keys come from the environment.
    """


@llmring.command(short_help="Send a prompt to a model and write its answer.")
@click.argument("prompt", required=False)
@click.option("--model", "-m", default="fast", show_default=True, help="An alias of the lockfile, or provider:model.")
@click.option("--system", "-s", help="Instructions that come before the prompt.")
@click.option("--temperature", "-t", type=float, help="Randomness, from 0.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="The most tokens to generate.")
@click.option("--stream/--no-stream", default=None, help="Show the answer as it comes.  [default: on a terminal]")
@JSON
@click.option("--verbose", "-v", is_flag=True, help="Tell model, tokens, cost and attempts on stderr.")
@PROFILE
def chat(  # noqa: PLR0917 - click passes by name
    prompt: str | None,
    model: str,
    system: str | None,
    temperature: float | None,
    max_tokens: int | None,
    stream: bool | None,
    as_json: bool,
    verbose: bool,
    profile: str | None,
) -> None:
    """Send PROMPT to a model and write its answer.

    What is piped in is read too: alone it is the prompt, beside PROMPT it follows it.

    \b
    Examples:
      llmring chat "Why is the sky blue?"
      git diff | llmring chat "Write a commit message for this." --model balanced
      llmring chat "Hi" --model openai:gpt-5.4-mini --json
    """  # noqa: D301 - click needs the character, not the two that write it
    from llmring.cli.chat import Question, answer

    question = Question(
        prompt=_whole_prompt(prompt),
        model=_clean(model),
        system=_clean(system or ""),
        options={"temperature": temperature, "max_tokens": max_tokens, "profile": profile},
    )
    live = is_terminal(sys.stdout) and not as_json if stream is None else stream
    answer(question, live=live, as_json=as_json, verbose=verbose)


def _whole_prompt(prompt: str | None) -> str:
    piped = "" if sys.stdin is None or is_terminal(sys.stdin) else sys.stdin.read().strip()
    whole = "\n\n".join(part for part in (prompt, piped) if part and not part.isspace())
    if not whole:
        raise click.UsageError("give a PROMPT, or pipe one in")
    return _clean(whole)


def _clean(argument: str) -> str:
    """Replace what no UTF-8 can carry: an argument may hold any bytes."""
    return argument.encode(errors="replace").decode()


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
@click.option("--quiet", "-q", is_flag=True, help="Do not tell of each request.")
def simulate(port: int, host: str, seed: int, quiet: bool) -> None:
    """Serve the wire formats of OpenAI, Anthropic, Gemini and Ollama on this machine.

    Any SDK may be pointed at it; a model's name, or the header x-simulate, asks for faults (gpt-5.4-mini+fault=429).
    """
    from llmring.cli.simulate import serve

    serve(port=port, host=host, seed=seed, quiet=quiet)


for command in (*COMMANDS, cache, export, lock, registry, stats):
    llmring.add_command(command)
