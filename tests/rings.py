"""Rings over a simulator, for tests; which twin is made is the caller's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from llmring.testing.simulator import Simulator

MODELS = {
    "openai": "openai:gpt-5.4-mini",
    "responses": "responses:gpt-5.4-mini",
    "anthropic": "anthropic:claude-haiku-4-5-20251001",
    "google": "google:gemini-3.5-flash-lite",
    "ollama": "ollama:qwen3:8b",
}
"""One model for each of the five wire formats."""


def settings(simulator: Simulator, **more: Any) -> dict[str, Any]:
    """Give the constructor's arguments for a ring that calls *simulator*."""
    providers: dict[str, dict[str, Any]] = {name: {"base_url": url, "api_key": "sk-simulated-0001"} for name, url in simulator.urls.items()}
    providers["responses"] = {"protocol": "openai_responses", "base_url": simulator.urls["openai"], "api_key": "sk-simulated-0001"}
    return {"providers": providers, "max_retries": 0, "timeout": 10, **more}


def lockfile(folder: Path, **bindings: list[str]) -> Path:
    """Write a lockfile with *bindings* and give its path."""
    path = folder / "llmring.lock"
    entries = [f'[[profiles.default.bindings]]\nalias = "{alias}"\nmodels = {models!r}\n' for alias, models in bindings.items()]
    path.write_text("\n".join(entries), encoding="utf-8")
    return path
