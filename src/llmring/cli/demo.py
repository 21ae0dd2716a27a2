"""``llmring demo``: one ring through four wire formats, against the bundled simulator."""

from __future__ import annotations

import asyncio
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from llmring import LLMRing
from llmring.cli.screen import Screen
from llmring.cli.terminal import say_json
from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from llmring import LLMResponse

MODELS = {
    "openai": "gpt-5.4-mini",
    "anthropic": "claude-haiku-4-5-20251001",
    "google": "gemini-3.5-flash-lite",
    "ollama": "qwen3:8b",
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
HEADINGS = ("provider", "model", "calls", "tokens in", "tokens out", "cost")
PACE = 0.04
"""Seconds between two pieces of a stream, where somebody watches."""


@attrs.frozen
class City:
    """What the structured answer must be."""

    name: str
    country: str
    people: int


@attrs.define
class Tally:
    """What the calls to one provider add up to."""

    provider: str
    model: str
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None

    def add(self, response: LLMResponse[Any]) -> LLMResponse[Any]:
        """Count *response* and hand it back."""
        self.calls += 1
        self.input_tokens += response.usage.input_tokens
        self.output_tokens += response.usage.output_tokens
        if response.cost is not None:
            self.cost = (self.cost or Decimal(0)) + response.cost.total
        return response

    @property
    def row(self) -> tuple[str, ...]:
        """The line of the closing table."""
        cost = "-" if self.cost is None else f"${self.cost:.6f}"
        return self.provider, self.model, str(self.calls), str(self.input_tokens), str(self.output_tokens), cost


class Tour:
    """The demo of one provider."""

    def __init__(self, ring: LLMRing, screen: Screen, provider: str) -> None:
        """Call *provider* through *ring*, telling of it on *screen*."""
        self.ring = ring
        self.screen = screen
        self.tally = Tally(provider, MODELS[provider])
        self.name = f"{provider}:{MODELS[provider]}"

    def run(self) -> Tally:
        """Show everything, and give what it used."""
        self.screen.title(self.tally.provider, self.tally.model)
        self.blocking()
        self.awaited()
        self.streaming()
        self.tool()
        self.structured()
        self.fallback()
        return self.tally

    def blocking(self) -> None:
        """Show a blocking call."""
        options = saying("A lockfile says which model a name stands for.")
        answer = self.ring.chat(self.name, "What is a lockfile?", **options)
        self.screen.line("blocking", self.tally.add(answer).content)

    def awaited(self) -> None:
        """Show a call of the same ring from an event loop."""
        options = saying("The same ring, awaited; connections are kept per event loop.")
        answer = asyncio.run(self.ring.achat(self.name, "And with asyncio?", **options))
        self.screen.line("async", self.tally.add(answer).content)

    def streaming(self) -> None:
        """Show an answer as it comes."""
        words = "One word comes after another, as fast as the model says them."
        options = saying(words, pace=PACE if self.screen.live else 0)
        self.screen.begin("streaming")
        with self.ring.chat_stream(self.name, "How do you speak?", **options) as stream:
            for event in stream:
                self.screen.more(event.delta)
            self.tally.add(stream.response)
        self.screen.end()

    def tool(self) -> None:
        """Show a tool being called, and its result being used."""
        messages: list[Any] = [{"role": "user", "content": "What is the weather in Lisbon?"}]
        asked = self.tally.add(self.ring.chat(self.name, messages, tools=[WEATHER]))
        call = asked.tool_calls[0]
        result = "18 degrees and sunny"
        messages += [asked.message, {"role": "tool", "tool_call_id": call.id, "content": result}]
        told = self.tally.add(self.ring.chat(self.name, messages, tools=[WEATHER], **saying(f"It is {result} in Lisbon.")))
        self.screen.line("tool call", f"{call.name}({call.raw_arguments})")
        self.screen.line("its result", told.content)

    def structured(self) -> None:
        """Show an answer that is a value of a Python type."""
        question = "How many people live in Lisbon, Portugal? About 545000."
        self.screen.line("structured", repr(self.tally.add(self.ring.chat(self.name, question, response_format=City)).parsed))

    def fallback(self) -> None:
        """Show the second model of an alias answering where the first fails."""
        options = saying("The next model answered.")
        answer = self.tally.add(self.ring.chat(f"{self.tally.provider}-pool", "Are you there?", **options))
        failed = " and ".join(f"{attempt.outcome} ({attempt.status_code})" for attempt in answer.attempts[:-1])
        self.screen.line("fallback", f"{failed} -> {answer.content}")


def saying(text: str, pace: float = 0) -> dict[str, Any]:
    """Give the options of a call that have the simulator answer *text*, with *pace* seconds between the pieces of a stream."""
    return {"extra_headers": {"x-simulate": f"say={quote(text)}" + (f"; pace={pace}" if pace else "")}}


def lockfile() -> str:
    """Write the lockfile of the demo: for each provider a pool whose first model always fails."""
    bindings = [
        f'[[profiles.default.bindings]]\nalias = "{provider}-pool"\nmodels = ["{provider}:{model}+fault=503", "{provider}:{model}"]\n'
        for provider, model in MODELS.items()
    ]
    return "\n".join(bindings)


def show(*, as_json: bool) -> None:
    """Run the demo; with *as_json* only the closing table is written, as JSON."""
    with Simulator() as simulator, tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "llmring.lock")
        path.write_text(lockfile(), encoding="utf-8")
        providers = {name: {"base_url": url, "api_key": "demo"} for name, url in simulator.urls.items()}
        with LLMRing(lockfile_path=path, providers=providers, max_retries=0) as ring:
            screen = Screen(silent=as_json)
            screen.text("One ring, four wire formats. A simulator on this machine answers:")
            screen.text("what it says is made up, how it travels is not. No keys, no network.")
            tallies = [Tour(ring, screen, provider).run() for provider in MODELS]
            totals = ring.usage()
    if as_json:
        say_json([attrs.asdict(each) | {"cost": None if each.cost is None else str(each.cost)} for each in tallies])
        return
    usage = totals.usage
    cost = f"${totals.cost:.6f}" if any(each.cost is not None for each in tallies) else "-"
    closing = ("all", "", str(totals.calls), str(usage.input_tokens), str(usage.output_tokens), cost)
    screen.table(HEADINGS, [each.row for each in tallies], closing)
