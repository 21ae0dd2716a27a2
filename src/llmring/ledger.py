"""The door to the ledger for programs: the calls that rings have kept there, one by one or added up."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from llmring._core.ledger import GROUPS, record
from llmring._gen.ledger import CallRecord, CallTotals
from llmring._io.environment import environment
from llmring._io.ledger_files import opened, place
from llmring._io.ledger_reads import summed, told
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import datetime

__all__ = ["GROUPS", "CallHistory", "CallRecord", "CallTotals", "Ledger"]


class CallHistory(Protocol):
    """Where past calls can be looked up, be it a file or a server."""

    def totals(self, by: str = "day", *, since: datetime | None = None) -> list[CallTotals]:
        """Add up the calls that share what *by* names, those before *since* left out."""
        ...

    def records(self, *, since: datetime | None = None) -> Iterator[CallRecord]:
        """Give the calls, the oldest first."""
        ...


class Ledger:
    """The file in which rings with ``ledger=`` keep their calls; reading it disturbs nobody who writes."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        """Read the ledger at *path*; without one that of ``LLMRING_LEDGER``, else the one in the user's data folder.

        Raises:
            ConfigurationError: *path* is a folder, or no path.

        """
        found = (
            place(path, environment()) if path is not None else place(None, environment()) or place(choice=True, environment=environment())
        )
        self.path = str(found)
        """Where it is, or will be once there is a call."""

    def totals(self, by: str = "day", *, since: datetime | None = None) -> list[CallTotals]:
        """Add up the calls that share what *by* names, those before *since* left out; days are those of the local time.

        Raises:
            ConfigurationError: *by* is not among ``GROUPS``, or the file is no ledger.

        """
        if by not in GROUPS:
            raise ConfigurationError(f"calls can be added up by {', '.join(GROUPS)}, not by {by!r}")
        with self._reading() as connection:
            return [] if connection is None else summed(connection, by, since)

    def records(self, *, since: datetime | None = None) -> Iterator[CallRecord]:
        """Give the calls from *since* on, the oldest first.

        Raises:
            ConfigurationError: the file is no ledger.

        """
        with self._reading() as connection:
            if connection is not None:
                yield from map(record, told(connection, since))

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection | None]:
        """Open the file, if there is one."""
        if not os.path.exists(self.path):  # noqa: PTH110 - Path.exists() raises where a folder may not be looked into
            yield None
            return
        try:
            with opened(self.path, writing=False) as connection:
                yield connection
        except sqlite3.Error as error:
            raise ConfigurationError(f"The ledger {self.path!r} cannot be read: {error}") from error
