"""The ledger's file: where it is, one SQLite table in it, and no more rows than it may have."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.ledger import COLUMNS
from llmring._io.folders import data_folder
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

VARIABLE: Final = "LLMRING_LEDGER"
NAME: Final = "ledger.sqlite3"
VERSION: Final = 1
"""Of the table; a file of a newer one is left alone."""
MOST_ROWS: Final = 200_000
"""Calls that are kept; the oldest go. A row is at most about 1 kB, and most have 200 bytes."""

_ON: Final = frozenset({"1", "true", "yes", "on"})
_OFF: Final = frozenset({"", "0", "false", "no", "off"})
_PATIENCE: Final = 10.0
"""Seconds to wait while another process writes."""
_NUMBERS: Final = {"attempts": "INTEGER", "estimated": "INTEGER", "latency": "REAL"}


def place(choice: object, environment: Mapping[str, str]) -> str | None:
    """Give the path that *choice*, or where it is None the environment, names for the ledger; None where none is to be kept.

    Raises:
        ConfigurationError: *choice* is no path, or there is a folder, or the folder that it is in cannot be made.

    """
    if choice is None:
        named = environment.get(VARIABLE, "").strip()
        choice = True if named.lower() in _ON else False if named.lower() in _OFF else named
    if choice is False:
        return None
    if choice is True:
        path = os.path.join(data_folder(environment), NAME)
    elif choice and isinstance(choice, (str, os.PathLike)):
        path = os.path.abspath(os.path.expanduser(os.fsdecode(cast("str | os.PathLike[str]", choice))))
    else:
        raise ConfigurationError(f"ledger must be a path, True, False or None, not {choice!r}")
    return _usable(path)


def _usable(path: str) -> str:
    """Make sure of the folder of *path*."""
    if os.path.isdir(path):
        raise ConfigurationError(f"The ledger {path!r} is a folder; name a file in it, such as {NAME}.")
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    except OSError as error:
        message = f"The ledger {path!r} cannot be kept there: {error.strerror}; name another file with ledger= or {VARIABLE}."
        raise ConfigurationError(message) from error
    return path


@contextmanager
def opened(path: str, *, writing: bool) -> Generator[sqlite3.Connection]:
    """Open the ledger at *path*, whose table is made where *writing*.

    Raises:
        sqlite3.Error: it is no ledger, or of a newer version, or cannot be used.

    """
    address = f"file:{_quoted(path)}?mode={'rwc' if writing else 'ro'}"
    with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)) as connection:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise sqlite3.DatabaseError(f"its version is {version}, newer than this llmring reads: update llmring")
        if writing:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            if not version:
                _found(connection)
        yield connection


def _found(connection: sqlite3.Connection) -> None:
    """Make the table, unless another process was faster."""
    columns = ", ".join(f"{name} {_NUMBERS.get(name, 'INTEGER' if name.endswith('_tokens') else 'TEXT')}" for name in COLUMNS)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"CREATE TABLE IF NOT EXISTS calls (number INTEGER PRIMARY KEY, {columns})")
    connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")


def append(path: str, rows: Sequence[tuple[Any, ...]], most: int = MOST_ROWS) -> None:
    """Add *rows* to the ledger at *path*, all or none, and let go of the oldest beyond *most*.

    Raises:
        sqlite3.Error: it cannot be written.

    """
    names, marks = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
    with opened(path, writing=True) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(f"INSERT INTO calls ({names}) VALUES ({marks})", rows)  # noqa: S608 - names of our own
            connection.execute("DELETE FROM calls WHERE number <= (SELECT max(number) FROM calls) - ?", (most,))
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _quoted(path: str) -> str:
    """Write *path* as SQLite wants it in an address; urllib would cost every command that looks a quarter of its own time."""
    return path.replace(os.sep, "/").replace("%", "%25").replace("?", "%3f").replace("#", "%23")
