"""What people really sent to chat completions, asked of the ring, goes out saying the same."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from llmring.exceptions import ProviderError, SchemaValidationError
from tests.conformance.calls import ring_for
from tests.conformance.peer import Peer
from tests.conformance.requests import call_of, differences, left_out, recorded_body
from tests.protocols.wire import cases

if TYPE_CHECKING:
    from tests.protocols.wire import Exchange

pytestmark = pytest.mark.conformance


def plain_requests() -> tuple[list[Exchange], Counter[str]]:
    """Give the exchanges whose request is plain OpenAI chat, and count the others by reason."""
    found: list[Exchange] = []
    others: Counter[str] = Counter()
    for provider in ("openai", "openai_compatible"):
        for exchange in cases(provider, "chat_completions", left_out=True):
            body = recorded_body(exchange)
            reason = "no body" if body is None else "request_elided" if "request_elided" in exchange.tags else left_out(body)
            if reason is None:
                found.append(exchange)
            else:
                others[reason] += 1
    return found, others


def test_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Messages and options give an equivalent body."""
    found, others = plain_requests()
    misses: dict[str, list[str]] = {}
    with Peer(found) as peer, ring_for(peer, ["openai_chat"] * len(found)) as ring:
        for at, exchange in enumerate(found):
            body = recorded_body(exchange)
            assert body is not None
            messages, options = call_of(body)
            with suppress(ProviderError, SchemaValidationError):  # what came back is another test's business
                ring.chat(f"case-{at}:{body.get('model') or 'model'}", messages, **options)
            if lines := list(differences(body, peer.asked[at])):
                misses[exchange.name] = lines
    with capsys.disabled():
        left = ", ".join(f"{count} {reason}" for reason, count in sorted(others.items()))
        sys.stdout.write(
            f"\nrecorded requests: {len(found) - len(misses)} of {len(found)} go out equivalent; not plain OpenAI chat: {left}\n"
        )
    assert len(found) >= 200
    assert not misses, "\n".join(f"{name}: {'; '.join(lines)}"[:700] for name, lines in misses.items())
