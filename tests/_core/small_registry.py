"""A registry of three models for tests of what a lockfile pins, and ways in which the world moves on."""

from __future__ import annotations

import json
from typing import Any

from llmring._core.registry import Registry

ABILITIES = ["tools", "vision", "reasoning"]
RATES = ["input", "output", "cache_read"]


def rows() -> dict[str, dict[str, dict[str, Any]]]:
    """Give the entries, fresh, to be changed by a test."""
    return {
        "anthropic": {
            "claude-1": {
                "c": 200000,
                "t": 64000,
                "y": 3,
                "w": 4,
                "p": [{"r": ["3", "15"], "t": [[200000, "6"]], "d": "2026-01-01"}],
                "g": 0,
            },
        },
        "ollama": {"qwen3": {"c": 32000}},
        "openai": {
            "gpt-5-2026-03-17": {"a": ["gpt-5"], "c": 400000, "t": 128000, "y": 7, "p": [{"r": ["0.75", "4.5"]}], "x": "2027-03-17"},
            "embed-1": {"k": "embedding", "c": 8000},
        },
    }


def text(models: dict[str, dict[str, dict[str, Any]]] | None = None, date: str = "2026-11-23", digest: str = "aaaa") -> str:
    """Write a registry of *models* as a file has it."""
    head: dict[str, Any] = {
        "format": 1,
        "date": date,
        "digest": digest,
        "abilities": ABILITIES,
        "rates": RATES,
        "aliases": {},
        "sources": ["a list, 2026-11-01"],
    }
    return json.dumps({**head, "models": models or rows()})


def registry(models: dict[str, dict[str, dict[str, Any]]] | None = None, date: str = "2026-11-23", digest: str = "aaaa") -> Registry:
    """Make a registry of *models*."""
    return Registry(text(models, date, digest))
