"""``llmring mcp serve``: servers as programs; stdout is the protocol's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring import LLMRing
from llmring.cli.rings import ORIGIN, keeps_ledger
from llmring.cli.terminal import note
from llmring.mcp.serve import Listening, ring_server, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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


def listening(address: str | None, **others: Any) -> Listening | None:
    """Give where to listen, None for stdin and stdout."""
    return None if address is None else Listening.at(address, **others)
