"""What happens in a run: every call is drawn from the seed and its own number, so that any one can be repeated alone."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

MODELS: Final[Mapping[str, str]] = {
    "openai": "gpt-5.4-mini",
    "responses": "gpt-5.4-mini",
    "anthropic": "claude-haiku-4-5-20251001",
    "google": "gemini-3.5-flash-lite",
    "ollama": "qwen3:8b",
}
"""A provider for each of the five wire formats, and a model of each."""
VARIANTS: Final = 6
"""Models of each provider: breakers are kept for each."""
TOOL: Final[Mapping[str, Any]] = {
    "type": "function",
    "function": {"name": "look_up", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}},
}
QUESTIONS: Final = (
    "Why is the sky blue?",
    "Name three rivers — and their délta, s'il vous plaît. 🏞️",
    "Sum up: " + "all work and no play. " * 20,
    "look it up",
)
"""The last one is asked with a tool."""
SLOW: Final = ("hang", "stall", "drip", "drip-head", "drip-body")
STATUSES: Final = ("429", "429", "500", "500", "502", "503", "529", "400", "401", "403", "404", "408", "413", "quota", "context", "filter")
BROKEN: Final = ("refused", "close", "cut", "cut", "reset", "short", "malformed", "empty", "html", "error", "error")
ENDS: Final = ("read", "read", "read", "read", "read", "leave", "drop", "cancel")
"""What the caller does; only a stream can be left or dropped, only a task be cancelled."""


@attrs.frozen(kw_only=True)
class Plan:
    """One call."""

    number: int
    provider: str
    model: str
    question: int
    stream: bool
    waits: bool
    """Whether it is made by the asynchronous twin."""
    fault: str | None
    times: int | None
    """How many tries fail; None for all."""
    steering: str
    pool: bool
    """Whether the fault lies in an alias's first model, and another one can answer."""
    end: str
    patience: int
    """Events that are read before leaving, or milliseconds before cancelling."""

    @property
    def name(self) -> str:
        """What the call is known by."""
        return f"call-{self.number}"

    @property
    def reference(self) -> str:
        """The name that the ring is asked for."""
        return f"{self.provider}-{self.fault}" if self.pool else f"{self.provider}:{self.model}"

    @property
    def key(self) -> tuple[str, int, bool]:
        """What its answer depends on."""
        return f"{self.provider}:{self.model}", self.question, self.stream

    @property
    def options(self) -> dict[str, Any]:
        """The options of the call."""
        headers = {"x-chaos": self.name} | ({"x-simulate": self.steering} if self.steering else {})
        timeout = 0.25 if self.fault in SLOW else 30.0
        tools = {"tools": [TOOL]} if self.question == len(QUESTIONS) - 1 else {}
        return {"extra_headers": headers, "timeout": timeout, **tools}


def models(provider: str) -> list[str]:
    """Give the names of all models of *provider*."""
    base = MODELS[provider]
    return [base, *(f"{base}-v{at}" for at in range(1, VARIANTS))]


def draw(seed: int, number: int) -> Plan:
    """Draw call *number* of the run with *seed*."""
    dice = random.Random(f"{seed} {number}")
    provider = dice.choice([*MODELS])
    stream, waits = dice.random() < 0.5, dice.random() < 0.6
    fault = dice.choices((None, dice.choice(STATUSES), dice.choice(BROKEN), dice.choice(SLOW)), (30, 30, 32, 8))[0]
    pool = fault is not None and dice.random() < 0.15
    if pool and dice.random() < 0.2:
        fault = "closed-port"
    if fault == "short" and not stream:
        fault = "cut"  # only a stream can end well too soon
    times = dice.choice((1, 1, 2, None))
    end = dice.choice(ENDS)
    if (end in {"leave", "drop"} and not stream) or (end == "cancel" and not waits):
        end = "read"
    return Plan(
        number=number,
        provider=provider,
        model=models(provider)[0] if pool else dice.choice(models(provider)),
        question=dice.randrange(len(QUESTIONS)),
        stream=stream,
        waits=waits,
        fault=fault,
        times=None if pool else times,
        steering="" if pool or fault is None else _steering(dice, fault, times, number),
        pool=pool,
        end=end,
        patience=dice.randint(0, 12),
    )


def _steering(dice: random.Random, fault: str, times: int | None, number: int) -> str:
    settings = [f"fault={fault}", f"key={number}", f"after={dice.randint(0, 8)}", f"retry-after={dice.choice(('none', '0', '0.01'))}"]
    return ";".join([*settings, *([f"times={times}"] if times is not None else [])])


def bindings() -> list[dict[str, Any]]:
    """Give the aliases of pools: a model that always fails, then the one that answers."""
    found: list[dict[str, Any]] = []
    for provider, model in MODELS.items():
        found += [
            {"alias": f"{provider}-{fault}", "models": [f"{provider}:{model}+fault={fault}+retry-after=0", f"{provider}:{model}"]}
            for fault in sorted({*STATUSES, *BROKEN, *SLOW})
        ]
        found.append({"alias": f"{provider}-closed-port", "models": [f"closed:{model}", f"{provider}:{model}"]})
    return found
