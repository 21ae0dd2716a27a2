"""The commands that look back at past calls, and their options."""

from __future__ import annotations

import click

from llmring.cli.options import JSON

SINCE = click.option("--since", metavar="WHEN", help="Leave out older calls: 30m, 12h, 7d, 2w, or a date such as 2026-11-01.")
LOCAL = click.option("--local", is_flag=True, help="Read the ledger of this machine even where LLMRING_SERVER_URL names a server.")
FILE = click.option("--ledger", "path", type=click.Path(dir_okay=False), help="The ledger to read.  [env: LLMRING_LEDGER]")


@click.command(short_help="Add up past calls, their tokens and their cost.")
@click.option(
    "--by",
    type=click.Choice(["day", "model", "alias", "profile", "origin", "outcome"]),
    default="day",
    show_default=True,
    help="What calls are added up by.",
)
@SINCE
@JSON
@LOCAL
@FILE
def stats(by: str, since: str | None, as_json: bool, local: bool, path: str | None) -> None:
    """Add up the calls in the ledger: how many, how many failed, tokens, dollars, seconds.

    The command line keeps a ledger unless LLMRING_LEDGER=0, a program where it asks for one.

    \b
    Examples:
      llmring stats
      llmring stats --by model --since 7d
      llmring stats --by alias --json
    """
    from llmring.cli.history import history, moment
    from llmring.cli.stats import show

    show(history(path, local=local), by, moment(since), as_json=as_json)


@click.command(short_help="Write past calls as CSV, JSON or Parquet.")
@click.option("--format", "form", type=click.Choice(["csv", "json", "parquet"]), help="What to write.  [default: by --output, else csv]")
@click.option("--output", "-o", type=click.Path(dir_okay=False), help="The file to write; without it stdout.")
@SINCE
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@LOCAL
@FILE
def export(form: str | None, output: str | None, since: str | None, as_json: bool, local: bool, path: str | None) -> None:
    """Write the calls in the ledger, one a row, the oldest first. There is nothing in it of what was said.

    Parquet needs the package pyarrow, and --output.

    \b
    Examples:
      llmring export --since 30d --output calls.csv
      llmring export --json | jq '.[].cost'
    """
    from llmring.cli.export import write
    from llmring.cli.history import history, moment

    if as_json and form not in {None, "json"}:
        raise click.UsageError(f"--json contradicts --format {form}")
    write(history(path, local=local), moment(since), "json" if as_json else form, output)
