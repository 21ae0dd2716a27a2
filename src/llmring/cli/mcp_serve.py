"""``llmring mcp serve``: servers as programs; stdout is the protocol's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring import LLMRing
from llmring.cli.rings import keeps_ledger
from llmring.cli.terminal import note
from llmring.mcp.serve import Listening, lockfile_server, ring_server, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ORIGIN = "llmring-mcp"
"""Whom the ledger names as asking."""


def serve_ring(
    aliases: Sequence[str] | None, settings: Mapping[str, Any], *, direct: bool, max_call_cost: float | None, over: Mapping[str, Any]
) -> None:
    """Offer *aliases* of a ring with *settings* until interrupted.

    Raises:
        ConfigurationError: there is nothing to offer, or no way to be reached.

    """
    with LLMRing(origin=ORIGIN, ledger=keeps_ledger(), **settings) as ring:
        server = ring_server(ring, aliases, direct=direct, max_cost=max_call_cost)
        run(server, closing=ring.aclose, say=note, http=listening(**over))


def serve_lockfile(path: str | None, *, profile: str | None, read_only: bool, allow_save: bool, over: Mapping[str, Any]) -> None:
    """Offer the tools over the lockfile at *path* until interrupted.

    Raises:
        LockfileError: it cannot be read.
        ConfigurationError: there is no way to be reached.

    """
    server = lockfile_server(path, profile=profile, read_only=read_only, allow_save=allow_save)
    run(server, closing=_nothing, say=note, http=listening(**over))


async def _nothing() -> None:
    """Close nothing: the file is open only while it is read or written."""


def listening(address: str | None, **others: Any) -> Listening | None:
    """Give where to listen, None for stdin and stdout."""
    return None if address is None else Listening.at(address, **others)
