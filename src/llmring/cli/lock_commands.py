"""The commands about the lockfile as a whole, and their options; what a command does is imported when it runs."""

from __future__ import annotations

import click

from llmring.cli.completion import complete_profile
from llmring.cli.later import Group
from llmring.cli.options import FILE, JSON


@click.group(
    cls=Group,
    later={"chat": "lock_chat_command:chat"},
    short_help="Pin what the lockfile's models are, and see what moved.",
    invoke_without_command=True,
)
@FILE
@JSON
@click.pass_context
def lock(context: click.Context, path: str | None, as_json: bool) -> None:
    """Write into the lockfile what is known of every model that it binds.

    A pin holds the model that a floating name means today, limits, abilities, the price with its source, the day of
    retirement, and the registry that knows this. "llmring lock check" then says what moved. Comments and order stay.

    \b
    Examples:
      llmring lock init
      llmring lock
      llmring lock check --within 60
    """
    if context.invoked_subcommand is not None:
        context.obj = path
        return
    from llmring.cli.locking import write

    write(path, as_json=as_json)


def _path(context: click.Context, path: str | None) -> str | None:
    """Give the lockfile that was named behind the command, or before it."""
    return path or context.obj


@lock.command(short_help="Say what is no longer as it was; exit 1 if it matters.")
@FILE
@click.option("--within", default=30, show_default=True, type=click.IntRange(0), help="Days before its retirement when a model is too old.")
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="A provider that only code configures; may be repeated.")
@JSON
@click.pass_context
def check(context: click.Context, path: str | None, within: int, strict: bool, providers: tuple[str, ...], as_json: bool) -> None:
    """Hold the lockfile against the registry: for continuous integration, and before a commit. "validate" is the same.

    Checked are: every alias and model; what retired or will; floating names without a pin, or that mean another model
    now; prices, limits and abilities against the pins; what bindings ask for, on every fallback; extended packages;
    versions of the registry. The exit code is 1 if there is an error.

    \b
    Examples:
      llmring lock check
      llmring lock check --within 90 --strict
      llmring lock check --json | jq -r '.findings[].message'
    """
    from llmring.cli.locking import verify

    context.exit(verify(_path(context, path), within=within, strict=strict, providers=providers, as_json=as_json))


lock.add_command(check, "validate")


@lock.command(short_help="Show what pinning anew would change; exit 1 if anything.")
@FILE
@click.option("--exit-zero", is_flag=True, help="Exit 0 all the same.")
@JSON
@click.pass_context
def diff(context: click.Context, path: str | None, exit_zero: bool, as_json: bool) -> None:
    """Show what "llmring lock" would change in the pins, without changing anything.

    \b
    Examples:
      llmring lock diff
      llmring lock diff --json
    """
    from llmring.cli.locking import compare

    changed = compare(_path(context, path), as_json=as_json)
    context.exit(1 if changed and not exit_zero else 0)


@lock.command("bump-registry", short_help="Take over a newer registry where it says the same.")
@FILE
@JSON
@click.pass_context
def bump_registry(context: click.Context, path: str | None, as_json: bool) -> None:
    """Let the lockfile speak of the registry in force wherever that says what the pins say.

    Pins that the registry no longer bears out stay as they are, and are told: "llmring lock" takes those over.

    \b
    Example:
      llmring lock bump-registry
    """
    from llmring.cli.locking import bump

    bump(_path(context, path), as_json=as_json)


@lock.command(short_help="Write a module in which the aliases are a type.")
@FILE
@click.option("--output", "-o", default="llmring_aliases.py", show_default=True, help="The module to write; - writes to stdout.")
@click.option("--profile", shell_complete=complete_profile, help="Take the aliases of this profile alone.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 if the module is not as it would be written.")
@JSON
@click.pass_context
def types(context: click.Context, path: str | None, output: str, profile: str | None, only_check: bool, as_json: bool) -> None:
    """Write a module with Alias = Literal[...] of the lockfile's aliases.

    ring: LLMRing[Alias] = LLMRing() then makes a mistyped alias a type error.

    \b
    Examples:
      llmring lock types --output src/app/aliases.py
      llmring lock types --output src/app/aliases.py --check
    """
    if output == "-" and (only_check or as_json):
        raise click.UsageError(f"{'--check' if only_check else '--json'} needs a module: --output src/app/aliases.py")
    from llmring.cli.locking import write_types

    context.exit(write_types(_path(context, path), output, profile, only_check=only_check, as_json=as_json))


@lock.command(short_help="Write a lockfile to begin with.")
@FILE
@click.option("--force", is_flag=True, help="Replace one that is there.")
@click.option("--interactive", "-i", is_flag=True, help="Ask for the models of each alias.")
@JSON
@click.pass_context
def init(context: click.Context, path: str | None, force: bool, interactive: bool, as_json: bool) -> None:
    """Write a lockfile with the aliases fast, balanced, deep, vision and local, and pin their models.

    Models are the current ones of the registry; those of providers whose key is here come first.

    \b
    Examples:
      llmring lock init
      llmring lock init --interactive
      llmring lock init --file config/llmring.lock --force
    """
    from llmring.cli.lock_init import begin

    begin(_path(context, path), force=force, interactive=interactive, as_json=as_json)
