"""``llmring demo``: one ring through four wire formats, against the bundled simulator."""

from __future__ import annotations

import asyncio
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from llmring import LLMRing
from llmring.cli.terminal import console, say_json
from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from rich.console import Console

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
        "parameters": {"type": "object", "properties": {"city": {"type": "string", "examples": ["Lisbon"]}}, "required": ["city"]},
    },
}


@attrs.frozen
class City:
    """What the structured answer must be."""

    name: str
    country: str
    population: int


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


class Show:
    """One run of the demo."""

    def __init__(self, ring: LLMRing, screen: Console | None) -> None:
        """Call through *ring*, telling of it on *screen*, if any."""
        self.ring = ring
        self.screen = screen
        self.tallies: list[Tally] = []

    def tell(self, what: str, text: str) -> None:
        """Write one line: what was done, and what came of it."""
        if self.screen is not None:
            self.screen.print(f"  [cyan]{what:<11}[/cyan] ", end="")
            self.screen.print(text, markup=False)

    def provider(self, provider: str, model: str) -> None:
        """Show everything through one provider."""
        if self.screen is not None:
            self.screen.print(f"\n[bold]{provider}[/bold] [dim]{model}[/dim]")
        tally = Tally(provider, model)
        self.tallies.append(tally)
        name = f"{provider}:{model}"
        self.tell("blocking", tally.add(self.ring.chat(name, "In one sentence, what is a lockfile?")).content)
        self.tell("async", tally.add(asyncio.run(self.ring.achat(name, "In one sentence, what is an alias?"))).content)
        self.stream(name, tally)
        self.tool(name, tally)
        answer = tally.add(self.ring.chat(name, "Describe Lisbon.", response_format=City))
        self.tell("structured", repr(answer.parsed))
        fallen = tally.add(self.ring.chat(f"{provider}-pool", "Are you still there?"))
        tried = ", then ".join(f"{attempt.model.partition(':')[2]} ({attempt.outcome})" for attempt in fallen.attempts)
        self.tell("fallback", f"{tried}: {fallen.content}")

    def stream(self, name: str, tally: Tally) -> None:
        """Show an answer as it comes."""
        if self.screen is not None:
            self.screen.print(f"  [cyan]{'streaming':<11}[/cyan] ", end="")
        with self.ring.chat_stream(name, "Count from one to five, slowly.") as stream:
            for event in stream:
                if self.screen is not None and event.delta:
                    self.screen.print(event.delta, end="", markup=False)
            tally.add(stream.response)
        if self.screen is not None:
            self.screen.print()

    def tool(self, name: str, tally: Tally) -> None:
        """Show a tool being called, and its result being used."""
        messages: list[Any] = [{"role": "user", "content": "What is the weather in Lisbon?"}]
        asked = tally.add(self.ring.chat(name, messages, tools=[WEATHER]))
        call = asked.tool_calls[0]
        messages += [asked.message, {"role": "tool", "tool_call_id": call.id, "content": "18 °C and sunny"}]
        told = tally.add(self.ring.chat(name, messages, tools=[WEATHER]))
        self.tell("tool", f"{call.name}({call.arguments}) → 18 °C and sunny → {told.content}")

    def table(self) -> None:
        """Close with tokens and cost."""
        if self.screen is None:
            return
        from rich.table import Table

        table = Table("provider", "model", box=None, padding=(0, 2), header_style="bold")
        for heading in ("calls", "tokens in", "tokens out", "cost"):
            table.add_column(heading, justify="right")
        for each in self.tallies:
            cost = "free" if each.provider == "ollama" else "unknown" if each.cost is None else f"${each.cost:.6f}"
            table.add_row(each.provider, each.model, str(each.calls), str(each.input_tokens), str(each.output_tokens), cost)
        total = self.ring.usage()
        table.add_row(
            "all", "", str(total.calls), str(total.usage.input_tokens), str(total.usage.output_tokens), f"${total.cost:.6f}", style="bold"
        )
        self.screen.print()
        self.screen.print(table)


def lockfile() -> str:
    """Write the lockfile of the demo: for each provider a pool whose first model always fails."""
    bindings = [
        f'[[profiles.default.bindings]]\nalias = "{provider}-pool"\nmodels = ["{provider}:{model}+fault=503", "{provider}:{model}"]\n'
        for provider, model in MODELS.items()
    ]
    return "\n".join(bindings)


def show(*, as_json: bool) -> None:
    """Run the demo."""
    with Simulator() as simulator, tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "llmring.lock")
        path.write_text(lockfile(), encoding="utf-8")
        providers = {name: {"base_url": url, "api_key": "demo"} for name, url in simulator.urls.items()}
        with LLMRing(lockfile_path=path, providers=providers, max_retries=0) as ring:
            screen = None if as_json else console()
            run = Show(ring, screen)
            if screen is not None:
                screen.print("One ring, four wire formats; everything is answered by the simulator on this machine.")
            for provider, model in MODELS.items():
                run.provider(provider, model)
            run.table()
            if as_json:
                say_json([attrs.asdict(each) | {"cost": None if each.cost is None else str(each.cost)} for each in run.tallies])
