"""The ring of a command: one that keeps the ledger, unless the environment says otherwise or there is no place for it."""

from __future__ import annotations

import os
import warnings
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from llmring import AsyncLLMRing, LLMRing
from llmring.cli.terminal import note
from llmring.exceptions import ConfigurationError
from llmring.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

ORIGIN = "llmring-cli"
"""Whom the ledger names as asking."""


@contextmanager
def ring(lockfile_path: str | None = None) -> Generator[LLMRing]:
    """Give a ring, by the lockfile at *lockfile_path* where one is named, and close it; what the ledger could not keep is told."""
    with _telling(), LLMRing(lockfile_path=lockfile_path, origin=ORIGIN, ledger=keeps_ledger()) as made:
        yield made


@asynccontextmanager
async def aring() -> AsyncGenerator[AsyncLLMRing[str]]:
    """Give a ring whose calls are awaited, and close it."""
    with _telling():
        async with AsyncLLMRing[str](origin=ORIGIN, ledger=keeps_ledger()) as made:
            yield made


@contextmanager
def _telling() -> Generator[None]:
    """Tell in the end what a ledger could not keep."""
    with warnings.catch_warnings(record=True, category=RuntimeWarning) as told:
        warnings.simplefilter("always", RuntimeWarning)
        yield
    for warning in told:
        note(f"warning: {warning.message}")


def keeps_ledger() -> bool | None:
    """Keep one where it usually is; a user without a place for it does without."""
    if os.environ.get("LLMRING_LEDGER"):
        return None
    try:
        Ledger()
    except ConfigurationError:
        return False
    return True
