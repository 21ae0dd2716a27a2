"""Make many calls at once, from threads and from tasks, over two rings; each is judged as it ends, the rest at the end."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from llmring import LLMRing
from llmring._core.breaker import Tolerance
from tests.chaos.audit import Answers, Ledger, Line, counted, faults, left, misbooked
from tests.chaos.calls import Told, awaited, blocking
from tests.chaos.census import Census, census, sockets
from tests.chaos.plan import MODELS, QUESTIONS, TOOL, Plan, bindings, models

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.chaos.host import Entry, Host

THREADS: Final = 8
"""That make the blocking calls."""
PAUSE: Final = 0.3
"""Seconds for which a breaker stays open: many open, and many probes find out."""
IN_FLIGHT: Final = 50
"""Asynchronous calls at once."""


def two_thousandths() -> float:
    """Throw for jitter that hardly waits."""
    return 0.002


def ring_at(host: Host, folder: Path) -> LLMRing:
    """Make a ring that asks *host*."""
    path = folder / "llmring.lock"
    entries = [f'[[profiles.default.bindings]]\nalias = "{each["alias"]}"\nmodels = {each["models"]!r}\n' for each in bindings()]
    path.write_text("\n".join(entries), encoding="utf-8")
    providers: dict[str, dict[str, Any]] = {name: {"base_url": url, "api_key": "sk-simulated"} for name, url in host.urls.items()}
    providers["responses"] = {"protocol": "openai_responses", "base_url": host.urls["openai"], "api_key": "sk-simulated"}
    providers["closed"] = {"protocol": "openai_chat", "base_url": host.refused, "api_key": "sk-simulated"}
    return LLMRing(providers=providers, lockfile_path=path, max_retries=1, timeout=30)


def without_faults(host: Host, folder: Path) -> Answers:
    """Ask every question once, of every model, as a whole and as a stream."""
    found: Answers = {}
    with ring_at(host, folder) as ring:
        for provider in MODELS:
            for model in models(provider):
                for at, question in enumerate(QUESTIONS):
                    options: dict[str, Any] = {"tools": [TOOL]} if at == len(QUESTIONS) - 1 else {}
                    name = f"{provider}:{model}"
                    found[name, at, False] = ring.chat(name, question, **options)
                    stream = ring.chat_stream(name, question, **options)
                    assert sum(1 for _ in stream) > 0
                    found[name, at, True] = stream.response
    return found


class Run:
    """One run: two rings, the one for calls that are waited for, the other for those that are left."""

    def __init__(self, host: Host, folder: Path, answers: Answers) -> None:
        """Ask *host*, which should say *answers*."""
        self.ring = ring_at(host, folder)
        self.left = ring_at(host, folder)
        for ring in (self.ring, self.left):
            ring._shared.core.guards.tolerance = Tolerance(pause=PAUSE, longest=PAUSE)
        self.lines: list[Line] = []
        self.kinds: Counter[str] = Counter()
        self.faults: list[tuple[int, str]] = []
        self._answers = answers
        self._kept, self._left = Ledger(), Ledger()
        self.kept = 0
        """Sockets that were open when all calls had ended, before the rings were closed: those that were to be used again."""
        self._lock = threading.Lock()

    def feed(self, plans: Iterable[Plan]) -> None:
        """Take *plans* to be made next."""
        known = list(plans)
        self._waiting = iter([plan for plan in known if plan.waits])
        self._blocking = iter([plan for plan in known if not plan.waits])

    def of(self, plan: Plan) -> LLMRing:
        """Give the ring for *plan*."""
        return self.ring if plan.end == "read" else self.left

    def _next(self, plans: Iterator[Plan]) -> Plan | None:
        with self._lock:
            return next(plans, None)

    def _take(self, told: Told) -> None:
        """Judge a call and forget it but for one line."""
        with self._lock:
            self.faults += [(told.plan.number, line) for line in faults(told, self._answers)]
            self.lines.append((self._kept if told.plan.end == "read" else self._left).take(told, self._answers))
            self.kinds[told.kind] += 1

    def _work(self) -> None:
        while (plan := self._next(self._blocking)) is not None:
            self._take(blocking(self.of(plan), plan))

    async def _serve(self) -> None:
        while (plan := self._next(self._waiting)) is not None:
            self._take(await awaited(self.of(plan), plan))

    async def all(self) -> None:
        """Make all calls, from threads and from tasks at the same time."""
        threads = [threading.Thread(target=self._work, name=f"caller-{at}") for at in range(THREADS)]
        for thread in threads:
            thread.start()
        await asyncio.gather(*(self._serve() for _ in range(IN_FLIGHT)))
        for thread in threads:
            await asyncio.to_thread(thread.join)

    async def close(self) -> None:
        """Close the rings."""
        await self.ring.aclose()
        await self.left.aclose()
        await asyncio.sleep(0)

    async def go(self, plans: Iterable[Plan]) -> Census:
        """Make the calls of *plans* and close; count what is left."""
        self.feed(plans)
        await self.all()
        self.kept = sockets()
        await self.close()
        return census()

    def wrong(self, books: dict[str, list[Entry]]) -> list[str]:
        """List all that is wrong by the *books* of the simulator, and in the totals; begin with the number of the call."""
        found = [f"{number}: {line}" for number, line in self.faults]
        found += [f"{line.number}: {text}" for line in self.lines for text in misbooked(line, books.get(f"call-{line.number}", []))]
        found += [f"totals: {text}" for text in counted(self._kept, self.ring.usage())]
        return [*found, *(f"totals of streams that were left: {text}" for text in left(self._left, self.left.usage()))]


def quicken() -> None:
    """Let retries hardly wait."""
    from llmring._async import engine as waiting
    from llmring._sync import engine

    waiting._dice = engine._dice = two_thousandths
