"""The command ``llmring chat`` and its options; what it does is imported when it runs."""

from __future__ import annotations

import sys
from typing import Any

import click

from llmring.cli.completion import complete_name, complete_profile
from llmring.cli.prompts import clean, whole_prompt
from llmring.cli.terminal import is_terminal


@click.command(short_help="Send a prompt to a model and write its answer.")
@click.argument("prompt", required=False)
@click.option(
    "--model", "-m", default="fast", show_default=True, shell_complete=complete_name, help="An alias of the lockfile, or provider:model."
)
@click.option("--system", "-s", help="Instructions that come before the prompt.")
@click.option(
    "--file",
    "-f",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, readable=True),
    help="A picture, document, sound or text to send along; may be given several times.",
)
@click.option("--schema", type=click.Path(exists=True, dir_okay=False), help="A JSON Schema that the answer must fit.")
@click.option("--temperature", "-t", type=float, help="Randomness, from 0.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="The most tokens to generate.")
@click.option("--stream/--no-stream", default=None, help="Show the answer as it comes.  [default: on a terminal]")
@click.option("--plain", is_flag=True, help="Show Markdown as it is written, on a terminal too.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
@click.option("--verbose", "-v", is_flag=True, help="Tell model, tokens, cost and attempts on stderr.")
@click.option("--profile", shell_complete=complete_profile, help="Profile of the lockfile.  [env: LLMRING_PROFILE]")
def chat(
    prompt: str | None,
    model: str,
    system: str | None,
    files: tuple[str, ...],
    schema: str | None,
    temperature: float | None,
    max_tokens: int | None,
    stream: bool | None,
    plain: bool,
    as_json: bool,
    verbose: bool,
    profile: str | None,
) -> None:
    """Send PROMPT to a model and write its answer.

    What is piped in is read too: alone it is the prompt, beside PROMPT it follows it. On a terminal, without a PROMPT, a
    conversation begins; /help lists what can be done in it.

    \b
    Examples:
      llmring chat "Why is the sky blue?"
      llmring chat
      git diff | llmring chat "Write a commit message for this." --model balanced
      llmring chat "What is on this picture?" --file photo.jpg
      llmring chat "Hi" --model openai:gpt-5.4-mini --json
    """
    from llmring.cli.chat import Question, answer

    on_terminal = is_terminal(sys.stdout) and not as_json
    options: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "profile": profile}
    talking = prompt is None and on_terminal and is_terminal(sys.stdin)
    if schema is not None:
        from llmring.cli.sending import wanted

        options["response_format"] = wanted(schema)
    asked = "" if talking else whole_prompt(prompt)
    question = Question(prompt=asked, model=clean(model), system=clean(system or ""), files=files, options=options)
    markdown = on_terminal and not plain and schema is None
    if talking:
        from llmring.cli.session import talk

        talk(question, markdown=markdown, verbose=verbose)
        return
    answer(question, live=on_terminal if stream is None else stream, markdown=markdown, as_json=as_json, verbose=verbose)
