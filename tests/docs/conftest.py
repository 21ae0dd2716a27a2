"""A machine as a reader of the documentation has it: keys are set, a lockfile is there; every provider is the simulator."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmring.testing.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """Run one simulator for all pages."""
    with Simulator(seed=1) as simulator:
        yield simulator


@pytest.fixture
def reader(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the environment of a reader and give the folder in which they work."""
    for name in ("llmring.lock", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    for provider, variable in (
        ("openai", "OPENAI_BASE_URL"),
        ("anthropic", "ANTHROPIC_BASE_URL"),
        ("google", "GOOGLE_GEMINI_BASE_URL"),
        ("ollama", "OLLAMA_HOST"),
        ("openai", "GROQ_BASE_URL"),
        ("openai", "VLLM_BASE_URL"),
    ):
        monkeypatch.setenv(variable, simulator.urls[provider])
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GROQ_API_KEY", "CORP_KEY"):
        monkeypatch.setenv(name, "sk-simulated-0001")
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    return tmp_path
