"""The commands about aliases, models and providers, and their options; what a command does is imported when it runs."""

from __future__ import annotations

import click

from llmring.cli.completion import complete_alias, complete_models, complete_name, complete_provider
from llmring.cli.options import FILE, JSON, PROFILE, Amount


@click.command(short_help="Bind an alias to models.")
@click.argument("alias", shell_complete=complete_alias)
@click.argument("models", shell_complete=complete_models)
@PROFILE
@click.option("--can", metavar="ABILITIES", help="What code asks of every model, with commas: tools,vision.")
@FILE
@JSON
def bind(alias: str, models: str, profile: str | None, can: str | None, path: str | None, as_json: bool) -> None:
    """Bind ALIAS to MODELS: provider:model with commas between them, the preferred one first.

    The others are for when the first one fails. Comments and order of the lockfile stay.

    \b
    Examples:
      llmring bind fast openai:gpt-5.4-mini
      llmring bind deep anthropic:claude-opus-5,openai:gpt-5.6-sol --can tools
      llmring bind fast ollama:llama3.2 --profile dev
    """
    from llmring.cli.naming import bind_alias

    bind_alias(path, alias, models, profile, can, as_json=as_json)


@click.command(short_help="Take an alias out.")
@click.argument("alias", shell_complete=complete_alias)
@PROFILE
@FILE
@JSON
def unbind(alias: str, profile: str | None, path: str | None, as_json: bool) -> None:
    """Take ALIAS out of the lockfile, with the comment right above it.

    \b
    Example:
      llmring unbind fast --profile dev
    """
    from llmring.cli.naming import unbind_alias

    unbind_alias(path, alias, profile, as_json=as_json)


@click.command(short_help="List the aliases and their models.")
@PROFILE
@FILE
@JSON
def aliases(profile: str | None, path: str | None, as_json: bool) -> None:
    """List every alias of the profile with its models in order, and the first one whose provider's key is here.

    Aliases of extended packages are written package:alias.

    \b
    Examples:
      llmring aliases
      llmring aliases --profile dev --json
    """
    from llmring.cli.naming import list_aliases

    list_aliases(path, profile, as_json=as_json)


@click.command("list", short_help="List the models that the registry knows.")
@click.option("--provider", "-p", shell_complete=complete_provider, help="Models of this provider alone.")
@click.option("--can", metavar="ABILITIES", help="Models with all of these abilities, with commas: tools,vision.")
@click.option("--max-price", type=Amount(min=0), metavar="DOLLARS", help="Models whose million tokens, in and out, cost no more.")
@click.option("--kind", default="chat", show_default=True, help="chat, embedding, image, speech, ..., or all.")
@click.option("--retired", is_flag=True, help="List what is retired, too.")
@JSON
def list_models(provider: str | None, can: str | None, max_price: float | None, kind: str, retired: bool, as_json: bool) -> None:
    """List the models that the registry knows, with limits in tokens and prices in dollars per million tokens.

    A model that is missing here can be called all the same.

    \b
    Examples:
      llmring list --provider anthropic
      llmring list --can tools,vision --max-price 5
      llmring list --kind embedding --json
    """
    from llmring.cli.models import Filter, list_known

    wanted = tuple(word.strip() for word in can.split(",")) if can else ()
    list_known(Filter(provider=provider, can=wanted, max_price=max_price, kind=kind, retired=retired), as_json=as_json)


@click.command(short_help="Tell what is known of a model, or of those behind an alias.")
@click.argument("name", metavar="MODEL|ALIAS", shell_complete=complete_name)
@PROFILE
@JSON
def info(name: str, profile: str | None, as_json: bool) -> None:
    """Tell what is known of a model, or of every model behind an alias: names, limits, prices, abilities, dates.

    \b
    Examples:
      llmring info anthropic:claude-sonnet-5
      llmring info fast --json
    """
    from llmring.cli.models import tell

    tell(name, profile, as_json=as_json)


@click.command(short_help="List the providers, and which variable holds each key.")
@click.option("--all", "everyone", is_flag=True, help="List those without a key, too.")
@JSON
def providers(everyone: bool, as_json: bool) -> None:
    """List the providers that can be called from here: where each is reached, and which variable holds its key.

    Keys are never shown.

    \b
    Examples:
      llmring providers
      llmring providers --all --json
    """
    from llmring.cli.doctor import list_providers

    list_providers(everyone=everyone, as_json=as_json)


@click.command(short_help="Tell what is configured here; exit 1 if something is broken.")
@click.option("--connect", is_flag=True, help="Ask every provider whose key is here for its models.")
@click.option("--timeout", default=10.0, show_default=True, type=Amount(min=0.1), help="Seconds that each provider has to answer.")
@PROFILE
@JSON
@click.pass_context
def doctor(context: click.Context, connect: bool, timeout: float, profile: str | None, as_json: bool) -> None:
    """Tell which lockfile, profile, registry and keys are in force, and what made them so.

    Nothing is sent without --connect, which costs nothing but asks every provider whose key is here for its models.

    \b
    Examples:
      llmring doctor
      llmring doctor --connect
    """
    from llmring.cli.doctor import examine

    context.exit(examine(profile, connect=connect, timeout=timeout, as_json=as_json))


@click.command(short_help="Say what a call could cost.")
@click.argument("prompt", required=False)
@click.option("--model", "-m", default="fast", show_default=True, shell_complete=complete_name, help="An alias, or provider:model.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="The most tokens to generate.")
@PROFILE
@JSON
def estimate(prompt: str | None, model: str, max_tokens: int | None, profile: str | None, as_json: bool) -> None:
    """Say what sending PROMPT could cost in dollars, at least and at most, whichever model answers. Nothing is sent.

    What is piped in is read too: alone it is the prompt, beside PROMPT it follows it.

    \b
    Examples:
      llmring estimate "Why is the sky blue?" --max-tokens 500
      cat book.txt | llmring estimate "Summarise this." --model deep
    """
    from llmring.cli.asking import estimate_cost
    from llmring.cli.prompts import whole_prompt

    estimate_cost(whole_prompt(prompt), model, max_tokens, profile, as_json=as_json)


@click.command(short_help="Turn texts into vectors.")
@click.argument("texts", nargs=-1)
@click.option("--model", "-m", default="embedding", show_default=True, shell_complete=complete_name, help="An alias, or provider:model.")
@click.option("--dimensions", "-d", type=click.IntRange(min=1), help="Numbers in each vector, where the model lets one choose.")
@click.option("--lines", is_flag=True, help="Take each line that is piped in as a text of its own.")
@PROFILE
@JSON
def embed(texts: tuple[str, ...], model: str, dimensions: int | None, lines: bool, profile: str | None, as_json: bool) -> None:
    """Turn each of TEXTS, or what is piped in, into a vector, and write them one a line.

    \b
    Examples:
      llmring embed "Hello" "Goodbye"
      cat titles.txt | llmring embed --lines --json > vectors.json
    """
    from llmring.cli.asking import embed_texts

    embed_texts(texts, model, dimensions, profile, lines=lines, as_json=as_json)


@click.command(short_help="Write the script that completes commands in a shell.")
@click.argument("shell", required=False, type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str | None) -> None:
    """Write the script by which SHELL, the one in use without it, completes commands, options, aliases, models, profiles.

    \b
    bash   echo 'eval "$(llmring completion bash)"' >> ~/.bashrc
    zsh    echo 'eval "$(llmring completion zsh)"' >> ~/.zshrc
    fish   llmring completion fish > ~/.config/fish/completions/llmring.fish
    """
    from llmring.cli.completion import script

    click.echo(script(shell))
