"""Tool conversations as recorded: every call that a provider once made is made again, and its result goes back in the provider's form."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring.schemas import Tool
from tests.conformance.calls import Case, ring_for
from tests.conformance.peer import Peer
from tests.conformance.test_recorded_traffic import APIS
from tests.protocols.wire import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring import LLMRing
    from tests.protocols.wire import Exchange

pytestmark = pytest.mark.conformance

FEWEST = {"openai": 25, "anthropic": 20, "gemini": 15, "ollama": 8, "openai_compatible": 35}
"""Conversations that must be there, so that a missing folder is no success."""
NOTED = "noted by us"


class Noted:
    """A tool that takes anything and notes it."""

    def __init__(self, name: str, calls: list[Any]) -> None:
        """Be called *name*, and note in *calls*."""
        self.tool = Tool(name=name)
        self._calls = calls

    def __call__(self, **arguments: Any) -> str:
        """Note the call."""
        self._calls.append((self.tool.name, arguments))
        return NOTED


@attrs.define
class Bench:
    """One provider's exchanges, served."""

    provider: str
    peer: Peer
    ring: LLMRing
    cases: list[Case]


@pytest.fixture(params=list(APIS), scope="module")
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Serve the exchanges of one provider that call tools, each with one after it that answers in words."""
    provider = str(request.param)
    kept = [(each, protocol) for api, protocol in APIS[provider].items() for each in cases(provider, api) if not each.failed]
    exchanges = [each for each, _ in kept]
    with Peer(exchanges) as peer:
        ring = ring_for(peer, [protocol for _, protocol in kept])
        found: list[Case] = []
        for at, (exchange, protocol) in enumerate(kept):
            answer = _answer(kept, protocol, exchange.framing)
            if _calls(exchange) and answer is not None:
                peer.then[at] = answer
                found.append(Case(at, exchange, exchange.framing is not None))
        yield Bench(provider, peer, ring, found)
        ring.close()


def _answer(kept: list[tuple[Exchange, str]], protocol: str, framing: str | None) -> int | None:
    """Give the first exchange of *protocol* that answers in words, in the same *framing*."""
    same = ((at, exchange.expected) for at, (exchange, spoken) in enumerate(kept) if (spoken, exchange.framing) == (protocol, framing))
    return next((at for at, told in same if _answers(told)), None)


def _answers(told: dict[str, Any]) -> bool:
    whole = told["finish_reason"] in {"stop", "end_turn", "STOP", "completed"}
    return whole and bool(told["text"]) and not told["tool_calls"] and not told["server_tools"] and not told.get("choices")


def _calls(exchange: Exchange) -> bool:
    told = exchange.expected
    return bool(told["tool_calls"]) and not told.get("choices") and not told["server_tools"] and not told.get("error")


def judge(case: Case, calls: list[Any], asked: dict[str, Any], content: str) -> list[str]:
    """List what is not as recorded."""
    wanted = [(call["name"], call["arguments"]) for call in case.exchange.expected["tool_calls"] if isinstance(call["arguments"], dict)]
    found: list[str] = []
    if sorted(map(_canonical, calls)) != sorted(map(_canonical, wanted)):
        found.append(f"called {calls}, wanted {wanted}")
    if json.dumps(asked).count(NOTED) != len(wanted):
        found.append(f"told {json.dumps(asked).count(NOTED)} results of {len(wanted)}")
    if not content:
        found.append("no answer")
    return found


def _canonical(call: Any) -> str:
    return json.dumps(call, sort_keys=True)


def tools(case: Case, calls: list[Any]) -> list[Noted]:
    """Give a tool for each name that is called."""
    return [Noted(name, calls) for name in dict.fromkeys(call["name"] for call in case.exchange.expected["tool_calls"])]


def report(bench: Bench, way: str, misses: dict[str, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """Print one row of the table, then every miss; fail on any."""
    with capsys.disabled():
        right = len(bench.cases) - len(misses)
        sys.stdout.write(f"\n{bench.provider:<18} {way:<9} {right:>4} of {len(bench.cases):>4} tool conversations as recorded\n")
    assert len(bench.cases) >= FEWEST[bench.provider]
    assert not misses, "\n".join(f"{name}: {'; '.join(lines)}"[:600] for name, lines in misses.items())


def test_blocking(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """The blocking twin makes the calls of each answer, whole or streamed, and goes on to the next one."""
    misses: dict[str, list[str]] = {}
    for case in bench.cases:
        calls: list[Any] = []
        bench.peer.asked.pop(case.at, None)
        if case.streamed:
            stream = bench.ring.run_tools_stream(case.model, "Hi", tools=tools(case, calls), max_rounds=3)
            assert list(stream)
            response = stream.response
        else:
            response = bench.ring.run_tools(case.model, "Hi", tools=tools(case, calls), max_rounds=3)
        if lines := judge(case, calls, bench.peer.asked[case.at], response.content):
            misses[case.exchange.name] = lines
    report(bench, "blocking", misses, capsys)


async def test_async(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """So does the asynchronous twin."""
    misses: dict[str, list[str]] = {}
    for case in bench.cases:
        calls: list[Any] = []
        bench.peer.asked.pop(case.at, None)
        if case.streamed:
            stream = bench.ring.arun_tools_stream(case.model, "Hi", tools=tools(case, calls), max_rounds=3)
            assert [event async for event in stream]
            response = stream.response
        else:
            response = await bench.ring.arun_tools(case.model, "Hi", tools=tools(case, calls), max_rounds=3)
        if lines := judge(case, calls, bench.peer.asked[case.at], response.content):
            misses[case.exchange.name] = lines
    report(bench, "async", misses, capsys)
    await bench.ring.aclose()
