"""What ``llmring lock chat`` looks like on terminals of 80 and of 120 columns, recorded in ``sessions``: read it as its user would.

What it is meant to look like from now on, its failing test shows; that goes into the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmring.advice import Advisor
from llmring.testing.simulator import Simulator
from tests._core.small_registry import registry, text
from tests.cli.conftest import VARIABLES
from tests.cli.test_lock_chat import LEAVE, TEXT, Talk

RECORDED = Path(__file__).with_name("sessions")
MODELS: dict[str, dict[str, dict[str, Any]]] = {
    "anthropic": {"claude-haiku-4-5-20251001": {"c": 200000, "t": 64000, "y": 7, "p": [{"r": ["1", "5", "0.1"]}], "q": "near-frontier"}},
    "google": {"gemini-3.5-flash-lite": {"c": 1048576, "t": 65536, "y": 7, "p": [{"r": ["0.3", "2.5", "0.03"]}], "s": "fast"}},
    "openai": {
        "gpt-5.4-nano": {"c": 400000, "t": 128000, "y": 7, "p": [{"r": ["0.2", "1.25", "0.02"]}], "s": "fastest"},
        "gpt-5.4-mini": {"c": 400000, "t": 128000, "y": 7, "p": [{"r": ["0.75", "4.5", "0.075"]}]},
    },
}
POOL = ["openai:gpt-5.4-nano", "google:gemini-3.5-flash-lite"]
VOLUME = {"calls_per_month": 2_000_000, "input_tokens": 1500, "output_tokens": 120, "cached_share": 0.5}
SCRIPT: list[Any] = [
    [
        {"name": "show_lockfile"},
        {"name": "recommend_models", "arguments": {"priority": "price", "can": ["tools"], "min_context": 200000, "one_per_provider": True}},
    ],
    [{"name": "estimate_monthly_cost", "arguments": VOLUME | {"models": [*POOL, "anthropic:claude-haiku-4-5-20251001"]}}],
    (
        "For two million short extractions a month, with half of each prompt cached:\n\n"
        "- gpt-5.4-nano: $630\n- gemini-3.5-flash-lite: $1,095\n- claude-haiku-4-5: $2,850\n\n"
        "I would take the first, with the second as its fallback. What shall the alias be called?"
    ),
    [
        {"name": "set_alias", "arguments": {"alias": "extractor", "models": POOL}},
        {"name": "set_requirements", "arguments": {"alias": "extractor", "can": ["tools"], "min_context": 200000}},
        {"name": "set_limits", "arguments": {"provider": "openai", "requests_per_minute": 500}},
        {"name": "check"},
    ],
    [{"name": "propose_save", "arguments": {"summary": "Add extractor, the cheapest that fits, with a fallback of another provider."}}],
    "The draft has extractor with its fallback, what it asks for, and the limit for OpenAI.",
    [{"name": "add_fallback", "arguments": {"alias": "extractor", "model": "anthropic:claude-haiku-4-5-20251001"}}],
    "It comes third, at four times the price of the first.",
]


@pytest.mark.parametrize("columns", [80, 120])
def test_looks_as_it_was_recorded(user: Path, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """A need becomes an alias: asked, priced, drafted, shown, confirmed; then a change that is not saved."""
    (user / "llmring.lock").write_text(TEXT, encoding="utf-8")
    (user / "registry.json").write_text(text(MODELS), encoding="utf-8")
    monkeypatch.setenv("LLMRING_REGISTRY_URL", str(user / "registry.json"))
    with Simulator(script=[{"calls": turn} if isinstance(turn, list) else turn for turn in SCRIPT]) as simulator:
        for provider, url in simulator.urls.items():
            monkeypatch.setenv(VARIABLES[provider], url)
        with Talk("advisor", columns=columns) as talk:
            talk.type("I pull five fields out of two million short mails a month. What is cheap?")
            talk.type("Call it extractor, and not more than 500 requests a minute to OpenAI.")
            talk.confirm("y")
            talk.type("Add Claude behind them.", "/diff", "/check", "/exit")
            talk.confirm("y", LEAVE)
            screen = talk.ended()
    shown = f"$ llmring lock chat\n{screen}"
    assert shown == (RECORDED / f"lock-chat.{columns}.txt").read_text(encoding="utf-8")
    assert max(len(line) for line in shown.splitlines() if line.startswith((" ", "+", "-", "@"))) < columns


def test_figures_are_those_that_the_tool_gives(tmp_path: Path) -> None:
    """The scripted model says nothing wrong."""
    advisor = Advisor(tmp_path / "llmring.lock", registry=registry(MODELS))
    told = advisor.estimate_monthly_cost(**SCRIPT[1][0]["arguments"])
    assert [f"${int(each['monthly']):,}" in SCRIPT[2] for each in told["models"]] == [True, True, True]
