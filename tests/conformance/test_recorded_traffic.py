"""Every answer and error that was recorded, said again by a loopback server, comes out of both twins as it was."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.conformance.calls import awaited, blocking, cases_of, ring_for
from tests.conformance.peer import Peer
from tests.protocols.wire import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring import LLMRing
    from tests.conformance.calls import Case

pytestmark = pytest.mark.conformance

APIS = {
    "openai": {"chat_completions": "openai_chat", "responses": "openai_responses"},
    "anthropic": {"messages": "anthropic_messages"},
    "gemini": {"generateContent": "gemini_generate", "streamGenerateContent": "gemini_generate"},
    "ollama": {"chat": "ollama_chat"},
    "openai_compatible": {"chat_completions": "openai_chat", "responses": "openai_responses"},
}
"""Provider and API to the protocol that speaks it."""
FEWEST = {"openai": 115, "anthropic": 80, "gemini": 70, "ollama": 30, "openai_compatible": 170}
"""Exchanges that must be there, so that a missing folder is no success."""


@attrs.define
class Bench:
    """One provider's exchanges, served."""

    provider: str
    peer: Peer
    ring: LLMRing
    cases: list[Case]
    left_out: Counter[str]


@pytest.fixture(params=list(APIS), scope="module")
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Serve the exchanges of one provider."""
    provider = str(request.param)
    found = [(each, protocol) for api, protocol in APIS[provider].items() for each in cases(provider, api, left_out=True)]
    kept = [(each, protocol) for each, protocol in found if each.left_out is None]
    with Peer([each for each, _ in kept]) as peer:
        ring = ring_for(peer, [protocol for _, protocol in kept])
        left_out = Counter(each.left_out for each, _ in found if each.left_out is not None)
        yield Bench(provider, peer, ring, cases_of([each for each, _ in kept]), left_out)
        ring.close()


def report(bench: Bench, twin: str, misses: dict[str, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """Print one row of the table, then every miss; fail on any."""
    left = ", ".join(f"{count} {reason}" for reason, count in sorted(bench.left_out.items())) or "none"
    right = len(bench.cases) - len(misses)
    with capsys.disabled():
        sys.stdout.write(f"\n{bench.provider:<18} {twin:<9} {right:>4} of {len(bench.cases):>4} calls as recorded; left out: {left}\n")
    exchanges = {case.at for case in bench.cases}
    assert len(exchanges) >= FEWEST[bench.provider]
    assert not misses, "\n".join(f"{name}: {'; '.join(lines)}"[:600] for name, lines in misses.items())


def named(case: Case) -> str:
    """Name a case."""
    return f"{case.exchange.name}{' (streamed)' if case.streamed else ''}"


def test_blocking(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """The blocking twin gives what was recorded."""
    misses = {named(case): lines for case in bench.cases if (lines := blocking(bench.ring, case))}
    report(bench, "blocking", misses, capsys)


async def test_async(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """The asynchronous twin gives what was recorded."""
    misses = {named(case): lines for case in bench.cases if (lines := await awaited(bench.ring, case))}
    report(bench, "async", misses, capsys)
