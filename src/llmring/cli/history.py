"""Where a command finds past calls, and from when on it takes them."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from llmring.exceptions import UsageServerError
from llmring.ledger import Ledger

if TYPE_CHECKING:
    from llmring.ledger import CallHistory

SERVER = "LLMRING_SERVER_URL"

_AGO = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def history(path: str | None, *, local: bool) -> CallHistory:
    """Give the calls in the ledger at *path*, or of this user.

    Raises:
        UsageServerError: the environment names a server, and nothing says to read the file.

    """
    if path is None and not local and os.environ.get(SERVER):
        raise UsageServerError(f"{SERVER} is set, and this version reads no usage server: --local reads the ledger of this machine")
    return Ledger(path)


def moment(since: str | None) -> datetime | None:
    """Read how long ago, or since which local day or moment.

    Raises:
        UsageError: it is neither.

    """
    if since is None:
        return None
    ago = _AGO.fullmatch(since.strip())
    try:
        found = datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])}) if ago else datetime.fromisoformat(since.strip())
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.UsageError(f"--since takes 30m, 12h, 7d, 2w or a date such as 2026-11-01, not {since!r}") from None
