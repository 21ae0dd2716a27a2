"""``llmring export``: past calls, one a row, as CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import contextmanager
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import attrs
import click

from llmring.cli.terminal import note
from llmring.exceptions import ConfigurationError
from llmring.ledger import CallRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from datetime import datetime

    from llmring.ledger import CallHistory

COLUMNS = tuple(field.name for field in attrs.fields(CallRecord))
"""The columns of every format, in the order of the record's fields."""


def write(calls: CallHistory, since: datetime | None, form: str | None, output: str | None) -> None:
    """Write *calls* in *form*, by default the one that the name of *output* tells, to *output* or stdout.

    Raises:
        ConfigurationError: *output* cannot be written.

    """
    form = form or _FORMS_BY_NAME.get(Path(output or "").suffix.lower(), "csv")
    rows = _begun(_row(each) for each in calls.records(since=since))
    if output and not Path(output).absolute().parent.is_dir():
        raise ConfigurationError(f"{output} cannot be written: there is no folder {Path(output).parent}; make it first")
    try:
        if form == "parquet":
            number = _parquet(rows, output)
        else:
            with _opened(output) as file:
                number = _WRITERS[form](rows, file)
    except OSError as error:
        if output is None:
            raise
        raise ConfigurationError(f"{output} cannot be written: {error.strerror or error}") from error
    if output:
        note(f"{number} {'call' if number == 1 else 'calls'} written to {output}")


def _begun(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Read the first of *rows* at once, so that a ledger that cannot be read costs nobody the file that is to be replaced."""
    first = list(islice(rows, 1))
    return chain(first, rows)


def _row(each: CallRecord) -> dict[str, Any]:
    """Give *each* with every column there; the cost as text, so that no digit is lost."""
    values = {name: getattr(each, name) for name in COLUMNS}
    return values | {"cost": None if each.cost is None else f"{each.cost:f}"}


@contextmanager
def _opened(output: str | None) -> Generator[IO[str]]:
    """Open *output*, or give stdout."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with Path(output).open("w", encoding="utf-8", newline="") as file:
        yield file


def _csv(rows: Iterator[dict[str, Any]], file: IO[str]) -> int:
    table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    table.writeheader()
    number = 0
    for number, row in enumerate(rows, 1):  # noqa: B007 - the count is what is wanted after the loop
        table.writerow(row)
    return number


def _json(rows: Iterator[dict[str, Any]], file: IO[str]) -> int:
    """Write an array, an object a line, as the rows come."""
    number = 0
    file.write("[")
    for number, row in enumerate(rows, 1):
        file.write((",\n" if number > 1 else "\n") + json.dumps(row, ensure_ascii=True))
    file.write("\n]\n")
    return number


def _parquet(rows: Iterator[dict[str, Any]], output: str | None) -> int:
    """Write all rows at once.

    Raises:
        UsageError: there is no *output*.
        ConfigurationError: the package pyarrow is not installed.

    """
    if output is None:
        raise click.UsageError("Parquet is no text: name a file with --output")
    try:
        arrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise ConfigurationError("Parquet needs the package pyarrow: pip install pyarrow") from None
    found = list(rows)
    columns = arrow.schema([(name, _kind(arrow, name)) for name in COLUMNS])
    parquet.write_table(arrow.Table.from_pylist(found, schema=columns), output)
    return len(found)


def _kind(arrow: Any, name: str) -> Any:
    """Give the column's type; the cost stays text, as everywhere."""
    kinds = {"int": arrow.int64(), "float": arrow.float64(), "bool": arrow.bool_()}
    return kinds.get(str(attrs.fields_dict(CallRecord)[name].type), arrow.string())


_WRITERS: dict[str, Callable[[Iterator[dict[str, Any]], IO[str]], int]] = {"csv": _csv, "json": _json}
_FORMS_BY_NAME = {".json": "json", ".parquet": "parquet", ".csv": "csv"}
