"""One thing in which the world and a lockfile differ, as a value."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Finding(NamedTuple):
    """One thing in which the world and the lockfile differ."""

    severity: Severity
    """``error`` fails a check, ``warning`` does not."""
    code: str
    """A stable name of the kind."""
    subject: str
    """The model, ``profile/alias``, or package that it is about."""
    message: str
    """What it is, and what to do."""
    was: str | None = None
    """What the pin says, where that is it."""
    now: str | None = None
    """What the registry says."""
    line: int | None = None
    """The line of the lockfile on which that is, from 1; None where it is on none."""
