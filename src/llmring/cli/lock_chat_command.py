"""The command ``llmring lock chat`` and its options; what it does is imported when it runs."""

from __future__ import annotations

import sys

import click

from llmring.cli.prompts import clean, whole_prompt
from llmring.cli.terminal import is_terminal


@click.command(short_help="Talk the lockfile into shape with a model.")
@click.argument("prompt", required=False)
@click.option("--model", "-m", default="advisor", show_default=True, help="An alias, or provider:model; it has to call tools.")
@click.option(
    "--lockfile", "--file", "-f", "path", type=click.Path(), help="The lockfile.  [env: LLMRING_LOCKFILE_PATH; default: llmring.lock]"
)
@click.option("--profile", help="Profile of the lockfile.  [env: LLMRING_PROFILE]")
@click.option("--yes", "-y", is_flag=True, help="Write what one message leads to without asking; not for conversations.")
@click.option("--plain", is_flag=True, help="Show Markdown as it is written, on a terminal too.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
@click.option("--verbose", "-v", is_flag=True, help="Tell model, tokens, cost and attempts on stderr.")
@click.pass_context
def chat(
    context: click.Context,
    prompt: str | None,
    model: str,
    path: str | None,
    profile: str | None,
    yes: bool,
    plain: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Say what you need; a model looks at the lockfile and the registry, compares prices, and drafts changes.

    You are shown the difference and asked before anything is written. What is piped in is one message: its answer and the
    difference are shown, and written only with --yes. Without a lockfile a new one is drafted.

    \b
    Examples:
      llmring lock chat
      llmring lock chat "A cheap alias for summaries, 2 million calls a month" --model openai:gpt-5.6-sol
      echo "Replace whatever retires this year." | llmring lock chat --yes
    """
    from llmring.cli.lock_chat import Asked, once, talk

    on_terminal = is_terminal(sys.stdin) and is_terminal(sys.stdout)
    talking = on_terminal and not as_json and not yes
    asked = Asked(
        path=path or context.obj,
        model=clean(model),
        profile=profile,
        markdown=talking and not plain,
        verbose=verbose,
    )
    if talking:
        talk(asked, None if prompt is None else clean(prompt))
    else:
        once(asked, whole_prompt(prompt), confirmed=yes, as_json=as_json)
